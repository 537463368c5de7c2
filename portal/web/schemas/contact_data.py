"""Which contact data is held, and what for."""

from typing import Literal

from portal.web.schemas.base import Answer

Purpose = Literal["verification", "security", "service", "access", "news", "billing"]


class HeldField(Answer):
    """One piece of contact data: `is_held` is whether there is one now, `shown` enough to recognise
    it by, null where nothing is held or it says nothing to people."""

    data: Literal["mail", "phone", "name", "own_mail", "conversation", "message_address"]
    whose: Literal["organization", "you"]
    purposes: list[Purpose]
    is_held: bool
    shown: str | None


class ContactData(Answer):
    """What is held for what; `never` are purposes that nothing is held for."""

    held: list[HeldField]
    never: list[Purpose]
