"""Secrets by name: what somebody else gave the service to prove itself with.

While a secret is rotated two versions count, so that neither side has to change in the same
instant; settings hold names only (security reference, "secrets").
"""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Secret:
    """A version of a secret. Its text is not shown where a secret is printed."""

    version: str
    text: str = field(repr=False)


class Secrets(Protocol):
    """Where named secrets come from."""

    async def live(self, name: str) -> tuple[Secret, ...]:
        """The versions that count now, newest first: one, or two during a rotation.

        Unavailable, with what an operator can do about it, when there is none or it cannot be
        had; RateLimited when the holder asks to wait.
        """
        ...
