"""What the Cosmos client raises, as what a caller has to know about it.

    StoreFault
    +-- Rejected     a definite answer: nothing of the batch was done
    +-- Ambiguous    no definite answer: the batch was done or not, or is still to be done

Both stay inside the store; everything else becomes a DomainError here. The service's own messages
are left out of what is raised: they may repeat stored values.
"""

import contextlib
from collections.abc import Mapping
from typing import Any

from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.cosmos.exceptions import CosmosBatchOperationError, CosmosHttpResponseError

from portal.domain.shared.errors import DomainError, RateLimited, TooLarge, Unavailable

NOT_FOUND, CONFLICT, PRECONDITION, TOO_LARGE = 404, 409, 412, 413
THROTTLED, RETRY_WITH = 429, 449
REFUSALS = frozenset({NOT_FOUND, CONFLICT, PRECONDITION})
NO_CONTAINER = 1003
STALE_SESSION = 1002
RETRY_AFTER = "x-ms-retry-after-ms"
SHORTEST_WAIT_S = 0.1


class StoreFault(Exception):  # noqa: N818 - it stays inside the store
    """A write that did not simply succeed."""


class Rejected(StoreFault):
    """One step of a batch was refused, so none was done.

    `index` is the step's place, `status` 404 (gone), 409 (there already) or 412 (another version).
    The client repeats requests on its own: the refusal may come from a repetition of a batch that
    had been done.
    """

    def __init__(self, index: int, status: int) -> None:
        super().__init__(f"step {index} was refused with {status}")
        self.index = index
        self.status = status


class Ambiguous(StoreFault):
    """Nobody knows whether the batch was done; it may even be done later."""


def status_of(error: AzureError) -> int:
    """The HTTP status, 0 without an answer."""
    return int(getattr(error, "status_code", None) or 0)


def headers_of(error: AzureError) -> Mapping[str, Any]:
    """The answer's headers, empty without an answer."""
    return getattr(error, "headers", None) or {}


def is_absent(error: AzureError) -> bool:
    """Whether the answer says that an item does not exist, rather than its container or a state
    that the replica has not heard of yet."""
    substatus = getattr(error, "sub_status", None)
    return status_of(error) == NOT_FOUND and substatus not in (NO_CONTAINER, STALE_SESSION)


def is_passing(error: AzureError) -> bool:
    """Whether the same request may well succeed a moment later: no answer, or one that says so."""
    status = status_of(error)
    if isinstance(error, ClientAuthenticationError):
        return False
    return status in (0, 408, 410, RETRY_WITH) or status >= 500


def of_a_read(error: AzureError) -> DomainError:
    """What a failed read is to the caller."""
    return _definite(error) or _unavailable(error)


def of_a_write(error: AzureError) -> Exception:
    """What a failed write is: a StoreFault or a DomainError."""
    if isinstance(error, CosmosBatchOperationError) and status_of(error) in REFUSALS:
        return Rejected(int(error.error_index), status_of(error))
    if definite := _definite(error):
        return definite
    if is_passing(error) and status_of(error) != RETRY_WITH:
        return Ambiguous("the store did not say whether it was done")
    return _unavailable(error)


def _definite(error: AzureError) -> DomainError | None:
    """Refusals that mean the same for reads and writes, and leave nothing done."""
    status = status_of(error)
    if status == THROTTLED:
        return RateLimited("The store is busy; try again.", retry_after=_wait(error))
    if status == TOO_LARGE:
        return TooLarge("The store does not take that much at once.")
    if isinstance(error, ClientAuthenticationError) or status in (401, 403):
        return Unavailable("Cosmos DB does not accept the identity of this service.")
    if status == NOT_FOUND and not is_absent(error):
        return Unavailable("A container of the store is missing, or its replica is behind.")
    return None


def _unavailable(error: AzureError) -> Unavailable:
    told = f" ({status_of(error)})" if isinstance(error, CosmosHttpResponseError) else ""
    return Unavailable(f"Cosmos DB does not answer as it should{told}; try again.")


def _wait(error: AzureError) -> float:
    """Seconds that the service asks to wait."""
    with contextlib.suppress(TypeError, ValueError):
        return max(SHORTEST_WAIT_S, float(headers_of(error)[RETRY_AFTER]) / 1000)
    return 1.0
