"""The contacts behind a figure."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from portal.domain.contacts.model import Channel, Direction, Outcome
from portal.web.schemas.base import ABSENT_WHEN_NONE, Answer
from portal.web.schemas.dashboards import FigureQuery


class ContactQuery(FigureQuery):
    """The contacts behind a figure, oldest first; `metric` narrows to those it counts."""

    metric: str | None = None
    outcome: list[Outcome] = []
    agent: str | None = None
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ContactRow(Answer):
    """One contact; the customer is masked, durations are seconds, null is "not given". `agent` and
    `customer` are absent where there is none and for whom they are not shown to."""

    contact: str
    record: str
    source: str
    channel: Channel
    direction: Direction
    outcome: Outcome
    queue: str | None
    agent: Annotated[str | None, ABSENT_WHEN_NONE] = None
    customer: Annotated[str | None, ABSENT_WHEN_NONE] = None
    started_at: AwareDatetime
    arrived_at: AwareDatetime
    ended_at: AwareDatetime | None
    wait: float | None
    talk: float | None
    hold: float | None
    after_contact_work: float | None
    transferred: bool | None


class ContactPage(Answer):
    """A page of contacts; `next` is the cursor of the following one."""

    rows: list[ContactRow]
    total: int
    next: str | None
