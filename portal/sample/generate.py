"""A day's contact files of a sample organisation, in each vendor's own format.

The same organisation, day and seed give the same contacts whatever `until_ms` is; a later
`until_ms` tells more of them. So a day can be asked for again and again while it goes on: the
identifiers stay, records grow newer, and importing the files again corrects and extends.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from portal.sample import amazon_connect, genesys, teams, three_cx
from portal.sample.floor import play
from portal.sample.organizations import ORGANIZATIONS
from portal.sample.stay import Document, Stay

SEED: Final = 20_26


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
