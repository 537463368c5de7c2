"""Whom a conversation was with."""

from portal.adapters.sources.framing.values import phone_number
from portal.adapters.sources.genesys.payload import Conversation, Session
from portal.domain.contacts.model import Customer, Direction

_OUTSIDE = frozenset({"customer", "external"})


def customer_of(
    conversation: Conversation, direction: Direction, region: str | None
) -> Customer | None:
    """The first participant from outside: number, mail address, name, external contact."""
    for participant in conversation.participants:
        if participant.purpose.lower() not in _OUTSIDE:
            continue
        number = email = None
        for session in participant.sessions:
            email = email or _email(session)
            number = number or _number(session, direction, region)
        name = participant.participant_name
        if name and not any(map(str.isalpha, name)):
            name = None
        found = Customer(number, email, name or None, participant.external_contact_id or None)
        return found if any(found) else None
    return None


def _email(session: Session) -> str | None:
    if (session.media_type or "").lower() != "email":
        return None
    address = session.address_from or session.address_other or session.ani or ""
    return address.strip().lower() if "@" in address else None


def _number(session: Session, direction: Direction, region: str | None) -> str | None:
    """The customer's end of a call: `tel:+12025550101`, `sip:+12025550101@host`, or bare."""
    text = session.dnis if direction is Direction.OUTBOUND else session.ani
    if not text or (session.media_type or "").lower() not in {"voice", "callback"}:
        return None
    text = text.strip()
    if text.lower().startswith(("sip:", "sips:")):
        text = text.partition(":")[2].partition("@")[0]
    if not any(map(str.isdigit, text)):
        return None
    return phone_number(text, region)
