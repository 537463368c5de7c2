"""The operations of informing people, part of the one list in operations.py."""

from portal.domain.organizations.standing import Activity
from portal.web.openapi import Operation
from portal.web.schemas import informing as schemas

CHANGES = (403, 404, 409, 413, 422)
INFORMING_OPERATIONS = (
    Operation(
        "GET",
        "/api/notice",
        "own_notice",
        "What the caller has to read about their data and calls",
        answer=schemas.OwnNotice,
    ),
    Operation(
        "POST",
        "/api/notice/confirmation",
        "confirm_notice",
        "Say that one has read it",
        body=schemas.NoticeConfirmation,
        answer=schemas.OwnNotice,
        errors=CHANGES,
        unheld=True,
        activity=Activity.REPAIR,
    ),
    Operation(
        "GET",
        "/api/organizations/notices",
        "notices",
        "Every edition of the notice, and how people are informed",
        answer=schemas.Notices,
    ),
    Operation(
        "POST",
        "/api/organizations/notices",
        "publish_notice",
        "Publish another edition",
        body=schemas.NewNotice,
        answer=schemas.Notices,
        status=201,
        errors=CHANGES,
        activity=Activity.REPAIR,
    ),
    Operation(
        "PUT",
        "/api/organizations/notices/terms",
        "set_notice_terms",
        "Say who must know the notice, and whether figures wait for it",
        body=schemas.NoticeTerms,
        answer=schemas.Notices,
        errors=CHANGES,
        activity=Activity.REPAIR,
    ),
    Operation(
        "GET",
        "/api/organizations/notices/coverage",
        "notice_coverage",
        "Who of those who must know the notice has confirmed it",
        answer=schemas.NoticeCoverage,
    ),
)
