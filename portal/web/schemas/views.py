"""Saved views as they are sent and answered."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from portal.domain.access.model import Board
from portal.domain.contacts.model import Channel, Direction
from portal.domain.dashboards.model import Definition, MetricName
from portal.domain.views.model import Preset, TileKind
from portal.web.schemas.access import Id, Title, Version
from portal.web.schemas.base import Answer, Request


class ViewFilters(Request):
    """Which contacts count; an empty list does not narrow."""

    range: Preset = Preset.TODAY
    queues: Annotated[list[Id], Field(max_length=200)] = []
    channels: Annotated[list[Channel], Field(max_length=10)] = []
    directions: Annotated[list[Direction], Field(max_length=10)] = []
    definition: Definition = Definition.STRICT
    threshold: Annotated[float, Field(gt=0, le=86400, description="Seconds")] = 20


class ViewTile(Request):
    """A part of the layout, in the order of reading."""

    kind: TileKind
    width: Annotated[int, Field(ge=1, le=12, description="Of 12 columns")] = 12
    metric: MetricName | None = None


class NewView(Request):
    """A view to be kept: private, or shared with everybody of a role."""

    title: Title
    board: Board = Board.OVERVIEW
    filters: ViewFilters = ViewFilters()
    kpis: Annotated[list[MetricName], Field(max_length=40)] = []
    layout: Annotated[list[ViewTile], Field(max_length=40)] = []
    shared_with: Annotated[Id | None, Field(description="A role's id; private without")] = None


class ChangedView(NewView):
    """A view as it shall be."""

    version: Version


class ViewVersion(Request):
    """The version of the view that the caller saw."""

    version: Version


class SavedView(Answer):
    """A view as its reader may use it: queues they do not see are left out."""

    id: str
    version: int
    title: str
    own: bool
    may_remove: bool
    board: Board
    filters: ViewFilters
    kpis: list[MetricName]
    layout: list[ViewTile]
    shared_with: str | None
    shared_with_title: str | None
    changed_at: AwareDatetime


class ViewList(Answer):
    """One's own views and those shared with a role of one's own, by title."""

    views: list[SavedView]
