"""What unit tests of alerts and of the bot begin from: the services on two days of contacts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two days of sample contacts."""
    return centre.filled(tmp_path_factory.mktemp("template"))


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(centre.NOW_MS)


@pytest.fixture
async def services(
    template: Path, tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Services]:
    """The services on an own copy of the store."""
    built = await centre.services(centre.copied(template, tmp_path), clock, monkeypatch)
    yield built
    await built.close()
