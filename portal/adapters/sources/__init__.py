"""The vendors' formats that can be imported, by their word on the command line."""

from collections.abc import Mapping

from portal.adapters.sources.amazon_connect import SOURCE as AMAZON_CONNECT
from portal.adapters.sources.genesys import SOURCE as GENESYS
from portal.adapters.sources.teams import SOURCE as TEAMS
from portal.adapters.sources.three_cx import SOURCE as THREE_CX
from portal.domain.contacts.ports import Source

_ALL: tuple[Source, ...] = (AMAZON_CONNECT, GENESYS, TEAMS, THREE_CX)
SOURCES: Mapping[str, Source] = {source.name: source for source in _ALL}
