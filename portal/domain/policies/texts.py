"""The policies in force, as people read them. A change is a new version, never an edit: the hash
of what somebody accepted must go on being that of the text they read."""

from portal.domain.policies.model import Policy, Version

JANUARY_2026_MS = 1_767_225_600_000
"""2026-01-01T00:00Z."""
VERIFICATION_1 = """\
We ask for a mail address and a phone number of your organisation to verify that it \
is who it says it is, and to send what its security and its service need: links and codes, \
warnings, changes of these terms. We use them for nothing else and sell them to nobody.

The mail address is proven with a link that works once, for 24 hours, for the person who asked for \
it. The phone is proven with a code of eight digits by SMS that works once, for five minutes. SMS \
can be intercepted, so neither ever signs anybody in.

After five wrong attempts further ones are refused for a while, and you are told.

Never share links and codes. We never ask for them. One that shows up in a shared chat is made \
useless.

Outbound calls need a verified organisation. They are switched off when mail address or phone \
change, until both are proven again. Once a year we ask whether they are still right.

Keep what you tell us accurate. We may restrict or suspend organisations that do not, always with \
the reason and a way to object."""
SETUP_1 = """The organisation's name tells it apart from every other and belongs to it alone. The \
tenant code names it to support; it opens nothing, yet keep it to yourselves.

You decide whether calls come in, go out and are recorded. Every decision is kept with its time, \
its author and its reason, and is never written over.

Whoever switches recording on acknowledges for the organisation that it answers for complying with \
the laws on recordings. The acknowledgement can be taken back at any time, which ends recording.

Recordings are encrypted, and only people whom you authorised hear them; every access is written \
down.

Tell your agents how the service handles their data and their calls.

We tell you of changes to these terms at least fourteen days before they take effect. Whoever does \
not accept them by then can go on looking and exporting; declining tells our support, who will \
find a way with you."""
CATALOGUE = (
    Policy(
        "verification",
        "Verification",
        JANUARY_2026_MS,
        (
            Version(
                1,
                VERIFICATION_1,
                "First version.",
                JANUARY_2026_MS,
                JANUARY_2026_MS,
                "Erste Fassung.",
            ),
        ),
    ),
    Policy(
        "organization-setup",
        "Organisation set-up",
        JANUARY_2026_MS,
        (
            Version(
                1, SETUP_1, "First version.", JANUARY_2026_MS, JANUARY_2026_MS, "Erste Fassung."
            ),
        ),
    ),
)
