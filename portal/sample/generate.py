"""A day's contact files of a sample organisation, in each vendor's own format.

The same organisation, day and seed give the same contacts whatever `until_ms` is; a later
`until_ms` tells more of them. So a day can be asked for again and again while it goes on: the
identifiers stay, records grow newer, and importing the files again corrects and extends.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from portal.sample import amazon_connect, genesys, teams, three_cx
from portal.sample.floor import play
from portal.sample.organizations import ORGANIZATIONS
from portal.sample.stay import Document, Stay

SEED: Final = 20_26
UNFINISHED_DAYS: Final = 3


class SampleFile(NamedTuple):
    """One file as a vendor's system would leave it. `source` is the source's name,
    `queue_extensions` what the import of a 3CX file must be told."""

    source: str
    name: str
    content: bytes
    queue_extensions: frozenset[str]


_Writer = Callable[[list[Stay], date, int], Iterator[Document]]
_WRITERS: Final[Mapping[str, _Writer]] = {
    "amazon-connect": amazon_connect.write,
    "genesys": genesys.write,
    "teams": teams.write,
    "three-cx": three_cx.write,
}


def days(organization_code: str, *, until_ms: int, count: int = 30) -> list[date]:
    """The organisation's last `count` local days, oldest first; the last holds `until_ms`.

    Raises KeyError for an organisation that is not a sample.
    """
    zone = ZoneInfo(ORGANIZATIONS[organization_code].time_zone)
    today = datetime.fromtimestamp(until_ms / 1000, zone).date()
    return [today - timedelta(days=before) for before in reversed(range(count))]


def files(
    organization_code: str, day: date, *, until_ms: int, seed: int = SEED
) -> Iterator[SampleFile]:
    """The files of an organisation's local day, told up to `until_ms` (milliseconds since
    1970-01-01T00:00Z); a system without contacts by then gives no file.

    Raises KeyError for an organisation that is not a sample.
    """
    organization = ORGANIZATIONS[organization_code]
    for system in organization.systems:
        rng = random.Random(f"{seed}/{organization.code}/{system.source}/{day}")
        stays = play(rng, organization, system, day)
        for kind, ending, content in _WRITERS[system.source](stays, day, until_ms):
            name = f"{organization.code}-{kind}-{day}.{ending}"
            yield SampleFile(system.source, name, content, system.queue_extensions)
