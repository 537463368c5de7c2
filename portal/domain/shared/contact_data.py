"""The one place where contact data of members is unsealed: addresses, numbers, names.

Each such field declares what it is held for (portal/domain/shared/fields.py); a read names what it
is for and gets nothing for anything else (R6). A test finds every other place that would open one.
"""

from portal.domain.shared.errors import Forbidden
from portal.domain.shared.fields import Kind, Purpose
from portal.domain.shared.sealing import Keyring


class WrongPurpose(Forbidden):
    """A read for something that the field is not held for; `field` is kind and name."""

    code = "wrong-purpose"

    def __init__(self, field: str, purpose: Purpose) -> None:
        super().__init__(f"This was not given for {purpose}, so it is not read for it.")
        self.field = field
        self.purpose = purpose


def check(kind: Kind, name: str, *purposes: Purpose) -> None:
    """Raises WrongPurpose unless the field is held for every purpose named, and for one at
    least."""
    held = kind.field(name).purposes
    for purpose in purposes:
        if purpose not in held:
            raise WrongPurpose(f"{kind.name}.{name}", purpose)
    if not purposes:
        raise ValueError(f"{kind.name}.{name} is read for nothing")


def opened(
    kind: Kind,
    name: str,
    purposes: tuple[Purpose, ...],
    keyring: Keyring,
    *,
    key: bytes,
    context: str,
    sealed: bytes,
) -> bytes:
    """The field's plain bytes, for these purposes. WrongPurpose; Unavailable when it was tampered
    with."""
    check(kind, name, *purposes)
    return keyring.open(key, context, sealed)
