"""From one standing to the next: pure, each raising Conflict or InvalidInput for what cannot be."""

from portal.domain.organizations.standing import State
from portal.domain.shared.errors import Conflict, InvalidInput
from portal.domain.standing.model import Reason, Standing, Wanted

DAY_MS = 24 * 3600 * 1000
STALE = "Somebody changed how the organisation stands meanwhile; look again and repeat it."
HARSHER = (State.ACTIVE, State.RESTRICTED, State.SUSPENDED, State.TERMINATED)
AGAINST = frozenset(
    {
        Reason.UNVERIFIED,
        Reason.INACCURATE,
        Reason.MISUSE,
        Reason.SECURITY,
        Reason.LEGAL,
        Reason.CUSTOMER_WISH,
    }
)
FOR = frozenset({Reason.PUT_RIGHT, Reason.MISTAKE, Reason.CUSTOMER_WISH})
"""Why an organisation may be active again without an appeal."""


def reasons(state: State) -> frozenset[Reason]:
    """The reasons that an operator can give for the state."""
    return FOR if state is State.ACTIVE else AGAINST


def require_version(standing: Standing, version: int) -> None:
    """Raises Conflict when the caller saw another one, or its erasure has begun."""
    if standing.state is State.ERASING:
        raise Conflict("The erasure has begun; nothing can be changed any more.", code="erasing")
    if standing.version != version:
        raise Conflict(STALE)


def moved(before: Standing, wanted: Wanted, *, by: str, now_ms: int, window_ms: int) -> Standing:
    """The standing behind the operator's decision; a termination opens the export window."""
    if wanted.state not in HARSHER:
        raise InvalidInput("Nobody can set that.", fields={"state": "is not for setting"})
    if wanted.state is before.state:
        raise Conflict("It stands so already.", code="standing-unchanged")
    if wanted.reason not in reasons(wanted.state):
        known = ", ".join(sorted(reasons(wanted.state)))
        raise InvalidInput("That is no reason for it.", fields={"reason": f"one of {known}"})
    terminated = wanted.state is State.TERMINATED
    return before._replace(
        version=before.version + 1,
        state=wanted.state,
        reason=wanted.reason,
        text=wanted.text,
        by=by,
        at_ms=now_ms,
        open_appeal="" if wanted.state is State.ACTIVE else before.open_appeal,
        erase_at_ms=now_ms + window_ms if terminated else 0,
        is_stopped=False,
    )


def appealed(before: Standing) -> Standing:
    """With an appeal that waits; its id is `open_appeal`."""
    if before.state is State.ACTIVE:
        raise Conflict("The organisation is active; there is nothing to appeal.", code="active")
    if before.open_appeal:
        raise Conflict("An appeal waits for its decision already.", code="appeal-open")
    count = before.appeals + 1
    return before._replace(version=before.version + 1, open_appeal=f"{count:08d}", appeals=count)


def decided(
    before: Standing, granted: State | None, text: str, *, by: str, now_ms: int
) -> Standing:
    """Behind the decision of the appeal that waits: refused, or granted with the milder state."""
    if not before.open_appeal:
        raise Conflict("No appeal waits for a decision.", code="no-appeal")
    after = before._replace(version=before.version + 1, open_appeal="")
    if granted is None:
        return after
    milder = HARSHER[: HARSHER.index(before.state)]
    if granted not in milder:
        told = ", ".join(milder)
        raise InvalidInput("Granting an appeal is milder.", fields={"state": f"one of {told}"})
    return after._replace(
        state=granted,
        reason=Reason.APPEAL_GRANTED,
        text=text,
        by=by,
        at_ms=now_ms,
        erase_at_ms=0,
        is_stopped=False,
    )


def stopped(before: Standing) -> Standing:
    """Terminated without an end to the export window."""
    if before.state is not State.TERMINATED or before.is_stopped:
        raise Conflict("There is no plan of an erasure to stop.", code="no-plan")
    return before._replace(version=before.version + 1, is_stopped=True, erase_at_ms=0)


def resumed(before: Standing, *, now_ms: int, window_ms: int) -> Standing:
    """The plan taken up again, with a whole export window."""
    if before.state is not State.TERMINATED or not before.is_stopped:
        raise Conflict("There is no stopped plan of an erasure.", code="no-plan")
    return before._replace(
        version=before.version + 1, is_stopped=False, erase_at_ms=now_ms + window_ms
    )


def is_due(standing: Standing, now_ms: int) -> bool:
    """Whether the erasure is to begin: an appeal that waits holds it up."""
    return (
        standing.state is State.TERMINATED
        and not standing.is_stopped
        and 0 < standing.erase_at_ms <= now_ms
        and not standing.open_appeal
    )


def begun(before: Standing, *, now_ms: int) -> Standing:
    """Past the point from which nothing stops it."""
    return before._replace(
        version=before.version + 1,
        state=State.ERASING,
        reason=Reason.ERASURE_DUE,
        by="system",
        at_ms=now_ms,
    )
