"""Incidents on services of their own, in an empty store of two organisations."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(centre.NOW_MS)


@pytest.fixture
async def services(
    tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Services]:
    built = await centre.services(tmp_path, clock, monkeypatch)
    yield built
    await built.close()
