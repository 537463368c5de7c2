"""Policies and what people say to them."""

from enum import StrEnum
from hashlib import sha256
from typing import Final, NamedTuple

LANGUAGE: Final = "en"
"""The language in which the texts of policies are binding."""
REVIEW_MS = 365 * 24 * 3600 * 1000


class Version(NamedTuple):
    """One version: published, so that people are told; in force from `effective_at_ms` on. The
    text is binding in LANGUAGE; `summary_de` says in German what `summary` does, "" where nobody
    wrote it."""

    number: int
    text: str
    summary: str
    published_at_ms: int
    effective_at_ms: int
    summary_de: str = ""

    @property
    def text_hash(self) -> str:
        """SHA-256 of the text, which an acceptance names."""
        return sha256(self.text.encode()).hexdigest()


class Policy(NamedTuple):
    """A policy with its versions, oldest first, numbered from 1; the first is in force from the
    beginning. It is reviewed within a year of `reviewed_at_ms`."""

    id: str
    title: str
    reviewed_at_ms: int
    versions: tuple[Version, ...]

    @property
    def review_due_ms(self) -> int:
        """When somebody must have looked at it again."""
        return self.reviewed_at_ms + REVIEW_MS

    def published(self, now_ms: int) -> tuple[Version, ...]:
        """What people may know of."""
        return tuple(one for one in self.versions if one.published_at_ms <= now_ms)

    def current(self, now_ms: int) -> Version:
        """The version in force."""
        by_now = [one for one in self.versions if one.effective_at_ms <= now_ms]
        return by_now[-1] if by_now else self.versions[0]

    def coming(self, now_ms: int) -> Version | None:
        """The published version that is not yet in force, the next if several."""
        later = [one for one in self.published(now_ms) if one.effective_at_ms > now_ms]
        return later[0] if later else None


class Said(StrEnum):
    """What somebody said to a version."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


class Word(NamedTuple):
    """Somebody's word on a version; `request` is the support request of a refusal."""

    number: int
    said: Said
    at_ms: int
    text_hash: str
    request: str = ""


class Own(NamedTuple):
    """A policy and what the caller said to it, by version."""

    policy: Policy
    words: tuple[Word, ...]
    now_ms: int

    @property
    def accepted(self) -> bool:
        """Whether the version in force, or one that comes after it, was accepted."""
        needed = self.policy.current(self.now_ms).number
        return any(one.said is Said.ACCEPTED and one.number >= needed for one in self.words)

    @property
    def accept_by_ms(self) -> int:
        """When the caller will only look and export; 0 when nothing is open or it is so now."""
        coming = self.policy.coming(self.now_ms)
        if coming is None or not self.accepted:
            return 0
        done = any(one.said is Said.ACCEPTED and one.number >= coming.number for one in self.words)
        return 0 if done else coming.effective_at_ms


class DiffLine(NamedTuple):
    """A paragraph: `change` is same, added or removed."""

    change: str
    text: str
