"""The register of who outside asked for data, and what was decided."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from portal.domain.disclosures.model import Basis, Check, Data, RegisterStep, Ruling, Whose
from portal.web.schemas.base import Answer, Request

Line = Annotated[str, StringConstraints(max_length=300, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(max_length=4000, strip_whitespace=True)]
Needed = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
Categories = Annotated[list[Data], Field(max_length=len(Data))]


class NewDisclosure(Request):
    """A request from outside. `silent_until` is the end of an order to keep silent that came with
    it: until then the case exists for operators alone."""

    requester: Annotated[Line, Field(min_length=1, description="Who asks; sealed")]
    basis: Basis
    reference: Annotated[
        Line, Field(min_length=1, description="The order, file or consent, as it names itself")
    ]
    law: Line = ""
    persons: Annotated[Text, Field(description="Whom it is about; sealed")] = ""
    text: Text = ""
    data: Annotated[Categories, Field(min_length=1)]
    whose: Annotated[list[Whose], Field(min_length=1, max_length=len(Whose))]
    asked_at: AwareDatetime | None = None
    silent_until: AwareDatetime | None = None


class Decided(Request):
    """What was decided. Granted is everything asked for, narrowed less, refused nothing; the first
    two need every check, and another person than who entered the request."""

    kind: Literal["decided"]
    outcome: Ruling
    data: Categories = []
    checks: Annotated[list[Check], Field(max_length=len(Check))] = []
    text: Needed


class HandedOver(Request):
    """What left, within what was granted; `text` says how and to whom."""

    kind: Literal["handed_over"]
    data: Annotated[Categories, Field(min_length=1)]
    happened_at: AwareDatetime | None = None
    text: Needed


class Gagged(Request):
    """An order to keep silent until an instant; without one, that it was lifted."""

    kind: Literal["gagged"]
    reference: Annotated[Line, Field(min_length=1)]
    until: AwareDatetime | None = None
    text: Text = ""


class Notified(Request):
    """That those concerned were told."""

    kind: Literal["notified"]
    happened_at: AwareDatetime | None = None
    text: Text = ""


class Corrected(Request):
    """What is right about an entry that is wrong; both stay."""

    kind: Literal["corrected"]
    corrects: Annotated[int, Field(ge=1)]
    text: Needed


class NewDisclosureEntry(Request):
    """A further entry; `version` is how many the caller saw."""

    version: Annotated[int, Field(ge=1)]
    entry: Annotated[
        Decided | HandedOver | Gagged | Notified | Corrected, Field(discriminator="kind")
    ]


class DisclosureEntry(Answer):
    """An entry of a case. `happened_at` is when what it tells of happened, `at` when it was
    entered; `until` the end of an order to keep silent, `corrects` the number of a wrong entry."""

    number: int
    kind: RegisterStep
    at: AwareDatetime
    by: str
    happened_at: AwareDatetime
    requester: str
    basis: Basis | None
    reference: str
    law: str
    persons: str
    text: str
    data: list[Data]
    whose: list[Whose]
    checks: list[Check]
    outcome: Ruling | None
    until: AwareDatetime | None
    corrects: int | None


class Disclosure(Answer):
    """A case: `outcome` is null before a decision, `silent_until` set while it is to be kept silent
    about, `owes_notice` whether those concerned have to be told now. `may_decide` is whether the
    caller may do more than refuse it."""

    id: str
    version: int
    outcome: Ruling | None
    handed_over: bool
    silent_until: AwareDatetime | None
    owes_notice: bool
    may_record: bool
    may_decide: bool
    entries: list[DisclosureEntry]


class DisclosureList(Answer):
    """The cases, newest first."""

    may_record: bool
    disclosures: list[Disclosure]


class DisclosureRow(DisclosureEntry):
    """An entry as auditors take it, one for each line."""

    case: str


class DisclosureExport(Answer):
    """The whole register that the caller may know of, oldest first."""

    organization: str
    at: AwareDatetime
    rows: list[DisclosureRow]
