"""What people type into cards, parsed before anything is done with it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.reading import Preset
from portal.domain.alerts.model import AlertMetric, Comparison, Daily, Threshold, Trigger
from portal.domain.dashboards.model import Definition
from portal.domain.shared.errors import InvalidInput

Name = Annotated[str, Field(min_length=1, max_length=200)]
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
    """The form of a new alert; of the other kind's fields nothing is taken."""

    kind: Literal["threshold", "daily"]
    queue: Name
    metric: AlertMetric = AlertMetric.SERVICE_LEVEL
    comparison: Comparison = Comparison.BELOW
    limit: Annotated[float, Field(allow_inf_nan=False)] = 80
    window: Annotated[int, Field(ge=0, le=100_000)] = 15
    cool_down: Annotated[int, Field(ge=0, le=100_000)] = 60
    at: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "08:00"

    def trigger(self) -> Trigger:
        """The rule's trigger; the service checks its bounds."""
        if self.kind == "daily":
            hours, minutes = self.at.split(":")
            return Daily(int(hours) * 60 + int(minutes))
        return Threshold(self.metric, self.comparison, self.limit, self.window, self.cool_down)


def settings(typed: Mapping[str, Any]) -> Settings:
    """The settings that were chosen. Raises InvalidInput naming the wrong fields."""
    return _parsed(Settings, typed)


def alert(typed: Mapping[str, Any]) -> Alert:
    """The alert that was described. Raises InvalidInput naming the wrong fields."""
    return _parsed(Alert, typed)


def _parsed(form: type[Form], typed: Mapping[str, Any]) -> Form:
    try:
        return form.model_validate(dict(typed))
    except ValidationError as error:
        fields = {".".join(map(str, one["loc"])) or "form": one["msg"] for one in error.errors()}
        raise InvalidInput("The form does not fit.", fields=fields) from None
