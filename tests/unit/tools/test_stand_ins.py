"""A stand-in that does not start: named, and a failure where stand-ins are required."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests import stand_ins


@contextmanager
def broken() -> Iterator[str]:
    assert not (reason := "no Node here"), reason
    yield ""


@contextmanager
def working() -> Iterator[str]:
    yield "address"


def test_without_the_switch_its_tests_are_left_out_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(stand_ins.VARIABLE, raising=False)
    with pytest.raises(pytest.skip.Exception, match="left out, the stand-in for Blob Storage"):
        next(stand_ins.start("Blob Storage", broken()))


def test_where_it_is_required_they_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(stand_ins.VARIABLE, "required")
    with pytest.raises(pytest.fail.Exception, match=r"Blob Storage .* no Node here"):
        next(stand_ins.start("Blob Storage", broken()))


def test_one_that_starts_is_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(stand_ins.VARIABLE, "required")
    assert list(stand_ins.start("Blob Storage", working())) == ["address"]
