"""What verification is stored as, and back. Address and number are sealed under a key of their
own; of links and codes only hashes are there."""

import base64
import json

from portal.domain.shared import contact_data
from portal.domain.shared.documents import Body
from portal.domain.shared.fields import Category, Erase, Field, Kind, Purpose, Subject
from portal.domain.shared.sealing import Keyring
from portal.domain.verification.model import Attempts, Contact, Reach

OPERATIONAL, IDENTIFIER = Category.OPERATIONAL, Category.IDENTIFIER
CONTACT_ID = LINK_ID = "organization"
CONTACT = Kind(
    "verification_contact",
    (
        Field("key", Category.KEY_MATERIAL, Subject.MEMBER, Erase.DELETE, sealed=True),
        Field(
            "mail",
            Category.CONTACT_DETAILS,
            Subject.MEMBER,
            Erase.SHRED,
            sealed=True,
            purposes=frozenset({Purpose.VERIFICATION, Purpose.SECURITY, Purpose.SERVICE}),
        ),
        Field(
            "phone",
            Category.CONTACT_DETAILS,
            Subject.MEMBER,
            Erase.SHRED,
            sealed=True,
            purposes=frozenset({Purpose.VERIFICATION, Purpose.SECURITY}),
        ),
        Field("mail_proven_at_ms", OPERATIONAL),
        Field("phone_proven_at_ms", OPERATIONAL),
        Field("mail_proven_by", IDENTIFIER, Subject.MEMBER, Erase.KEEP),
        Field("phone_proven_by", IDENTIFIER, Subject.MEMBER, Erase.KEEP),
        Field("mail_sent_at_ms", OPERATIONAL),
        Field("phone_sent_at_ms", OPERATIONAL),
        Field("attested_at_ms", OPERATIONAL),
        Field("authenticator_proven_at_ms", OPERATIONAL),
        Field("authenticator_proven_by", IDENTIFIER, Subject.MEMBER, Erase.KEEP),
    ),
)
LINK = Kind(
    "verification_link",
    (
        Field("hash", OPERATIONAL),
        Field("person", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("index", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
    ),
)
"""The one living link: a new one takes its place."""
CHALLENGE = Kind(
    "verification_challenge",
    (
        Field("challenge", IDENTIFIER),
        Field("mac", OPERATIONAL),
        Field("person", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("index", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("tries", OPERATIONAL),
    ),
)
"""The one living code of a person."""
ATTEMPTS = Kind(
    "verification_attempts", tuple(Field(name, OPERATIONAL) for name in Attempts._fields)
)
AUTHENTICATOR = Kind(
    "verification_authenticator",
    (
        Field("person", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("key", Category.KEY_MATERIAL, Subject.MEMBER, Erase.DELETE, sealed=True),
        Field("secret", Category.KEY_MATERIAL, Subject.MEMBER, Erase.SHRED, sealed=True),
        Field("step", OPERATIONAL),
    ),
)
"""A person's authenticator app: its sealed secret and the newest step that was used."""
SENDS = Kind("verification_sends", (Field("sent", OPERATIONAL), Field("proven", OPERATIONAL)))
"""When something was sent to a person, for an organisation, to a number (by blind index)."""
BLOCK = Kind("verification_block", (Field("numbers", OPERATIONAL), Field("sent", OPERATIONAL)))
"""Blind indexes of the numbers of a block of a thousand that were tried lately, with when, and when
anything was sent to any of them."""
ALARM = Kind("verification_alarm", (Field("at_ms", OPERATIONAL),))


def challenge_id(person: str) -> str:
    """Where the person's living code is."""
    return f"phone|{person}"


def contact_body(of: Contact, keyring: Keyring) -> Body:
    """Contact particulars for the store, under a fresh key."""
    key = keyring.new_key()

    def sealed(field: str, value: str) -> str:
        plain = json.dumps(value).encode()
        return base64.b64encode(keyring.seal(key.key, f"contact|{field}", plain)).decode()

    return {
        "key": base64.b64encode(key.wrapped).decode(),
        "mail": sealed("mail", of.mail.value),
        "phone": sealed("phone", of.phone.value),
        "mail_proven_at_ms": of.mail.proven_at_ms,
        "phone_proven_at_ms": of.phone.proven_at_ms,
        "mail_proven_by": of.mail.proven_by,
        "phone_proven_by": of.phone.proven_by,
        "mail_sent_at_ms": of.mail.sent_at_ms,
        "phone_sent_at_ms": of.phone.sent_at_ms,
        "attested_at_ms": of.attested_at_ms,
        "authenticator_proven_at_ms": of.authenticator.proven_at_ms,
        "authenticator_proven_by": of.authenticator.proven_by,
    }


def contact(body: Body, keyring: Keyring, purposes: tuple[Purpose, ...]) -> Contact:
    """Stored contact particulars, read for these purposes. WrongPurpose; Unavailable when they
    were tampered with."""
    bare = proven(body)
    mail, phone = (value(body, field, keyring, purposes) for field in ("mail", "phone"))
    return bare._replace(
        mail=bare.mail._replace(value=mail), phone=bare.phone._replace(value=phone)
    )


def proven(body: Body) -> Contact:
    """What was proven of stored particulars, the particulars themselves left sealed: "" here."""

    def reach(field: str) -> Reach:
        stored = (body[f"{field}_{what}"] for what in ("proven_at_ms", "proven_by", "sent_at_ms"))
        return Reach("", *stored)

    # Particulars of before there were apps say nothing of one.
    authenticator = Reach(
        "", body.get("authenticator_proven_at_ms", 0), body.get("authenticator_proven_by", "")
    )
    return Contact(reach("mail"), reach("phone"), body["attested_at_ms"], authenticator)


def value(body: Body, field: str, keyring: Keyring, purposes: tuple[Purpose, ...]) -> str:
    """The address or number alone. WrongPurpose, Unavailable."""
    plain = contact_data.opened(
        CONTACT,
        field,
        purposes,
        keyring,
        key=keyring.unwrap(base64.b64decode(body["key"])),
        context=f"contact|{field}",
        sealed=base64.b64decode(body[field]),
    )
    return str(json.loads(plain))
