"""What every shape has in common, and the shape of a refusal.

Times are ISO 8601 with offset, durations in metric values are seconds, shares are percent.
Requests refuse fields they do not know.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, field_validator

ABSENT_WHEN_NONE = Field(exclude_if=lambda value: value is None)
EARLIEST, LATEST = 1900, 2199


class Answer(BaseModel):
    """Base of what the service answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Request(BaseModel):
    """Base of what callers send. Instants are of years that every zone can show: what is stored of
    the first or last year of the calendar could be given back to nobody."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*", mode="after")
    @classmethod
    def _showable(cls, value: object) -> object:
        if isinstance(value, datetime) and not EARLIEST <= value.year <= LATEST:
            raise ValueError(f"a year from {EARLIEST} to {LATEST}")
        return value


class Problem(Answer):
    """RFC 9457 problem details. `code` is stable, `detail` says what to do."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    correlation_id: str
    fields: dict[str, str] | None = None
