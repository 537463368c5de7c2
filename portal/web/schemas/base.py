"""What every shape has in common, and the shape of a refusal.

Times are ISO 8601 with offset, durations in metric values are seconds, shares are percent.
Requests refuse fields they do not know.
"""

from pydantic import BaseModel, ConfigDict, Field

ABSENT_WHEN_NONE = Field(exclude_if=lambda value: value is None)


class Answer(BaseModel):
    """Base of what the service answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Request(BaseModel):
    """Base of what callers send."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Problem(Answer):
    """RFC 9457 problem details. `code` is stable, `detail` says what to do."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    correlation_id: str
    fields: dict[str, str] | None = None
