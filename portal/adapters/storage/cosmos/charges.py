"""What requests to Cosmos DB cost, by operation, in its request units (RU)."""

from collections.abc import Mapping
from typing import NamedTuple

HEADER = "x-ms-request-charge"


class Charge(NamedTuple):
    """All requests of one operation since the process began."""

    requests: int
    units: float


class Charges:
    """Adds up request charges. Operations are names of ours (`documents.get`), never data."""

    def __init__(self) -> None:
        self._sums: dict[str, Charge] = {}

    def record(self, operation: str, headers: Mapping[str, str]) -> None:
        """Adds one answer of the service; one without a charge counts as a request of 0 units."""
        known = self._sums.get(operation, Charge(0, 0.0))
        try:
            units = float(headers.get(HEADER, 0.0))
        except ValueError:
            units = 0.0
        self._sums[operation] = Charge(known.requests + 1, known.units + units)

    def __call__(self) -> Mapping[str, Charge]:
        """The sums so far, by operation."""
        return dict(self._sums)
