"""Every operation of the HTTP interface, and every command of the bot, in every standing."""

from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from portal.domain.access.model import Permission
from portal.domain.access.rules import ACTIVITIES
from portal.domain.organizations.standing import STANDING, STANDING_ID, TABLE, State
from portal.domain.shared.documents import Replace
from portal.web.exchange import SERVICES
from portal.web.operations import OPERATIONS
from portal.wiring import Services
from tests.fakes.standing import MEMBER, OPERATOR, REPRESENTATIVE, stand

Client = TestClient[web.Request, web.Application]
Token = Callable[..., Awaitable[dict[str, str]]]

OWN = {
    *("me", "sessions", "end_sessions", "end_session", "preferences", "save_preferences"),
    "contact_data",
}
STANDINGS = {"standing", "appeal_standing"}
EXPORTS = {"export_contacts", "export_audit", "export_settings", "export_files"}
DISCLOSING = {
    *("disclosures", "receive_disclosure", "disclosure", "enter_disclosure"),
    *("export_disclosures", "export_disclosures_csv"),
}
OPERATING = {"metrics", "set_standing", "decide_appeal", "plan_erasure"}
REPORTING = {
    *("incident_findings", "report_incident", "own_reports", "own_report", "answer_incident"),
    *("check_receipt", "incidents", "export_incidents", "incident_terms", "incident"),
    *("incident_notification", "step_incident", "rate_incident", "assign_incident"),
    *("say_of_incident", "task_incident", "link_incident", "convert_incident"),
    *("breach_incident", "decide_incident"),
    *("forget_reporter", "incident_facts"),
    *("incident_draft", "keep_incident_draft", "discard_incident_draft", "incident_files"),
    *("keep_incident_file", "discard_incident_file", "own_incident_file", "incident_file"),
}
REPAIRING = {
    *("setup", "save_setup", "send_mail_link", "confirm_mail", "send_phone_code", "confirm_phone"),
    *("enrol_authenticator", "prove_authenticator", "remove_authenticator"),
    *("attest", "tenant_code", "reveal_tenant_code", "rotate_tenant_code", "call_handling"),
    *("confirm_notice", "publish_notice", "set_notice_terms"),
    *("retract_acknowledgement", "policies", "policy_text", "accept_policy", "decline_policy"),
    *("confirm_notice", "publish_notice", "set_notice_terms"),
}
LOOKING = {
    *("metric_definitions", "queue_choices", "dashboard_summary", "dashboard_series"),
    *("dashboard_queues", "dashboard_agents", "dashboard_reconciliation", "dashboard_live"),
    *("contacts", "imports", "import_status", "alerts", "subscribe_alert", "access_roles"),
    *("access_people", "grants", "effective_access", "access_review", "access_matrix"),
    *("own_notice", "notices", "notice_coverage"),
    *("access_matrix_csv", "break_glass", "views", "incident_statistics"),
    *("incident_receivers", "incident_forwards", "notices", "own_notice", "notice_coverage"),
}
CHANGING = {
    *("start_import", "create_alert", "change_alert", "remove_alert", "create_role"),
    *("change_role", "remove_role", "set_agent_keys", "create_grant", "change_grant"),
    *("remove_grant", "simulate_access", "confirm_grants", "ask_break_glass"),
    *("decide_break_glass", "end_break_glass", "save_view", "change_view", "remove_view"),
    *("add_incident_receiver", "change_incident_receiver", "remove_incident_receiver"),
    *("rotate_incident_receiver", "end_incident_receiver_secret", "try_incident_receiver"),
    "send_incident_forwards_again",
    *("set_incident_terms", "change_call_handling", "acknowledge_recording"),
}
RESTRICTED = OWN | STANDINGS | EXPORTS | REPORTING | DISCLOSING | REPAIRING | LOOKING
OPEN: dict[State, dict[str, set[str]]] = {
    State.ACTIVE: dict.fromkeys(
        (REPRESENTATIVE, MEMBER, OPERATOR), RESTRICTED | CHANGING | OPERATING
    ),
    State.RESTRICTED: {
        REPRESENTATIVE: RESTRICTED,
        MEMBER: RESTRICTED,
        OPERATOR: RESTRICTED | OPERATING,
    },
    State.SUSPENDED: {
        REPRESENTATIVE: OWN | STANDINGS | EXPORTS | REPORTING | DISCLOSING,
        MEMBER: OWN,
        OPERATOR: OWN | STANDINGS | DISCLOSING | OPERATING,
    },
    State.TERMINATED: {
        REPRESENTATIVE: OWN | STANDINGS | EXPORTS | REPORTING | DISCLOSING,
        MEMBER: OWN,
        OPERATOR: OWN | STANDINGS | DISCLOSING | OPERATING,
    },
    State.ERASING: {REPRESENTATIVE: set(), MEMBER: set(), OPERATOR: set()},
}
"""What is not refused because of the standing; the role may still refuse it."""
GUARDED = {one.name: one for one in OPERATIONS if not (one.public or one.stranger)}


async def put(services: Services, state: State) -> None:
    """Harbour stands so, whatever it takes."""
    if state is State.ACTIVE:
        return
    if state is not State.ERASING:
        await stand(services, state)
        return
    await stand(services, State.TERMINATED)
    partition = (await services.directory.get("harbour")).partition
    known = await services.documents.get(partition, STANDING, STANDING_ID)
    assert known is not None
    body = dict(known.body) | {"state": state.value}
    write = Replace(STANDING, STANDING_ID, body, known.etag)
    await services.documents.batch(partition, [write])
    await services.directory.state("harbour")


def test_every_operation_has_its_class() -> None:
    classes = (
        OWN,
        STANDINGS,
        EXPORTS,
        OPERATING,
        REPORTING,
        DISCLOSING,
        REPAIRING,
        LOOKING,
        CHANGING,
    )
    listed = [name for one in classes for name in one]
    assert sorted(listed) == sorted(GUARDED)


def test_every_permission_has_its_class_and_every_state_its_row() -> None:
    assert set(ACTIVITIES) == set(Permission)
    assert set(TABLE) == set(State)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("slug", [REPRESENTATIVE, MEMBER, OPERATOR])
async def test_every_operation_in_every_standing(
    product: Client, token: Token, state: State, slug: str
) -> None:
    services = product.server.app[SERVICES]  # type: ignore[attr-defined]
    headers = await token(slug, "harbour")
    await put(services, state)
    refused = set()
    for name, operation in GUARDED.items():
        path = operation.path.replace("{id}", "x")
        answer = await product.request(operation.method, path, headers=headers)
        code = ""
        if answer.status >= 400 and answer.content_type == "application/problem+json":
            code = (await answer.json())["code"]
        answer.close()
        if code == f"organization-{state}":
            assert answer.status == 403
            refused.add(name)
        else:
            assert not code.startswith("organization-"), (name, code)
    assert refused == set(GUARDED) - OPEN[state][slug]
