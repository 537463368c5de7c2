"""Secrets and personal data in what people write: found before anything is stored, masked by
default. Recognisers are small and of our own; numbers of telephones come from a port."""

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping

from portal.domain.incidents.model import Finding
from portal.domain.incidents.ports import Numbers

LEAST_TOKEN, LEAST_BITS = 24, 3.5
EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
CARD = re.compile(r"(?<![0-9])(?:[0-9][ -]?){12,18}[0-9](?![0-9])")
IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{1,4}){3,8}\b")
BLOCK = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.{0,8000}?(?:-----END [A-Z ]{0,40}-----|\Z)", re.DOTALL
)
KEYS = re.compile(
    r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{30,255}"
    r"|xox[abeprs]-[A-Za-z0-9-]{10,255}|sk-[A-Za-z0-9_-]{20,255}|AIza[A-Za-z0-9_-]{35}"
    r"|eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{4,4000}\.[A-Za-z0-9_-]{0,4000})"
)
NAMED = re.compile(
    r"(?i)\b(?:password|passwort|kennwort|passcode|pwd|secret|geheimnis|token|api[ _-]?key"
    r"|accountkey|sharedaccesskey|otp|pin)\b(?:\s+(?:is|ist|was|war|lautet))?\s*[:=]?\s*"
    r"(?P<secret>[^\s,;]{4,200})"
)
LONG = re.compile(r"[A-Za-z0-9+/_=-]{24,4000}")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

Span = tuple[int, int]


def _emails(text: str) -> Iterator[Span]:
    yield from (found.span() for found in EMAIL.finditer(text))


def _cards(text: str) -> Iterator[Span]:
    for found in CARD.finditer(text):
        digits = [int(one) for one in found[0] if one.isdecimal()]
        odd, even = digits[-1::-2], digits[-2::-2]
        doubled = sum(sum(divmod(2 * one, 10)) for one in even)
        if any(digits) and (sum(odd) + doubled) % 10 == 0:
            yield found.span()


def _ibans(text: str) -> Iterator[Span]:
    for found in IBAN.finditer(text):
        compact = found[0].replace(" ", "")
        turned = "".join(str(int(one, 36)) for one in compact[4:] + compact[:4])
        if 15 <= len(compact) <= 34 and int(turned) % 97 == 1:
            yield found.span()


def _keys(text: str) -> Iterator[Span]:
    yield from (found.span() for found in BLOCK.finditer(text))
    yield from (found.span() for found in KEYS.finditer(text))


def _named(text: str) -> Iterator[Span]:
    for found in NAMED.finditer(text):
        written, between = found["secret"], text[found.start() : found.start("secret")]
        said = any(mark in between for mark in ":=") or re.search(
            r"(?i)\b(is|ist|lautet)\b", between
        )
        if said or any(one.isdecimal() for one in written):
            yield found.span("secret")


def _random(text: str) -> Iterator[Span]:
    for found in LONG.finditer(text):
        token = found[0]
        mixed = any(one.isdecimal() for one in token) and any(one.isalpha() for one in token)
        if mixed and not UUID.fullmatch(token) and bits(token) >= LEAST_BITS:
            yield found.span()


def bits(token: str) -> float:
    """Shannon's entropy of its characters, in bits a character."""
    counts = Counter(token).values()
    return -sum(one / len(token) * math.log2(one / len(token)) for one in counts)


RECOGNISERS: tuple[tuple[str, Callable[[str], Iterator[Span]]], ...] = (
    ("key", _keys),
    ("secret", _named),
    ("email", _emails),
    ("iban", _ibans),
    ("card", _cards),
    ("secret", _random),
)
"""In this order: of findings that overlap the earlier recogniser's is kept."""
SORTS = frozenset({"key", "secret", "email", "iban", "card", "phone"})


def findings(field: str, text: str, numbers: Numbers, country: str) -> tuple[Finding, ...]:
    """Everything found in the text, in its order, none over another."""
    kept: list[Finding] = []
    spans = [(sort, span) for sort, find in RECOGNISERS for span in find(text)]
    spans += [("phone", span) for span in numbers.find(text, country)]
    for sort, (start, end) in spans:
        if all(end <= one.start or start >= one.end for one in kept):
            kept.append(Finding(field, sort, start, end))
    return tuple(sorted(kept, key=lambda one: one.start))


def masked(text: str, found: Collection[Finding]) -> str:
    """The text with a word in place of each finding."""
    for one in sorted(found, key=lambda one: -one.start):
        text = f"{text[: one.start]}[{one.sort}]{text[one.end :]}"
    return text


def safe(
    texts: Mapping[str, str], numbers: Numbers, country: str, keep: Collection[str] = ()
) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """The texts as they may be stored, and everything that was found; findings of the sorts to
    `keep` stay as written."""
    found = [one for name, text in texts.items() for one in findings(name, text, numbers, country)]
    away = [one for one in found if one.sort not in keep]
    made = {
        name: masked(text, [one for one in away if one.field == name])
        for name, text in texts.items()
    }
    return made, tuple(found)
