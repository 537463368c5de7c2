"""What the product asks of Cosmos DB, counted on the stand-in: an import and a day's summary.

Requests and request units are told by operation. The units are those that each answer reports,
nothing here estimates them: the stand-in says 1 for whatever it answers, a batch included, so on it
they bound nothing and show only that charges arrive; the service fills the same counters with what
it bills. Times on the stand-in say nothing about the service and are left out. A few thousand
contacts do: requests hang on batches and pages, not on how much is stored.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bench.generate import columns
from bench.report import Line
from bench.store import TIME_ZONE, import_day, settings, supervisor
from portal import stores
from portal.domain.dashboards.model import Asked
from portal.domain.shared.days import day_of, day_start_ms
from portal.settings import Settings
from portal.wiring import Services, build
from tests.cosmos import stand_in

CONTACTS: Final = 4_000
DAYS: Final = 2

NOTHING: Final = (0, 0.0)
REPORTED: Final = "RU as the stand-in reports, 1 an answer"

Counts = Mapping[str, tuple[int, float]]
"""Requests and request units by operation."""


async def measure(folder: Path, say: Callable[[str], None]) -> list[Line]:
    """Requests and request units for each 1,000 contacts imported and for a summary, by
    operation."""
    days = list(columns(CONTACTS, days=DAYS))
    first = day_of(int(days[0].arrived_ms[0]), TIME_ZONE)
    asked = Asked(day_start_ms(first, TIME_ZONE), day_start_ms(first + 1, TIME_ZONE))
    async with _opened(folder, say) as services:
        opened = _counted(services)
        for day in days:
            await import_day(services, folder / "day.jsonl", day)
        imported = _counted(services)
        await services.dashboards.summary(asked, actor=supervisor())
        first_told = _counted(services)
        await services.dashboards.summary(asked, actor=supervisor())
        told_again = _counted(services)
    return [
        *_lines("import of 1,000 contacts", opened, imported, CONTACTS / 1000),
        *_lines("summary of a day", imported, first_told, 1),
        *_lines("the same summary again", first_told, told_again, 1),
    ]


@asynccontextmanager
async def _opened(folder: Path, say: Callable[[str], None]) -> AsyncIterator[Services]:
    """The services on a stand-in with nothing in it."""
    place = folder / "cosmos"
    place.mkdir(parents=True)
    with stand_in.running(place) as running:
        key = place / "emulator.key"
        key.write_text(stand_in.KEY, encoding="utf-8")
        chosen = Settings(
            **settings(place).model_dump()
            | {"store": "cosmos", "cosmos_endpoint": running.endpoint, "cosmos_key_file": key}
        )
        for line in await stores.provision(chosen):
            say(f"  {line}")
        services = await build(chosen)
        try:
            yield services
        finally:
            await services.close()


def _counted(services: Services) -> Counts:
    """Requests and their units so far, by operation."""
    charges = services.stores.charges
    return {} if charges is None else charges()


def _lines(name: str, before: Counts, after: Counts, parts: float) -> list[Line]:
    """What was asked and charged between the two counts, in all and by operation, dearest first."""
    made = {one: _between(before.get(one, NOTHING), told, parts) for one, told in after.items()}
    ordered = sorted(
        ((one, told) for one, told in made.items() if told[0]), key=lambda one: (-one[1][1], one[0])
    )
    requests, units = (sum(told[which] for _, told in ordered) for which in (0, 1))
    return [
        _line(f"Cosmos DB, {name}", requests, units, REPORTED),
        *(_line(f"  {one}", *told) for one, told in ordered),
    ]


def _between(
    before: tuple[int, float], after: tuple[int, float], parts: float
) -> tuple[float, float]:
    """Requests and units of one operation, for each of so many parts."""
    requests, units = (later - earlier for earlier, later in zip(before, after, strict=True))
    return requests / parts, units / parts


def _line(name: str, requests: float, units: float, note: str = "") -> Line:
    """One figure in requests, with its request units beside it."""
    charged = f"{units:,.1f} RU"
    return Line(name, requests, "requests", note=f"{charged}, {note}" if note else charged)
