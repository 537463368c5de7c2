"""The errors that rules raise, each with a stable code that front ends translate.

    DomainError
    +-- InvalidInput       422  the caller can mend it; `fields` says where
    |   +-- UnusableFile   422  an import file nothing could be taken from
    +-- NotAuthenticated   401
    |   +-- StepUpRequired 401  signed in, but the act asks for a fresh proof of who it is
    |   +-- InteractionRequired, ConsentRequired 401  the identity provider wants a word first
    +-- Forbidden          403  a member without the permission
    +-- NotFound           404  absent, or a stranger asks
    +-- Conflict           409  stale version, or already there
    +-- TooLarge           413
    +-- RateLimited        429  `retry_after` in seconds
    +-- Unavailable        503  a needed service does not answer
        +-- Damaged        503  what is stored is not what was written; waiting does not mend it

Messages are shown to people: they say what to do and never carry personal data.
"""

from collections.abc import Mapping


class DomainError(Exception):
    """A refusal with a stable `code` and a sentence for people."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class InvalidInput(DomainError):
    """Input that the caller can mend. `fields` maps a field's path to what is wrong with it."""

    code = "invalid-input"

    def __init__(
        self, message: str, *, fields: Mapping[str, str] | None = None, code: str | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.fields = dict(fields or {})


class UnusableFile(InvalidInput):
    """An import file from which no record can be taken; nothing of it is stored."""

    code = "unusable-file"


class NotAuthenticated(DomainError):
    """No valid token."""

    code = "not-authenticated"


class StepUpRequired(NotAuthenticated):
    """The act needs a second factor proven at most `max_age_s` seconds ago. `claims` is the
    request to hand to the identity provider (JSON), "" where there is none."""

    code = "step-up-required"

    def __init__(self, *, max_age_s: float, claims: str = "") -> None:
        super().__init__("Confirm that it is you: sign in again with your second factor.")
        self.max_age_s = max_age_s
        self.claims = claims


class InteractionRequired(NotAuthenticated):
    """The identity provider answers only once the person did what `claims` (JSON) asks for."""

    code = "interaction-required"

    def __init__(self, *, claims: str) -> None:
        super().__init__("Your organisation asks for one more step: sign in again.")
        self.claims = claims


class ConsentRequired(NotAuthenticated):
    """The person, or their administrator, has not yet let the app ask for `scopes`."""

    code = "consent-required"

    def __init__(self, *, scopes: tuple[str, ...]) -> None:
        super().__init__("The app needs your consent, or your administrator's, for this.")
        self.scopes = scopes


class Forbidden(DomainError):
    """A member of the organisation without the permission."""

    code = "forbidden"


class NotFound(DomainError):
    """Absent; also what a stranger to the organisation sees."""

    code = "not-found"


class Conflict(DomainError):
    """The stored state is not the one the caller saw."""

    code = "conflict"


class TooLarge(DomainError):
    """More than the service takes in one piece."""

    code = "too-large"


class RateLimited(DomainError):
    """Too many requests; try again after `retry_after` seconds."""

    code = "rate-limited"

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """Something needed does not answer; nothing was changed."""

    code = "unavailable"


class Damaged(Unavailable):
    """What is stored is cut off, altered or sealed with another key; waiting does not mend it."""

    code = "damaged"
