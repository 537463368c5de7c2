"""What an organisation tells its people about their data and calls, and who has confirmed it."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from portal.domain.informing.rules import LONGEST_TEXT, LONGEST_TITLE
from portal.web.schemas.base import Answer, Request

Language = Literal["en", "de"]
Audience = Literal["agents", "everyone"]


class NoticeText(Answer):
    """The notice in one language."""

    language: Language
    title: str
    text: str


class Notice(Answer):
    """One edition; `text_hash` is the SHA-256 over its texts."""

    number: int
    texts: list[NoticeText]
    text_hash: str
    published_at: AwareDatetime


class OwnNotice(Answer):
    """What the caller has to read: the newest edition, null before there is one. `waits` is
    whether they are asked to confirm it, `required` whether they see no figures before."""

    notice: Notice | None
    waits: bool
    required: bool
    confirmed_at: AwareDatetime | None


class NoticeConfirmation(Request):
    """The edition that was read, by number and hash."""

    number: Annotated[int, Field(ge=1)]
    text_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Notices(Answer):
    """Every edition, the newest first, and how people are informed; `version` is what a change
    names."""

    version: int
    audience: Audience
    required: bool
    may_change: bool
    editions: list[Notice]


class NewNoticeText(Request):
    """The notice in one language, in the organisation's own words."""

    language: Language
    title: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TITLE)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]


class NewNotice(Request):
    """Another edition; everybody whom it concerns is asked for it anew."""

    version: Annotated[int, Field(ge=0)]
    texts: Annotated[list[NewNoticeText], Field(min_length=1, max_length=2)]


class NoticeTerms(Request):
    """Who must know the notice, and whether they see no figures before they confirm it."""

    version: Annotated[int, Field(ge=0)]
    audience: Audience
    required: bool


class InformedPerson(Answer):
    """Somebody who must know the notice; `asks` is how often they were asked for it."""

    person: str
    name: str
    confirmed_at: AwareDatetime | None
    way: Literal["teams", "tab"] | None
    asks: int
    asked_at: AwareDatetime | None


class NoticeCoverage(Answer):
    """How many of those who must know the newest edition confirmed it. `percent` is null where it
    cannot be derived, `reason` says why; `people` is null for who may not see names."""

    confirmed: int
    total: int
    percent: float | None
    reason: Literal["nothing_published", "nobody_known"] | None
    people: list[InformedPerson] | None
