"""How versions differ, and which policies hold somebody to looking."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from portal.domain.policies.model import DiffLine, Policy


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text."""
    return [one.strip() for one in text.split("\n\n") if one.strip()]


def difference(before: str, after: str) -> tuple[DiffLine, ...]:
    """Paragraph by paragraph what stayed, went and came; what stayed and came makes the newer
    text, what stayed and went the older."""
    old, new = paragraphs(before), paragraphs(after)
    lines: list[DiffLine] = []
    for tag, from_old, to_old, from_new, to_new in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            lines += [DiffLine("same", one) for one in old[from_old:to_old]]
        else:
            lines += [DiffLine("removed", one) for one in old[from_old:to_old]]
            lines += [DiffLine("added", one) for one in new[from_new:to_new]]
    return tuple(lines)


def faults(catalogue: Sequence[Policy]) -> list[str]:
    """What is wrong with a catalogue: numbers that skip, versions in force before they were
    published for long enough, two that say the same."""
    found = []
    for policy in catalogue:
        numbers = [one.number for one in policy.versions]
        if numbers != list(range(1, len(numbers) + 1)) or not numbers:
            found.append(f"{policy.id}: versions are numbered from 1 without gaps")
        for before, after in zip(policy.versions, policy.versions[1:], strict=False):
            if after.effective_at_ms - after.published_at_ms < NOTICE_MS:
                found.append(f"{policy.id} {after.number}: told less than 14 days before")
            if after.effective_at_ms <= before.effective_at_ms:
                found.append(f"{policy.id} {after.number}: in force before its predecessor")
            if after.text == before.text:
                found.append(f"{policy.id} {after.number}: says what {before.number} says")
    return found


NOTICE_MS = 14 * 24 * 3600 * 1000
"""How long before it takes effect a change is told at the latest."""
