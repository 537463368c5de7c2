"""The operations of incidents, a part of the one list in operations.py."""

from portal.domain.organizations.standing import Activity
from portal.web.openapi import Operation
from portal.web.receiver_operations import RECEIVER_OPERATIONS
from portal.web.schemas.incidents import (
    BreachAwareness,
    BreachDecision,
    BreachDraft,
    IncidentAnswer,
    IncidentAssignment,
    IncidentConversion,
    IncidentDetail,
    IncidentDraft,
    IncidentDraftKept,
    IncidentDraftStanding,
    IncidentExport,
    IncidentFile,
    IncidentFiles,
    IncidentFindings,
    IncidentLink,
    IncidentQuery,
    IncidentQueue,
    IncidentRating,
    IncidentReceipt,
    IncidentStatistics,
    IncidentStep,
    IncidentTasks,
    IncidentTerms,
    IncidentTermsBody,
    IncidentTexts,
    IncidentVersion,
    IncidentWord,
    NewIncident,
    OwnReportDetail,
    OwnReports,
    ReceiptCheck,
    ReceiptQuery,
)

CHANGES = (403, 404, 409, 413, 422)
ONE = "/api/incidents/{id}"


def _change(method: str, path: str, name: str, summary: str, body: type) -> Operation:
    return Operation(
        method,
        f"{ONE}/{path}",
        name,
        summary,
        query=IncidentVersion,
        body=body,
        answer=IncidentDetail,
        errors=CHANGES,
    )


_OPERATIONS = (
    Operation(
        "POST",
        "/api/incidents/findings",
        "incident_findings",
        "Secrets and personal data in texts that are to be reported",
        body=IncidentTexts,
        answer=IncidentFindings,
        errors=(403, 404, 413, 422),
        unheld=True,
    ),
    Operation(
        "POST",
        "/api/incidents",
        "report_incident",
        "Report an incident, or ask",
        body=NewIncident,
        answer=IncidentReceipt,
        status=201,
        errors=CHANGES,
        unheld=True,
    ),
    Operation(
        "POST",
        "/api/incidents/files",
        "keep_incident_file",
        "Keep a file until it is sent with a report, answer or message; X-Switchroom-File-Name "
        "names it, percent-encoded",
        body_content="application/octet-stream",
        answer=IncidentFile,
        status=201,
        errors=(403, 404, 409, 413, 422, 429),
        unheld=True,
    ),
    Operation(
        "GET",
        "/api/incidents/draft",
        "incident_draft",
        "One's own draft of a report, and the files that wait",
        answer=IncidentDraftStanding,
    ),
    Operation(
        "PUT",
        "/api/incidents/draft",
        "keep_incident_draft",
        "Keep a draft in place of the one before",
        body=IncidentDraft,
        answer=IncidentDraftKept,
        errors=CHANGES,
        unheld=True,
    ),
    Operation(
        "DELETE",
        "/api/incidents/draft",
        "discard_incident_draft",
        "Remove one's own draft; files that wait stay",
        answer=IncidentDraftStanding,
        unheld=True,
    ),
    Operation(
        "GET",
        "/api/incidents/files",
        "incident_files",
        "One's own files that wait",
        answer=IncidentFiles,
    ),
    Operation(
        "DELETE",
        "/api/incidents/files/{id}",
        "discard_incident_file",
        "Remove an own file that waits",
        answer=IncidentDraftStanding,
        unheld=True,
    ),
    Operation("GET", "/api/incidents/own", "own_reports", "One's own reports", answer=OwnReports),
    Operation(
        "GET", "/api/incidents/own/{id}", "own_report", "One own report", answer=OwnReportDetail
    ),
    Operation(
        "POST",
        "/api/incidents/own/{id}/answers",
        "answer_incident",
        "Answer a question about one's own report, or add to it",
        body=IncidentAnswer,
        answer=OwnReportDetail,
        errors=CHANGES,
        unheld=True,
    ),
    Operation(
        "GET",
        "/api/incidents/own/files/{id}",
        "own_incident_file",
        "A file of an own report, to be saved",
        content="application/octet-stream",
    ),
    Operation(
        "GET",
        "/api/incidents/receipts/{id}",
        "check_receipt",
        "Whether a receipt is ours",
        query=ReceiptQuery,
        answer=ReceiptCheck,
    ),
    Operation(
        "GET",
        "/api/incidents",
        "incidents",
        "The queue of those who handle incidents",
        query=IncidentQuery,
        answer=IncidentQueue,
    ),
    Operation(
        "GET",
        "/api/incidents/statistics",
        "incident_statistics",
        "Counts and times, without any content",
        answer=IncidentStatistics,
    ),
    Operation(
        "GET",
        "/api/incidents/export",
        "export_incidents",
        "The facts of every incident for auditors, as CSV",
        content="text/csv",
    ),
    Operation(
        "GET",
        "/api/incidents/facts",
        "incident_facts",
        "The facts of every incident for auditors, as JSON",
        answer=IncidentExport,
    ),
    Operation(
        "GET",
        "/api/incidents/terms",
        "incident_terms",
        "How incidents are handled here",
        answer=IncidentTerms,
    ),
    Operation(
        "PUT",
        "/api/incidents/terms",
        "set_incident_terms",
        "Change how incidents are handled here",
        body=IncidentTermsBody,
        answer=IncidentTerms,
        errors=CHANGES,
    ),
    Operation("GET", ONE, "incident", "One incident in full", answer=IncidentDetail),
    Operation(
        "GET",
        "/api/incidents/evidence/{id}",
        "incident_file",
        "A file of an incident, to be saved",
        content="application/octet-stream",
    ),
    Operation(
        "GET",
        f"{ONE}/notification",
        "incident_notification",
        "A notification of the authority, drafted from the facts",
        answer=BreachDraft,
        errors=(403, 404, 409, 422),
    ),
    _change("PUT", "state", "step_incident", "Bring it to another state", IncidentStep),
    _change("PUT", "rating", "rate_incident", "Judge it", IncidentRating),
    _change("PUT", "people", "assign_incident", "Say who handles it", IncidentAssignment),
    _change("POST", "words", "say_of_incident", "A note, message or question", IncidentWord),
    _change("PUT", "tasks", "task_incident", "What is to be done", IncidentTasks),
    _change("POST", "links", "link_incident", "Link or merge it", IncidentLink),
    _change("PUT", "kind", "convert_incident", "Incident or inquiry", IncidentConversion),
    _change("PUT", "breach", "breach_incident", "Start the clocks of a breach", BreachAwareness),
    _change("PUT", "decision", "decide_incident", "Notify or not, and why", BreachDecision),
    Operation(
        "DELETE",
        f"{ONE}/reporter",
        "forget_reporter",
        "Erase who reported it and what they wrote; the facts stay",
        query=IncidentVersion,
        answer=IncidentDetail,
        errors=CHANGES,
    ),
)
LOOKING = frozenset({"incident_statistics"})
CHANGING = frozenset({"set_incident_terms"})
EXPORTING = frozenset({"export_incidents", "incident_facts"})
INCIDENT_OPERATIONS = (
    *RECEIVER_OPERATIONS,
    *(
        one
        if one.name in LOOKING | CHANGING
        else one._replace(activity=Activity.EXPORT if one.name in EXPORTING else Activity.REPORT)
        for one in _OPERATIONS
    ),
)
"""Reporting and handling stay possible where an organisation can do little else."""
