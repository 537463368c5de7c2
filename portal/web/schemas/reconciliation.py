"""Our service level beside the vendors' own, and the contacts that make the difference."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from portal.domain.dashboards.model import Definition
from portal.web.schemas.base import Answer
from portal.web.schemas.contacts import ContactRow
from portal.web.schemas.dashboards import Metric


class VendorFigure(Answer):
    """A vendor's own service level on the same contacts as ours."""

    source: str
    title: str
    formula: str
    contacts: int
    ours: Metric
    vendor: Metric
    difference: Annotated[float | None, Field(description="Vendor minus ours, percentage points")]
    explained_by: Annotated[list[ContactRow], Field(description="Contacts the two treat unlike")]
    explained_total: int


class Reconciliation(Answer):
    """Our service level beside the vendors'."""

    from_: Annotated[AwareDatetime, Field(alias="from")]
    to: AwareDatetime
    definition: Definition
    threshold: float
    vendors: list[VendorFigure]
