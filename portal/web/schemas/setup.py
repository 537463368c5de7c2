"""Setting an organisation up: its particulars and their proof, the tenant code, call handling."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from portal.web.schemas.base import Answer, Request

Step = Literal["mail", "phone", "name", "time_zone", "call_handling"]
Standing = Literal[
    "unverified", "mail_proven", "phone_proven", "verified_by_authenticator", "verified"
]
Consent = Literal["one_party", "all_party"]
Why = Annotated[
    str,
    StringConstraints(min_length=3, max_length=500, strip_whitespace=True),
    Field(description="Why, in words; sealed where it is stored"),
]
Seen = Annotated[int, Field(ge=0, description="The version that the caller saw; 0 for none")]
Mail = Annotated[str, StringConstraints(min_length=3, max_length=254, strip_whitespace=True)]
Phone = Annotated[str, StringConstraints(min_length=4, max_length=40, strip_whitespace=True)]


class Proof(Answer):
    """A way to reach the organisation: `value` as it was given, null before; `proven_at` null
    while it is not proven. `sent_at` is when a link or code was last sent for it and
    `resend_after` when the next may be."""

    value: str | None
    masked: str | None
    proven_at: AwareDatetime | None
    sent_at: AwareDatetime | None
    resend_after: AwareDatetime | None


class AuthenticatorProof(Answer):
    """The proof by somebody's authenticator app: `proven_at` null without one, `is_set_up` whether
    the caller has an app that proved."""

    is_set_up: bool
    proven_at: AwareDatetime | None


class Verification(Answer):
    """How far the organisation is verified. `code_ways` are those by which a code can be sent to
    the phone. `locked_until` is set while the caller's attempts are
    refused; `live_challenge` names the code that waits to be typed, if one does."""

    standing: Standing
    mail: Proof
    phone: Proof
    authenticator: AuthenticatorProof
    code_ways: list[Literal["sms", "voice"]]
    locked_until: AwareDatetime | None
    live_challenge: str | None
    challenge_expires_at: AwareDatetime | None
    attest_by: AwareDatetime | None
    attestation_due: bool


class StepState(Answer):
    """One step of the wizard: whether it is done and, if not, what keeps it: "you" for the caller,
    "mail_first" while the mail address is not proven, "administrator" when somebody else must."""

    step: Step
    done: bool
    waits_for: Literal["you", "mail_first", "administrator"] | None


class SetupStatus(Answer):
    """Everything the wizard shows. `wanted_name` is a name that was asked for and is not yet the
    organisation's; whether it is free is told only once the mail address is proven."""

    organization: str
    name: str
    wanted_name: str | None
    region: str
    country: str
    time_zone: str
    time_zone_fixed: Annotated[
        bool, Field(description="Whether contacts were imported, which fixes the time zone")
    ]
    version: int
    may_change: bool
    verification: Verification
    steps: list[StepState]
    next_step: Step | None
    complete: bool


class SetupChange(Request):
    """What the wizard saves at a step; what is left out stays as it is."""

    version: Seen
    name: Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)] = (
        ""
    )
    time_zone: Annotated[str, StringConstraints(max_length=64)] = ""


class MailLink(Request):
    """The address to prove; a link is sent to it."""

    mail: Mail


class LinkToken(Request):
    """What stood behind # in the link."""

    token: Annotated[str, StringConstraints(min_length=16, max_length=128)]


class PhoneCode(Request):
    """The number to prove; a code is sent to it by SMS, or spoken in a call."""

    phone: Phone
    way: Literal["sms", "voice"] = "sms"


class TypedCode(Request):
    """The code as it was typed, and which challenge it answers."""

    challenge: Annotated[str, StringConstraints(min_length=8, max_length=64)]
    code: Annotated[str, StringConstraints(min_length=1, max_length=20, strip_whitespace=True)]


class AuthenticatorSecret(Answer):
    """What the caller's authenticator app learns, told once: the secret to type, and the QR code as
    a data URI of an SVG. It is good for nothing until a code of it came back before `until`."""

    secret: str
    picture: str
    until: AwareDatetime


class AuthenticatorCode(Request):
    """The six digits that the app shows."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=20, strip_whitespace=True)]


class TenantCode(Answer):
    """The tenant code, masked; `code` is whole only right after a reveal or a rotation.
    `former_until` is how long the one before is still recognised."""

    masked: str
    code: str | None
    made_at: AwareDatetime
    former_until: AwareDatetime | None
    version: int


class CallHandling(Answer):
    """Call handling as it was decided: `version` 0 is what was there before any decision.
    `cause` is "person" or what switched something off ("verification_lost", "retracted",
    "standing")."""

    version: int
    inbound: bool
    outbound: bool
    recording: bool
    effective_from: AwareDatetime | None
    changed_at: AwareDatetime | None
    changed_by: str | None
    why: str | None
    cause: str


class Acknowledgement(Answer):
    """Somebody's word that the organisation answers for its recordings."""

    id: str
    text_hash: str
    consent_mode: Consent
    person: str
    given_at: AwareDatetime
    retracted_at: AwareDatetime | None


class AcknowledgementText(Answer):
    """The text to acknowledge, and its SHA-256 to send back."""

    text: str
    text_hash: str


class CallHandlingView(Answer):
    """What is in force (at the instant asked for, or now), what is newest, and the whole history,
    newest first. `outbound_allowed` is whether outbound may be switched on now, `next_step` what
    is missing for it."""

    at: AwareDatetime
    in_force: CallHandling
    newest: CallHandling
    history: list[CallHandling]
    acknowledgement: Acknowledgement | None
    acknowledgements: list[Acknowledgement]
    to_acknowledge: AcknowledgementText
    outbound_allowed: bool
    next_step: Step | None
    may_change: bool


class CallHandlingAt(Request):
    """The instant to look at; now unless told."""

    at: AwareDatetime | None = None


class CallHandlingChange(Request):
    """Call handling as it shall be, from `effective_from` on (now unless told; never earlier)."""

    version: Seen
    inbound: bool
    outbound: bool
    recording: bool
    why: Why
    effective_from: AwareDatetime | None = None


class GiveAcknowledgement(Request):
    """The acknowledgement without which nothing is recorded."""

    text_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    consent_mode: Consent


class Retraction(Request):
    """Why the acknowledgement is taken back; recording goes off with it."""

    why: Why
