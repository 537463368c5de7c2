"""What is stored of messages about requests: who has one, and how far it is."""

from portal.domain.break_glass.model import Told
from portal.domain.shared.documents import Body
from portal.domain.shared.fields import Category, Erase, Field, Kind, Subject

OPERATIONAL, IDENTIFIER = Category.OPERATIONAL, Category.IDENTIFIER
TOLD = Kind(
    "break_glass_told",
    (
        Field("request", IDENTIFIER),
        Field("person", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("stage", OPERATIONAL),
        Field("activity", IDENTIFIER),
        Field("conversation", IDENTIFIER),
        Field("held_until_ms", OPERATIONAL),
        Field("due_at_ms", OPERATIONAL),
        Field("attempts", OPERATIONAL),
    ),
)


def told_body(of: Told) -> Body:
    """A message for the store."""
    body = of._asdict()
    del body["id"]
    return body


def told(id: str, body: Body) -> Told:
    """A stored message."""
    return Told(id, **body)
