"""The operations of standing, part of the one list in operations.py."""

from portal.domain.organizations.standing import Activity
from portal.web.openapi import Operation
from portal.web.schemas import standing as schemas

CHANGES = (403, 404, 409, 413, 422)


def _export(part: str, summary: str) -> Operation:
    return Operation(
        "GET",
        f"/api/organizations/export/{part}",
        f"export_{part}",
        f"{summary}, as JSON Lines; asks for a fresh proof of who one is",
        content="application/jsonl",
        activity=Activity.EXPORT,
    )


STANDING_OPERATIONS = (
    Operation(
        "GET",
        "/api/organizations/standing",
        "standing",
        "How the organisation stands, why, and what was said to that",
        answer=schemas.StandingView,
        activity=Activity.STANDING,
    ),
    Operation(
        "PUT",
        "/api/organizations/standing",
        "set_standing",
        "Restrict, suspend or terminate the organisation, or make it active again; asks for a "
        "fresh proof of who one is",
        body=schemas.SetStanding,
        answer=schemas.StandingView,
        errors=CHANGES,
        unheld=True,
        activity=Activity.OPERATE,
    ),
    Operation(
        "POST",
        "/api/organizations/standing/appeal",
        "appeal_standing",
        "Appeal against how the organisation stands",
        body=schemas.MakeAppeal,
        answer=schemas.StandingView,
        errors=CHANGES,
        unheld=True,
        activity=Activity.STANDING,
    ),
    Operation(
        "POST",
        "/api/organizations/standing/appeal/decision",
        "decide_appeal",
        "Decide the appeal that waits; asks for a fresh proof of who one is",
        body=schemas.DecideAppeal,
        answer=schemas.StandingView,
        errors=CHANGES,
        unheld=True,
        activity=Activity.OPERATE,
    ),
    Operation(
        "PUT",
        "/api/organizations/standing/erasure",
        "plan_erasure",
        "Stop the erasure of a terminated organisation, or take it up again; asks for a fresh "
        "proof of who one is",
        body=schemas.PlanErasure,
        answer=schemas.StandingView,
        errors=CHANGES,
        unheld=True,
        activity=Activity.OPERATE,
    ),
    _export("contacts", "Every contact and every row kept back"),
    _export("audit", "The whole audit trail"),
    _export("settings", "Settings, people, incidents and other records"),
    _export("files", "Every file that was sent with an incident, its bytes as base64"),
)
