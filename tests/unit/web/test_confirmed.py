"""Copies confirmed a moment ago: told again only while nothing about them can have changed."""

import time

import pytest

from portal.web import remembering
from portal.web.remembering import Confirmed, Moment

HELD = ("Bearer a", "/api/x?from=1", '"7-abc"')


@pytest.fixture
def confirmed() -> Confirmed:
    kept = Confirmed(seconds=5)
    kept.put(*HELD, "7-abc", "harbour", (7, 100))
    return kept


@pytest.mark.parametrize(
    ("asked", "moment", "told"),
    [
        (HELD, (7, 100), "7-abc"),
        (HELD, (8, 100), None),
        (HELD, (7, 101), None),
        (HELD, None, None),
        (("Bearer b", *HELD[1:]), (7, 100), None),
        ((HELD[0], "/api/x?from=2", HELD[2]), (7, 100), None),
        ((*HELD[:2], '"6-abc"'), (7, 100), None),
        ((*HELD[:2], "*"), (7, 100), None),
    ],
)
def test_only_the_same_question_of_the_same_moment_is_told_again(
    confirmed: Confirmed, asked: tuple[str, str, str], moment: Moment | None, told: str | None
) -> None:
    assert confirmed.get(*asked, lambda _: moment) == told


def test_credentials_are_looked_at_again_after_a_few_seconds(
    confirmed: Confirmed, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = time.monotonic() + 5.1
    monkeypatch.setattr(remembering, "monotonic", lambda: later)
    assert confirmed.get(*HELD, lambda _: (7, 100)) is None


def test_too_many_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "MOST_TAGS", 2)
    kept = Confirmed()
    for n in range(3):
        kept.put(f"Bearer {n}", "/", '"t"', "t", "harbour", (1, 1))
    assert kept.get("Bearer 0", "/", '"t"', lambda _: (1, 1)) is None
    assert kept.get("Bearer 2", "/", '"t"', lambda _: (1, 1)) == "t"
