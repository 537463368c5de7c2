"""Every operation of the HTTP interface, in one list; routes and the OpenAPI description use it."""

import json

from portal import VERSION
from portal.domain.organizations.standing import Activity
from portal.web.access_operations import ACCESS_OPERATIONS
from portal.web.disclosure_operations import DISCLOSURE_OPERATIONS
from portal.web.incident_operations import INCIDENT_OPERATIONS
from portal.web.informing_operations import INFORMING_OPERATIONS
from portal.web.openapi import Operation, describe
from portal.web.schemas.alerts import Alert, AlertList, AlertVersion, NewAlert, OwnSubscription
from portal.web.schemas.contacts import ContactPage, ContactQuery
from portal.web.schemas.dashboards import (
    AgentTable,
    Definitions,
    FigureQuery,
    QueueChoices,
    QueueTable,
    Series,
    SeriesQuery,
    Summary,
)
from portal.web.schemas.development import TokenAnswer, TokenRequest
from portal.web.schemas.imports import ImportList, ImportQuery, ImportStatus
from portal.web.schemas.reconciliation import Reconciliation
from portal.web.schemas.sign_in import SessionList, SessionsEnded, SignInQuery
from portal.web.setup_operations import (
    COMMUNICATION_OPERATIONS,
    CONTACT_DATA_OPERATIONS,
    MESSAGES_OPERATION,
    POLICY_OPERATIONS,
    SETUP_OPERATIONS,
)
from portal.web.standing_operations import STANDING_OPERATIONS

OPERATIONS = (
    Operation("GET", "/healthz", "health", "The process runs", public=True, errors=()),
    Operation("GET", "/readyz", "readiness", "The process can serve", public=True, errors=(503,)),
    Operation(
        "GET",
        "/metrics",
        "metrics",
        "What this process counts, as Prometheus text, for operators",
        content="text/plain",
        errors=(403, 404, 422),
        scraped=True,
        activity=Activity.OPERATE,
    ),
    Operation("GET", "/api/openapi.json", "openapi", "This description", public=True, errors=()),
    Operation(
        "GET",
        "/sign-in",
        "start_sign_in",
        "Sends a browser to Microsoft's page to sign in",
        query=SignInQuery,
        status=302,
        content="text/html",
        errors=(401, 404, 422, 429, 503),
        public=True,
    ),
    Operation(
        "POST",
        "/sign-in/callback",
        "finish_sign_in",
        "Takes a browser back from Microsoft's page",
        body_content="application/x-www-form-urlencoded",
        status=303,
        content="text/html",
        errors=(404, 422),
        public=True,
    ),
    Operation(
        "GET",
        "/api/sessions",
        "sessions",
        "Where one is signed in",
        answer=SessionList,
        activity=Activity.ACCOUNT,
    ),
    Operation(
        "DELETE",
        "/api/sessions",
        "end_sessions",
        "Sign out everywhere",
        answer=SessionsEnded,
        unheld=True,
        activity=Activity.ACCOUNT,
    ),
    Operation(
        "DELETE",
        "/api/sessions/{id}",
        "end_session",
        "Sign out in one browser",
        answer=SessionsEnded,
        unheld=True,
        activity=Activity.ACCOUNT,
    ),
    *ACCESS_OPERATIONS,
    Operation(
        "GET",
        "/api/dashboards/definitions",
        "metric_definitions",
        "What each metric means",
        answer=Definitions,
    ),
    Operation(
        "GET",
        "/api/dashboards/queue-choices",
        "queue_choices",
        "The queues to filter by",
        answer=QueueChoices,
    ),
    Operation(
        "GET",
        "/api/dashboards/summary",
        "dashboard_summary",
        "Every figure of a range",
        query=FigureQuery,
        answer=Summary,
        also=304,
    ),
    Operation(
        "GET",
        "/api/dashboards/series",
        "dashboard_series",
        "Figures along time",
        query=SeriesQuery,
        answer=Series,
        also=304,
    ),
    Operation(
        "GET",
        "/api/dashboards/queues",
        "dashboard_queues",
        "Figures by queue",
        query=FigureQuery,
        answer=QueueTable,
        also=304,
    ),
    Operation(
        "GET",
        "/api/dashboards/agents",
        "dashboard_agents",
        "Figures by agent",
        query=FigureQuery,
        answer=AgentTable,
        also=304,
    ),
    Operation(
        "GET",
        "/api/dashboards/reconciliation",
        "dashboard_reconciliation",
        "Our service level beside the vendors' own",
        query=FigureQuery,
        answer=Reconciliation,
        also=304,
    ),
    Operation(
        "GET",
        "/api/dashboards/live",
        "dashboard_live",
        'Server-sent events: `event: revision`, data `{"revision": n}` on every stored change; '
        "`event: access` when the watcher may see something else",
        content="text/event-stream",
    ),
    Operation(
        "GET",
        "/api/contacts",
        "contacts",
        "The contacts behind a figure",
        query=ContactQuery,
        answer=ContactPage,
    ),
    Operation(
        "POST",
        "/api/imports",
        "start_import",
        "Import a vendor's file: 200 with the report when done at once, else 202 to be followed",
        query=ImportQuery,
        answer=ImportStatus,
        also=202,
        body_content="application/octet-stream",
        errors=(403, 404, 413, 422, 429),
    ),
    Operation("GET", "/api/imports", "imports", "The organisation's imports", answer=ImportList),
    Operation("GET", "/api/imports/{id}", "import_status", "One import", answer=ImportStatus),
    Operation("GET", "/api/alerts", "alerts", "The alerts", answer=AlertList),
    Operation(
        "POST",
        "/api/alerts",
        "create_alert",
        "Make an alert",
        body=NewAlert,
        answer=Alert,
        status=201,
        errors=(403, 404, 409, 413, 422),
    ),
    Operation(
        "PUT",
        "/api/alerts/{id}",
        "change_alert",
        "Change an alert; who hears of it stays",
        query=AlertVersion,
        body=NewAlert,
        answer=Alert,
        errors=(403, 404, 409, 413, 422),
    ),
    Operation(
        "DELETE",
        "/api/alerts/{id}",
        "remove_alert",
        "Remove an alert for everybody: the alerts that are left",
        query=AlertVersion,
        answer=AlertList,
        errors=(403, 404, 409, 422),
    ),
    Operation(
        "PUT",
        "/api/alerts/{id}/subscription",
        "subscribe_alert",
        "Have an alert sent to the own chat with the bot, or not, or later",
        body=OwnSubscription,
        answer=Alert,
        errors=(403, 404, 409, 413, 422),
        activity=Activity.LOOK,
    ),
    *INCIDENT_OPERATIONS,
    *SETUP_OPERATIONS,
    *POLICY_OPERATIONS,
    *COMMUNICATION_OPERATIONS,
    *INFORMING_OPERATIONS,
    *CONTACT_DATA_OPERATIONS,
    *DISCLOSURE_OPERATIONS,
    *STANDING_OPERATIONS,
)

DEVELOPMENT_OPERATIONS = (
    Operation(
        "GET", "/dev/people", "people", "Local people (a JSON array)", public=True, errors=(404,)
    ),
    Operation(
        "POST",
        "/dev/token",
        "token",
        "Sign in as a local person",
        body=TokenRequest,
        answer=TokenAnswer,
        public=True,
        errors=(404, 413, 422),
    ),
    MESSAGES_OPERATION,
)


def document() -> bytes:
    """The OpenAPI description of every operation that exists outside development, as JSON."""
    return json.dumps(describe(OPERATIONS, version=VERSION), indent=1).encode() + b"\n"
