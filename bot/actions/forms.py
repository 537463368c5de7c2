"""What people type into cards, parsed before anything is done with it."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bot.cards.alert_form import LAST_MINUTE
from bot.reading import Preset
from portal.domain.alerts.model import AlertMetric, Comparison, Daily, Hours, Threshold, Trigger
from portal.domain.alerts.rules import DAY_MINUTES
from portal.domain.dashboards.model import Definition
from portal.domain.incidents.model import Category, IncidentKind, Severity, State
from portal.domain.shared.errors import InvalidInput

Name = Annotated[str, Field(min_length=1, max_length=200)]
Time = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Form = TypeVar("Form", bound="_Form")


class _Form(BaseModel):
    """Inputs come as texts whatever they are; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Settings(_Form):
    """The card of settings."""

    language: Literal["auto", "en", "de"]
    range: Preset
    definition: Definition
    organization: Annotated[str, Field(max_length=40)] = ""


class Alert(_Form):
    """The form of an alert; of the other kind's fields nothing is taken."""

    kind: Literal["threshold", "daily"]
    queue: Name
    metric: AlertMetric = AlertMetric.SERVICE_LEVEL
    comparison: Comparison = Comparison.BELOW
    limit: Annotated[float, Field(allow_inf_nan=False)] = 80
    window: Annotated[int, Field(ge=0, le=100_000)] = 15
    cool_down: Annotated[int, Field(ge=0, le=100_000)] = 60
    at: Time = "08:00"
    yesterday: bool = False
    days: Annotated[str, Field(pattern=r"^([0-6](,[0-6]){0,6})?$")] = "0,1,2,3,4,5,6"
    hours: bool = False
    opens: Time = "09:00"
    closes: Time = "17:00"

    def trigger(self) -> Trigger:
        """The rule's trigger; the service checks its bounds."""
        days = tuple(int(day) for day in self.days.split(",") if day)
        if self.kind == "daily":
            return Daily(_minute(self.at), days, self.yesterday)
        hours = None
        if self.hours:
            closes = DAY_MINUTES if self.closes == LAST_MINUTE else _minute(self.closes)
            hours = Hours(days, _minute(self.opens), closes)
        return Threshold(
            self.metric, self.comparison, self.limit, self.window, self.cool_down, hours
        )


class IncidentReport(_Form):
    """The form of a report; the service checks what it says."""

    sort: IncidentKind = IncidentKind.INCIDENT
    category: Category
    severity: Severity = Severity.MEDIUM
    what: Annotated[str, Field(max_length=4000)] = ""
    affected: Annotated[str, Field(max_length=4000)] = ""
    evidence: Annotated[str, Field(max_length=4000)] = ""
    quoted: Annotated[str, Field(max_length=4000)] = ""
    sender: Annotated[str, Field(max_length=256)] = ""
    link: Annotated[str, Field(max_length=2048)] = ""
    happened: Annotated[str, Field(pattern=r"^([12][0-9]{3}-[01][0-9]-[0-3][0-9])?$")] = ""
    at: Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$")] = ""
    keep: bool = False
    joins: Annotated[str, Field(pattern=r"^(new|[0-9]{8})?$")] = ""
    files: bool = False

    @field_validator("happened")
    @classmethod
    def _is_a_day(cls, given: str) -> str:
        if given:
            date.fromisoformat(given)
        return given


class IncidentWord(_Form):
    """What is said of an incident, and where it goes."""

    text: Annotated[str, Field(max_length=4000)] = ""
    kind: Literal["note", "message", "question"] = "message"
    files: bool = False
    keep: bool | None = None
    """Whether what was found is kept; None before its writer was asked."""
    file: Annotated[str, Field(max_length=100)] = ""
    state: State = State.TRIAGED


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def settings(typed: Mapping[str, Any]) -> Settings:
    """The settings that were chosen. Raises InvalidInput naming the wrong fields."""
    return _parsed(Settings, typed)


def alert(typed: Mapping[str, Any]) -> Alert:
    """The alert that was described. Raises InvalidInput naming the wrong fields."""
    return _parsed(Alert, typed)


def report(typed: Mapping[str, Any]) -> IncidentReport:
    """The report that was written. Raises InvalidInput naming the wrong fields."""
    return _parsed(IncidentReport, typed)


def word(typed: Mapping[str, Any]) -> IncidentWord:
    """What was said of an incident. Raises InvalidInput naming the wrong fields."""
    return _parsed(IncidentWord, typed)


def _parsed(form: type[Form], typed: Mapping[str, Any]) -> Form:
    try:
        return form.model_validate(dict(typed))
    except ValidationError as error:
        fields = {".".join(map(str, one["loc"])) or "form": one["msg"] for one in error.errors()}
        raise InvalidInput("The form does not fit.", fields=fields) from None
