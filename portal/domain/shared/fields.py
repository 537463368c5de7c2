"""The declaration of every stored field: what it is, whose it is, what erasure does to it.

A store refuses a document with a field its kind does not declare, and a test compares the tables
with the declarations, so nothing is kept that nobody answered for (R55, R82; security reference,
section 5).
"""

from enum import StrEnum
from typing import NamedTuple


class Category(StrEnum):
    """What a field says."""

    IDENTIFIER = "identifier"  # of a record, a person or an organisation, opaque
    CONFIGURATION = "configuration"
    OPERATIONAL = "operational"  # states, counts, versions
    CONTACT_METADATA = "contact_metadata"
    CONTACT_DETAILS = "contact_details"  # numbers, addresses, names: always sealed
    FREE_TEXT = "free_text"  # may hold anything: always sealed
    KEY_MATERIAL = "key_material"
    FIGURES = "figures"


class Subject(StrEnum):
    """Whom a field is about."""

    NOBODY = "nobody"
    CUSTOMER = "customer"
    AGENT = "agent"
    MEMBER = "member"
    ORGANIZATION = "organization"


class Erase(StrEnum):
    """What erasure of its subject does to it."""

    KEEP = "keep"  # says nothing about the subject once the rest is gone
    DELETE = "delete"
    SHRED = "shred"  # sealed: deleted together with the subject's key
    RECOMPUTE = "recompute"


class Purpose(StrEnum):
    """What somebody's contact data may be read for. Nothing declares the last two: there is no way
    by which an address given for verification becomes one for news or bills (R6)."""

    VERIFICATION = "verification"  # proving that mail address and phone are the organisation's
    SECURITY = "security"  # telling of locks, changes, shared codes, lost proofs
    SERVICE = "service"  # telling what the service's terms and its work need
    ACCESS = "access"  # knowing who somebody is, to let them in and to name who did what
    NEWS = "news"
    BILLING = "billing"


SEALED = frozenset({Category.CONTACT_DETAILS, Category.FREE_TEXT})


class Field(NamedTuple):
    """One stored field. `sealed` is whether its bytes are ciphertext; `purposes` are those that
    contact data of members is held for, and read for by `contact_data.opened` alone."""

    name: str
    category: Category
    subject: Subject = Subject.NOBODY
    erase: Erase = Erase.KEEP
    sealed: bool = False
    purposes: frozenset[Purpose] = frozenset()


class Kind(NamedTuple):
    """A kind of document or a table, with its declared fields."""

    name: str
    fields: tuple[Field, ...]

    @property
    def names(self) -> frozenset[str]:
        """The declared names."""
        return frozenset(field.name for field in self.fields)

    def field(self, name: str) -> Field:
        """The declaration of that field. KeyError when there is none."""
        return {one.name: one for one in self.fields}[name]


def faults(kind: Kind) -> list[str]:
    """What is wrong with a declaration: personal fields that are not sealed or never erased,
    contact data of members that is held for nothing."""
    found = []
    for field in kind.fields:
        where = f"{kind.name}.{field.name}"
        if field.category in SEALED and not field.sealed:
            found.append(f"{where}: {field.category} must be sealed")
        if field.subject is not Subject.NOBODY and field.sealed and field.erase is Erase.KEEP:
            found.append(f"{where}: a sealed field of a {field.subject} needs an erase action")
        of_member = field.category is Category.CONTACT_DETAILS and field.subject is Subject.MEMBER
        if of_member and not field.purposes:
            found.append(f"{where}: contact data of a member needs its purposes")
    return found
