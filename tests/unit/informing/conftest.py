"""The services of development without contacts, at a moment that the tests decide."""

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
    made = await centre.services(tmp_path, clock, monkeypatch)
    yield made
    await made.close()
