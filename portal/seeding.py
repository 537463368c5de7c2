"""Sample contacts (development only): generated as the vendors would write them, then imported.

The first start imports thirty days. Every later one asks for the days since the last, and the few
before that were still going on; what is in already is recognised and not counted twice.
"""

import asyncio
import io
import sys
from datetime import date, timedelta

from portal.domain.access.model import Role
from portal.domain.access.rules import acting_as
from portal.domain.contacts.imports import Wanted
from portal.domain.organizations.standing import Activity
from portal.domain.shared.days import day_of
from portal.sample import generate
from portal.sample.organizations import ORGANIZATIONS, QUEUE_NAMES
from portal.wiring import Services, SystemClock

SAMPLE = "sample"


async def seed(services: Services) -> None:
    """Brings the sample organisations up to the present."""
    now_ms = SystemClock().now_ms()
    for code in await _going(services):
        actor = acting_as(Role.OPERATOR, SAMPLE, "Sample data", code)
        days = generate.days(code, until_ms=now_ms)
        last_ms = (await services.dashboards.freshness(actor=actor)).imported_at_ms
        if last_ms is None:
            sys.stdout.write(f"Importing 30 days of sample contacts for {code} …\n")
            sys.stdout.flush()
        else:
            last = date.fromordinal(day_of(last_ms, ORGANIZATIONS[code].time_zone))
            days = [d for d in days if d >= last - timedelta(days=generate.UNFINISHED_DAYS)]
        for day in days:
            for file in await asyncio.to_thread(_files, code, day, now_ms):
                wanted = Wanted(
                    file.source, file.name, tuple(sorted(file.queue_extensions)), settle=False
                )
                content = io.BytesIO(file.content)
                await services.imports.import_file(wanted, content, len(file.content), actor=actor)
        for source in ("amazon-connect", "genesys", "teams", "three-cx"):
            await services.imports.name_queues(source, QUEUE_NAMES[code], actor=actor)
        await services.imports.settle(actor=actor)


async def is_first(services: Services) -> bool:
    """Whether no sample organisation has a contact yet."""
    for code in await _going(services):
        actor = acting_as(Role.OPERATOR, SAMPLE, "Sample data", code)
        if (await services.dashboards.freshness(actor=actor)).imported_at_ms is not None:
            return False
    return True


async def _going(services: Services) -> list[str]:
    """The sample organisations that stand so that files are read."""
    going = {one.code for one in await services.directory.serving(Activity.INTAKE)}
    return [code for code in ORGANIZATIONS if code in going]


def _files(code: str, day: date, now_ms: int) -> list[generate.SampleFile]:
    return list(generate.files(code, day, until_ms=now_ms))
