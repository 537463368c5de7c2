"""The text without whose acknowledgement nothing is recorded (R20)."""

from hashlib import sha256

TEXT = """By switching call recording on, we acknowledge that our organisation is responsible for \
complying with every law on recording conversations, data protection and employment that applies \
to its calls, wherever the people on them are.

We have found out whether one party or all parties to a call must consent, chose the stricter \
where several laws apply, and tell people on calls that they are recorded as those laws ask.

Recordings are encrypted, access to them is limited to authorised people and every access is \
written down. We may take this acknowledgement back at any time; recording stops with it."""
TEXT_HASH = sha256(TEXT.encode()).hexdigest()
