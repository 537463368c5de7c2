"""Policies with their versions, what somebody accepted, and the way to decline."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from portal.web.schemas.base import Answer, Request


class PolicyVersion(Answer):
    """One version of a policy; `text_hash` is the SHA-256 of its text, which is binding in
    `language`. `summary_de` is null where there is no German summary."""

    number: int
    text_hash: str
    language: Literal["en"]
    summary: str
    summary_de: str | None
    published_at: AwareDatetime
    effective_at: AwareDatetime


class OwnDecision(Answer):
    """What the caller said to a version."""

    number: int
    decision: Literal["accepted", "declined"]
    at: AwareDatetime
    support_request: str | None


class Policy(Answer):
    """A policy: `current` is in force, `coming` published for later. `read_only` says that the
    caller may only look and export until they accept; `accept_by` is when that begins."""

    id: str
    title: str
    current: PolicyVersion
    coming: PolicyVersion | None
    versions: list[PolicyVersion]
    decisions: list[OwnDecision]
    accepted: bool
    read_only: bool
    accept_by: AwareDatetime | None
    review_due: AwareDatetime
    review_overdue: bool


class PolicyList(Answer):
    """Every policy; `read_only` is whether one of them holds the caller to looking and exporting.
    `support` is where to turn to, null when the operator named nobody."""

    policies: list[Policy]
    read_only: bool
    support: str | None


class DiffLine(Answer):
    """A paragraph: in both versions, only in the newer, only in the older."""

    change: Literal["same", "added", "removed"]
    text: str


class PolicyText(Answer):
    """A version's text, and how it differs from an older one (null without one to compare)."""

    id: str
    number: int
    text: str
    text_hash: str
    compared_with: int | None
    diff: list[DiffLine] | None


class PolicyTextQuery(Request):
    """Which version, the newest unless told, and which older one to compare it with."""

    number: Annotated[int, Field(ge=1)] | None = None
    compare_with: Annotated[int, Field(ge=1)] | None = None


class Acceptance(Request):
    """The version that was read, by number and hash."""

    number: Annotated[int, Field(ge=1)]
    text_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Decline(Request):
    """The version that is declined, and why; support is told."""

    number: Annotated[int, Field(ge=1)]
    why: Annotated[
        str,
        StringConstraints(min_length=3, max_length=500, strip_whitespace=True),
        Field(description="Why, in words; sealed where it is stored"),
    ]
