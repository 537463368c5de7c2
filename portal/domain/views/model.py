"""A saved view, and what it is stored as."""

import base64
import json
from enum import StrEnum
from typing import Any, NamedTuple

from portal.domain.access.model import Board
from portal.domain.contacts.model import Channel, Direction
from portal.domain.dashboards.model import Definition, MetricName
from portal.domain.shared.documents import Body
from portal.domain.shared.fields import Category, Erase, Field, Kind, Subject
from portal.domain.shared.sealing import Keyring


class Preset(StrEnum):
    """A range that moves with the present."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    LAST_7_DAYS = "last_7_days"
    LAST_30_DAYS = "last_30_days"


class TileKind(StrEnum):
    """What a tile shows."""

    KPI = "kpi"
    SERIES = "series"
    QUEUES = "queues"
    AGENTS = "agents"
    RECONCILIATION = "reconciliation"


class Tile(NamedTuple):
    """A part of the layout: `width` of 12 columns; `metric` for a KPI or a series."""

    kind: TileKind
    width: int
    metric: MetricName | None = None


class Filters(NamedTuple):
    """Which contacts count; empty does not narrow. `queues` are ids."""

    range: Preset = Preset.TODAY
    queues: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    directions: tuple[Direction, ...] = ()
    definition: Definition = Definition.STRICT
    threshold_s: float = 20


class Wanted(NamedTuple):
    """What somebody wants kept; `role` is whom it is shared with, "" for nobody."""

    title: str
    board: Board
    filters: Filters
    kpis: tuple[MetricName, ...]
    layout: tuple[Tile, ...]
    role: str = ""


class View(NamedTuple):
    """A saved view."""

    id: str
    version: int
    owner: str
    changed_at_ms: int
    wanted: Wanted


VIEW = Kind(
    "view",
    (
        Field("version", Category.OPERATIONAL),
        Field("owner", Category.IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("role", Category.CONFIGURATION),
        Field("title", Category.FREE_TEXT, Subject.MEMBER, Erase.DELETE, sealed=True),
        Field("board", Category.CONFIGURATION),
        Field("filters", Category.CONFIGURATION),
        Field("kpis", Category.CONFIGURATION),
        Field("layout", Category.CONFIGURATION),
        Field("changed_at_ms", Category.OPERATIONAL),
    ),
)


def body(of: View, keyring: Keyring) -> Body:
    """A view for the store."""
    wanted = of.wanted
    sealed = keyring.seal(keyring.own_key, f"view|{of.id}", wanted.title.encode())
    plain = json.loads(json.dumps([wanted.filters._asdict(), wanted.kpis, wanted.layout]))
    return {
        "version": of.version,
        "owner": of.owner,
        "role": wanted.role,
        "title": base64.b64encode(sealed).decode(),
        "board": wanted.board.value,
        "filters": plain[0],
        "kpis": plain[1],
        "layout": plain[2],
        "changed_at_ms": of.changed_at_ms,
    }


def read(id: str, body: Body, keyring: Keyring) -> View:
    """A stored view. Raises Unavailable when its title was tampered with."""
    title = keyring.open(keyring.own_key, f"view|{id}", base64.b64decode(body["title"])).decode()
    wanted = Wanted(
        title,
        Board(body["board"]),
        _filters(body["filters"]),
        tuple(MetricName(one) for one in body["kpis"]),
        tuple(_tile(one) for one in body["layout"]),
        str(body["role"]),
    )
    return View(id, body["version"], body["owner"], body["changed_at_ms"], wanted)


def _filters(said: dict[str, Any]) -> Filters:
    return Filters(
        Preset(said["range"]),
        tuple(said["queues"]),
        tuple(Channel(one) for one in said["channels"]),
        tuple(Direction(one) for one in said["directions"]),
        Definition(said["definition"]),
        said["threshold_s"],
    )


def _tile(said: list[Any]) -> Tile:
    kind, width, metric = said
    return Tile(TileKind(kind), width, None if metric is None else MetricName(metric))
