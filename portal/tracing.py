"""Spans of the work a process does, as the code that does it sees them.

Without somebody who collects them there is no tracer and nothing is made. `portal.telemetry` has
the one that sends them away.
"""

from contextlib import AbstractContextManager
from typing import Protocol

Fact = str | int | float
FACTS = frozenset({"operation", "status", "error", "source", "state", "kind", "outcome", "rows"})
"""What a span may say besides its name and times; none of it personal."""


class Span(Protocol):
    """One piece of work under way."""

    def tell(self, **facts: Fact) -> None:
        """Says more of it. What is not in FACTS is left out."""
        ...


class Tracer(Protocol):
    """Makes spans; one within another becomes its child."""

    def span(self, name: str) -> AbstractContextManager[Span]:
        """A span around the body, by a name that is a word of the code. An exception is told by
        its type alone."""
        ...
