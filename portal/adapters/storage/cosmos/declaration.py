"""What every field of every item is, whose it is, and what erasure does to it.

Documents declare their own fields (`Kind` beside each feature); `body` of a document's item holds
those. A test compares this with a store that was filled.
"""

from portal.domain.shared.fields import Category, Erase, Field, Kind, Subject

_IDENTIFIER, _CONFIGURATION = Category.IDENTIFIER, Category.CONFIGURATION
_OPERATIONAL, _METADATA = Category.OPERATIONAL, Category.CONTACT_METADATA
_KEY, _FIGURES, _DETAILS = Category.KEY_MATERIAL, Category.FIGURES, Category.CONTACT_DETAILS
_CUSTOMER, _AGENT = Subject.CUSTOMER, Subject.AGENT


def _of(category: Category, *names: str) -> tuple[Field, ...]:
    """Fields about nobody."""
    return tuple(Field(name, category) for name in names)


def _item(name: str, *fields: Field, id: Field | None = None) -> Kind:
    """A kind of item: what every item has, and its own."""
    head = (id or Field("id", _IDENTIFIER), Field("pk", _IDENTIFIER, Subject.ORGANIZATION))
    return Kind(name, (*head, *_of(_OPERATIONAL, "kind"), *fields))


_CONTACT = (
    *_of(_IDENTIFIER, "number"),
    *_of(_CONFIGURATION, "source"),
    Field("record", _IDENTIFIER, _CUSTOMER),  # the vendor's own opaque id
    *_of(_METADATA, "leg", "version", "started", "arrived", "ended", "queue"),
    Field("agent", _METADATA, _AGENT),
    *_of(_METADATA, "channel", "direction", "outcome", "wait", "talk", "hold"),
    *_of(_METADATA, "after_contact_work", "transferred"),
    Field("customer", _METADATA, _CUSTOMER),  # a number whose item is deleted
    Field("ref", _IDENTIFIER, _CUSTOMER, Erase.DELETE, sealed=True),  # a blind index
    Field("sealed", _DETAILS, _CUSTOMER, Erase.SHRED, sealed=True),
)
_PAGE = (
    *_of(_OPERATIONAL, "number", "seq", "stamp"),
    *_of(_FIGURES, "glance"),
    Field("parts", _FIGURES, _CUSTOMER, Erase.RECOMPUTE),
    *_of(_OPERATIONAL, "pieces"),
)
CONTACT_ITEMS = (
    _item("contact", *_CONTACT),
    _item("ended", *_CONTACT),
    _item(
        "record",
        *_of(_OPERATIONAL, "version"),
        *_of(_IDENTIFIER, "contacts"),
        Field("digest", _IDENTIFIER, _CUSTOMER, Erase.DELETE, sealed=True),  # a blind index
        id=Field("id", _IDENTIFIER, _CUSTOMER),  # a hash of the vendor's own opaque id
    ),
    _item(
        "customer",
        Field("number", _IDENTIFIER, _CUSTOMER, Erase.DELETE),
        Field("wrapped", _KEY, _CUSTOMER, Erase.DELETE, sealed=True),
        id=Field("id", _IDENTIFIER, _CUSTOMER, Erase.DELETE, sealed=True),  # a blind index
    ),
    _item("queues", *_of(_CONFIGURATION, "queues")),
    _item(
        "agent",
        Field("number", _IDENTIFIER, _AGENT),  # says nothing once the item's key is gone
        *_of(_CONFIGURATION, "source"),
        Field("wrapped", _KEY, _AGENT, Erase.DELETE, sealed=True),
        Field("sealed", _DETAILS, _AGENT, Erase.SHRED, sealed=True),
        id=Field("id", _IDENTIFIER, _AGENT, Erase.DELETE, sealed=True),  # a blind index
    ),
    _item(
        "facts",
        *_of(_OPERATIONAL, "seq", "token"),
        Field("data", _FIGURES, _CUSTOMER, Erase.RECOMPUTE),
    ),
    _item(
        "steps",
        *_of(_OPERATIONAL, "seq", "token"),
        Field("data", _DETAILS, _CUSTOMER, Erase.SHRED, sealed=True),  # items as above
    ),
    _item("fence", *_of(_OPERATIONAL, "seq", "part")),
    _item("lease", *_of(_OPERATIONAL, "owner", "until_ms")),
)
PAGE_ITEMS = (
    _item("slot", *_PAGE),
    _item("day", *_PAGE),
    _item("piece", Field("data", _FIGURES, _CUSTOMER, Erase.RECOMPUTE)),
)
