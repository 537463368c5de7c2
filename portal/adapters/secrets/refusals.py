"""What the refusals of a Key Vault mean, in words for operators.

Nothing of what the vault or the identity said is repeated: codes alone. The codes are those of the
service's REST interface, "Key Vault REST API error codes".
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from portal.domain.shared.errors import DomainError, RateLimited, Unavailable

DISABLED = frozenset({"SecretDisabled", "KeyDisabled"})
TRANSIENT = frozenset({408, 500, 502, 503, 504})
SKEW_SECONDS = 300
RETRY_AFTER_SECONDS = 10.0


def told(host: str, what: str, error: Exception) -> DomainError:
    """The domain's error for what came of a request about `what`, such as "the secret mail"."""
    if _status(error) == 429:
        given = _header(error, "Retry-After")
        wait = float(given) if given.isdecimal() else RETRY_AFTER_SECONDS
        return RateLimited(f"The Key Vault {host} takes no more requests now.", retry_after=wait)
    return Unavailable(_sentence(host, what, error))


def is_passing(error: Exception) -> bool:
    """Whether trying again at once may help."""
    away = (ServiceRequestError, ServiceResponseError, TimeoutError)
    return isinstance(error, away) or _status(error) in TRANSIENT


def is_outage(error: DomainError) -> bool:
    """Whether the refusal says nothing about what was asked for: the vault is away, busy, or does
    not know this process at the moment."""
    cause = error.__cause__
    if not isinstance(cause, Exception) or isinstance(cause, ValueError):
        return False
    status = _status(cause)
    if status == 403:
        return _code(cause) not in DISABLED
    return status is None or status in TRANSIENT | {401, 429}


def _sentence(host: str, what: str, error: Exception) -> str:
    vault, status = f"the Key Vault {host}", _status(error)
    skew = _skew_minutes(error) if status == 401 else 0
    if isinstance(error, ValueError):
        text = f"In {vault}, {what} is expired or not valid yet."
        if "challenge" in str(error):
            text = f"What answers at {host} is not that vault: its challenge is another's."
    elif status is None and isinstance(error, ClientAuthenticationError):
        text = f"Azure gives this process no identity to show to {host}."
    elif status is None or status in TRANSIENT:
        text = f"{vault} does not answer."
    elif skew:
        text = f"The clock of this machine is {skew} minutes away from that of {host}; set it."
    elif status == 401:
        text = f"{vault} does not accept this process's identity."
    elif status == 404:
        text = f"{vault} does not have {what}."
    elif _code(error) in DISABLED:
        text = f"In {vault}, {what} is disabled."
    elif status == 403:
        text = f"This process's identity has no role in {vault} for {what}."
    else:
        text = f"{vault} refused {what} ({status} {_code(error)})."
    return text[0].upper() + text[1:]


def _status(error: Exception) -> int | None:
    """The status of the answer; None when there was none, or it was not the vault's."""
    response = error.response if isinstance(error, HttpResponseError) else None
    return None if response is None else response.status_code


def _code(error: Exception) -> str:
    """The innermost code of a refusal, "" without one."""
    found: Any = getattr(error, "error", None)
    inner = getattr(found, "innererror", None) or {}
    return str(inner.get("code") or getattr(found, "code", None) or "")


def _skew_minutes(error: Exception) -> int:
    """By how many whole minutes our clock differs from the answer's Date; 0 within tolerance."""
    try:
        date = parsedate_to_datetime(_header(error, "Date"))
        away = abs((datetime.now(UTC) - date).total_seconds())
    except (TypeError, ValueError):
        return 0
    return round(away / 60) if away > SKEW_SECONDS else 0


def _header(error: Exception, name: str) -> str:
    response = getattr(error, "response", None)
    return str(getattr(response, "headers", {}).get(name, ""))
