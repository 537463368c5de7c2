"""What every column of the tables is, whose it is, and what erasure does to it.

Documents declare their own fields (`Kind` beside each feature); `documents.body` holds those. A
test compares this with the tables as they are.
"""

from portal.domain.shared.fields import Category, Erase, Field, Kind, Subject

_IDENTIFIER, _CONFIGURATION = Category.IDENTIFIER, Category.CONFIGURATION
_OPERATIONAL, _METADATA = Category.OPERATIONAL, Category.CONTACT_METADATA
_KEY, _FIGURES, _DETAILS = Category.KEY_MATERIAL, Category.FIGURES, Category.CONTACT_DETAILS
_CUSTOMER, _AGENT = Subject.CUSTOMER, Subject.AGENT
_OWNER = Field("organization", _IDENTIFIER, Subject.ORGANIZATION)


def _of(category: Category, *names: str) -> tuple[Field, ...]:
    """Fields about nobody."""
    return tuple(Field(name, category) for name in names)


TABLES = (
    Kind(
        "documents",
        (
            Field("pk", _IDENTIFIER, Subject.ORGANIZATION),
            *_of(_IDENTIFIER, "kind", "id"),
            *_of(_OPERATIONAL, "body", "etag", "expires_at", "seq"),
        ),
    ),
    Kind("feed", _of(_OPERATIONAL, "id", "seq")),
    Kind("store", (*_of(_OPERATIONAL, "id"), *_of(_CONFIGURATION, "region"))),
    Kind(
        "organizations",
        (
            Field("number", _IDENTIFIER, Subject.ORGANIZATION),
            Field("pk", _IDENTIFIER, Subject.ORGANIZATION),
            *_of(_CONFIGURATION, "time_zone"),
            *_of(_OPERATIONAL, "revision", "as_of", "imported_at", "subjects"),
        ),
    ),
    Kind("sources", (*_of(_IDENTIFIER, "number"), *_of(_CONFIGURATION, "name"))),
    Kind(
        "queues",
        (_OWNER, *_of(_IDENTIFIER, "number", "source"), *_of(_CONFIGURATION, "key", "name")),
    ),
    Kind(
        "agents",
        (
            _OWNER,
            Field("number", _IDENTIFIER, _AGENT),  # says nothing once the row's key is gone
            *_of(_IDENTIFIER, "source"),
            Field("ref", _IDENTIFIER, _AGENT, Erase.DELETE, sealed=True),
            Field("wrapped", _KEY, _AGENT, Erase.DELETE, sealed=True),
            Field("sealed", _DETAILS, _AGENT, Erase.SHRED, sealed=True),
        ),
    ),
    Kind(
        "subjects",
        (
            *_of(_IDENTIFIER, "id"),
            _OWNER,
            Field("number", _IDENTIFIER, _CUSTOMER, Erase.DELETE),
            Field("ref", _IDENTIFIER, _CUSTOMER, Erase.DELETE, sealed=True),
            Field("wrapped", _KEY, _CUSTOMER, Erase.DELETE, sealed=True),
        ),
    ),
    Kind(
        "contacts",
        (
            *_of(_IDENTIFIER, "id"),
            _OWNER,
            *_of(_IDENTIFIER, "source"),
            Field("record", _IDENTIFIER, _CUSTOMER),  # the vendor's own opaque id
            *_of(_METADATA, "leg", "version", "started", "arrived", "ended", "queue"),
            Field("agent", _METADATA, _AGENT),
            *_of(_METADATA, "channel", "direction", "outcome", "wait", "talk", "hold"),
            *_of(_METADATA, "after_contact_work", "transferred"),
            Field("customer", _METADATA, _CUSTOMER),  # a number whose subject's row is deleted
            Field("sealed", _DETAILS, _CUSTOMER, Erase.SHRED, sealed=True),
        ),
    ),
    Kind(
        "records_runs",
        (
            *_of(_IDENTIFIER, "id"),
            *_of(_OPERATIONAL, "length"),
            Field("entries", _IDENTIFIER, _CUSTOMER),
        ),
    ),
    Kind(
        "subjects_runs",
        (
            *_of(_IDENTIFIER, "id"),
            *_of(_OPERATIONAL, "length"),
            Field("entries", _IDENTIFIER, _CUSTOMER, Erase.DELETE, sealed=True),  # parts of refs
        ),
    ),
    Kind(
        "pages",
        (*_of(_IDENTIFIER, "id"), *_of(_OPERATIONAL, "stamp"), *_of(_FIGURES, "glance", "queues")),
    ),
    Kind(
        "page_agents",
        (*_of(_IDENTIFIER, "id"), Field("agents", _FIGURES, _AGENT, Erase.RECOMPUTE)),
    ),
    Kind(
        "page_values",
        (*_of(_IDENTIFIER, "id"), Field("values", _FIGURES, _CUSTOMER, Erase.RECOMPUTE)),
    ),
    Kind("unsettled_days", (_OWNER, *_of(_OPERATIONAL, "day"))),
    Kind(
        "agent_days",
        (
            _OWNER,
            Field("agent", _IDENTIFIER, _AGENT),
            *_of(_OPERATIONAL, "day"),
            Field("cells", _FIGURES, _AGENT, Erase.RECOMPUTE),
        ),
    ),
)
