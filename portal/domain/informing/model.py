"""Notices in editions, who must know them, and what is known of each person."""

import json
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

LANGUAGES = ("en", "de")


class Audience(StrEnum):
    """Who must know a notice."""

    AGENTS = "agents"
    EVERYONE = "everyone"


class Way(StrEnum):
    """Where somebody confirmed."""

    TEAMS = "teams"
    TAB = "tab"


class Text(NamedTuple):
    """A notice in one language, in the organisation's own words."""

    title: str
    text: str


class Edition(NamedTuple):
    """One edition of the organisation's notice, numbered from 1; it is never changed. `texts` are
    by language, one at least."""

    number: int
    texts: Mapping[str, Text]
    published_by: str
    published_at_ms: int

    @property
    def text_hash(self) -> str:
        """SHA-256 of every language's title and text, which a confirmation names."""
        said = [[one, *self.texts[one]] for one in sorted(self.texts)]
        return sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    def text(self, language: str) -> tuple[str, Text]:
        """The text for a reader of that language, and the language it is in."""
        chosen = language if language in self.texts else next(iter(sorted(self.texts)))
        return chosen, self.texts[chosen]


class Terms(NamedTuple):
    """How an organisation informs its people; version 0 before anybody decided. `number` is the
    newest edition's, 0 for none; `required` asks who has not confirmed it before any figure."""

    version: int = 0
    number: int = 0
    audience: Audience = Audience.AGENTS
    required: bool = False


class Word(NamedTuple):
    """Somebody's confirmation of an edition."""

    number: int
    at_ms: int
    way: Way
    text_hash: str


class Known(NamedTuple):
    """What is known of one person: their confirmations, oldest first, and how often and when they
    were last asked for the edition `asked`."""

    person: str
    words: tuple[Word, ...] = ()
    asked: int = 0
    asks: int = 0
    asked_at_ms: int = 0

    def word(self, number: int) -> Word | None:
        """Their confirmation of that edition."""
        return next((one for one in self.words if one.number == number), None)


class Own(NamedTuple):
    """What a person has to read: the newest edition, None before there is one; whether it is for
    them, whether they see no figures before, and their confirmation of it."""

    edition: Edition | None
    concerned: bool
    required: bool
    word: Word | None

    @property
    def waits(self) -> bool:
        """Whether they are asked to confirm it."""
        return self.edition is not None and self.concerned and self.word is None


class Listed(NamedTuple):
    """Somebody who must know the notice."""

    person: str
    name: str
    word: Word | None
    asks: int
    asked_at_ms: int


class Missing(StrEnum):
    """Why a coverage cannot be derived."""

    NOTHING_PUBLISHED = "nothing_published"
    NOBODY_KNOWN = "nobody_known"


class Coverage(NamedTuple):
    """How many of those who must know the notice have confirmed it. `people` are None for who may
    not see names."""

    confirmed: int
    total: int
    missing: Missing | None
    people: tuple[Listed, ...] | None

    @property
    def percent(self) -> float | None:
        """Of those who must know it, None where it cannot be derived."""
        return None if self.missing else 100 * self.confirmed / self.total
