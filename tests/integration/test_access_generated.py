"""Somebody of one organisation asks for another's, with every operation, id and name: nothing of
it comes back, in body, header, file or log, and nobody sees a field that no grant shows them."""

import asyncio
import io
import itertools
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import logs, wiring
from portal.domain.access.documents import OWN_TENANT, TENANT
from portal.domain.access.granting import FIXED
from portal.domain.access.grants import DAY_MS, Words
from portal.domain.access.looking import Newcomer
from portal.domain.access.model import Actor, Board, Claims, Permission, Role
from portal.domain.access.rules import account_id, act
from portal.domain.access.shelf import OWN_TENANT_ID
from portal.domain.alerts.model import AlertMetric, Comparison, Threshold
from portal.domain.contacts.model import Agent, Customer, Queue
from portal.domain.contacts.ports import Batch, Tenant
from portal.domain.incidents.model import Category, Report
from portal.domain.incidents.service import Reported
from portal.domain.shared.documents import Create
from portal.domain.views.model import Filters, Wanted
from portal.settings import Settings
from portal.web import app
from portal.web.openapi import Operation
from portal.web.operations import OPERATIONS
from tests.fakes.clock import NOON_MS
from tests.fakes.contacts import contact, record
from tests.integration.bodies import least
from tests.unit.access.helpers import terms

CASES = int(os.environ.get("ACCESS_CASES", "2000"))
CANARY = "quokka"
NUMBER = "+12025550173"
DAY = "2026-10-25"
ASKING = [one for one in OPERATIONS if not one.public and one.name != "dashboard_live"]
(LIVE,) = [one for one in OPERATIONS if one.name == "dashboard_live"]
THEIRS = {
    "juniper": (
        "grace.osei",
        "noah.reyes",
        "dana.whitfield",
        "samuel.adeyemi",
        "mei.tanaka",
        "a partner",
        "an operator",
        "an own role",
        "a reporter",
    ),
    "harbour": ("sofia.lindqvist", "amira.khan", "oliver.bright", "hana.novak", "tomas.silva"),
}
CHANGES_NOTHING = frozenset({"GET"})
JUNIPER_TENANT, ELSEWHERE = "4" * 8 + "-0000-4000-8000-000000000001", "4" * 36


class Kept(NamedTuple):
    """Two organisations behind HTTP, one with canaries in everything that it keeps."""

    client: "TestClient[web.Request, web.Application]"
    services: wiring.Services
    loop: asyncio.AbstractEventLoop
    ids: tuple[str, ...]
    log: io.StringIO

    def token(self, person: str) -> str:
        assert self.services.local_sign_in is not None
        if " " in person:
            return f"token of {person}".replace(" ", "-")
        return self.services.local_sign_in.issue(person).text


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    loop, log = asyncio.new_event_loop(), io.StringIO()
    logs.configure("DEBUG", readable=False, stream=log)
    made = loop.run_until_complete(_make(tmp_path_factory.mktemp("canaries"), loop, log))
    yield made
    loop.run_until_complete(made.client.close())
    loop.run_until_complete(made.services.close())
    loop.close()
    logs.configure("WARNING", readable=False)


async def _make(folder: Path, loop: asyncio.AbstractEventLoop, log: io.StringIO) -> Kept:
    given_ = Settings(env="development", data_dir=folder / "data", sample="off")
    services = await wiring.build(given_)
    tenancy = await services.directory.get("harbour")
    tenant = Tenant(tenancy.partition, tenancy.organization.time_zone, tenancy.keyring)
    records = []
    for number in range(8):
        made = contact(
            arrived_ms=NOON_MS + number * 1000,
            queue=Queue(f"{CANARY}-key", f"{CANARY} queue"),
            agent=Agent(f"{CANARY}-agent", f"{CANARY} Agent"),
            customer=Customer(NUMBER, f"{CANARY}@example.test", f"{CANARY} Customer", None),
        )
        records.append(record(made, id=f"{CANARY}-record-{number}"))
    contacts = services.dashboards._contacts
    await contacts.ingest(tenant, Batch("genesys", records), now_ms=services.clock.now_ms())
    ids = await _things(services)
    await _more_of_juniper(services)
    server = TestServer(app.create(services, given_))
    await server.start_server(access_log=None)  # as the product does
    client: TestClient[web.Request, web.Application] = TestClient(server)
    await client.start_server()
    return Kept(client, services, loop, ids, log)


async def _things(services: wiring.Services) -> tuple[str, ...]:
    """Something of every kind in harbour; their ids."""
    person = await services.people.find("oliver.bright")
    assert person is not None
    oliver = replace(act(person, "harbour"), proved_at_s=services.clock.now_ms() / 1000)
    management, words = services.management, Words(f"{CANARY} reason")
    role = await management.create_role(f"{CANARY} role", frozenset(), actor=oliver)
    newcomer = Newcomer("", "1" * 36, "2" * 36, f"{CANARY} Person")
    grant = await management.grant(newcomer, terms("agent"), words, actor=oliver)
    (queue,) = await services.dashboards.queue_choices(actor=oliver)
    view = await services.views.save(
        Wanted(f"{CANARY} view", Board.OVERVIEW, Filters(queues=(queue.id,)), (), (), "agent"),
        actor=oliver,
    )
    glass = await _asked(services)
    said = Reported(Category.LOST_DEVICE, Report(f"{CANARY} laptop"))
    incident = (await services.incidents.report(said, actor=oliver)).incident.id
    trigger = Threshold(AlertMetric.OFFERED, Comparison.ABOVE, 1, 15)
    alert = (await services.alerts.create(f"{CANARY} queue", trigger, actor=oliver)).id
    members = await management.people(actor=oliver)
    (person_id,) = [one.person_id for one in members if CANARY in one.name]
    assert isinstance(oliver, Actor)
    own = ("local-oliver.bright", "oliver.bright")
    return (role, grant, view, glass, incident, alert, person_id, queue.id, *own)


async def _more_of_juniper(services: wiring.Services) -> None:
    """Accounts of juniper alone in what nobody of development is there alone or at all: a partner,
    an operator, a role of its own that may nearly everything, and no grant."""
    now_s = services.clock.now_ms() / 1000
    tenancy = await services.directory.get("juniper")
    tied = Create(OWN_TENANT, OWN_TENANT_ID, {"tenant_id": JUNIPER_TENANT})
    directory, tenant = services.directory.directory, {"organization": "juniper"}
    await services.documents.batch(tenancy.partition, [tied])
    await services.documents.batch(directory, [Create(TENANT, JUNIPER_TENANT, tenant)])
    services.management._shelf.forget("juniper")
    actors = {}
    for slug in ("dana.whitfield", "luca.moretti"):
        person = await services.people.find(slug)
        assert person is not None
        actors[slug] = replace(act(person, "juniper"), proved_at_s=now_s)
    dana, luca = actors.values()
    own = await services.management.create_role(
        "Nearly everything", frozenset(Permission) - FIXED, actor=dana
    )
    until_ms = services.clock.now_ms() + 30 * DAY_MS
    given_ = {
        "a partner": (terms(Role.MANAGING_PARTNER, until_ms=until_ms), dana),
        "an operator": (terms(Role.OPERATOR), luca),
        "an own role": (terms(own), dana),
        "a reporter": None,
    }
    accounts = []
    for number, (name, grant) in enumerate(given_.items()):
        outside = name in {"a partner", "an operator"}
        tenant_id, object_id = ELSEWHERE if outside else JUNIPER_TENANT, f"{number}" * 36
        if grant is not None:
            newcomer = Newcomer("", tenant_id, object_id, name)
            words = Words("because of a test")
            await services.management.grant(newcomer, grant[0], words, actor=grant[1])
        accounts.append(account_id(tenant_id, object_id))
        said = Claims(
            accounts[-1],
            "",
            now_s + 3600,
            tenant_id=tenant_id,
            object_id=object_id,
            display_name=name,
        )
        # Signed tokens are tried elsewhere; here it is who they name that counts.
        known: Any = services.local_sign_in
        known._verified[f"token of {name}".replace(" ", "-")] = said
    await services.setting_up.policies.let_in("juniper", accounts)


async def _asked(services: wiring.Services) -> str:
    person = await services.people.find("ruth.engel")
    assert person is not None
    return await services.break_glass.ask(f"{CANARY} because", 30, actor=act(person, "harbour"))


values = st.sampled_from(
    ["", "agent", "q1", f"{CANARY}-key", f"{CANARY} queue", "harbour", "c1", "a1", "oliver.bright"]
)
GRANTED = {"role": "agent", "reason": "because of a test"}
BODIES: dict[str, list[dict[str, Any]]] = {
    "create_alert": [
        {
            "queue": f"{CANARY} queue",
            "trigger": {
                "kind": "threshold",
                "metric": "offered",
                "comparison": "above",
                "limit": 1,
                "window_minutes": 15,
            },
        }
    ],
    "subscribe_alert": [{"subscribed": True}],
    "save_view": [{"title": "Mine", "filters": {"queues": ["q1"]}}, {"title": "Mine"}],
    "change_view": [{"title": "Mine", "version": 1}],
    "create_role": [{"title": "Viewer", "permissions": []}],
    "change_role": [{"title": "Viewer", "permissions": [], "version": 1}],
    "set_agent_keys": [{"agent_keys": {"genesys": f"{CANARY}-agent"}, "version": 1}],
    "create_grant": [GRANTED | {"holder": {"kind": "person", "person": "oliver.bright"}}],
    "change_grant": [GRANTED | {"version": 1}],
    "simulate_access": [
        {"changes": [{"change": "remove", "grant": "local-oliver.bright"}]},
        {
            "changes": [
                GRANTED | {"change": "grant", "holder": {"kind": "person", "person": "amira.khan"}}
            ]
        },
    ],
    "confirm_grants": [{"confirm": [{"grant": "local-oliver.bright", "version": 1}]}],
    "ask_break_glass": [{"reason": "because of a test", "minutes": 5}],
    "decide_break_glass": [{"approve": True, "version": 1}],
    "claim_organization": [{"organization": "harbour", "code": "A" * 24}],
    "say_of_incident": [{"kind": "note", "text": "of a test"}],
    "link_incident": [{"other": "00000001", "merge": True}, {"other": "00000002"}],
    # Nobody declines: whoever does is held to looking, and would be refused before the rest.
    "decline_policy": [{"number": 99, "why": "of a test"}],
}


def bodies_of(operation: Operation) -> list[dict[str, Any]] | list[None]:
    """Bodies that get as far as what the operation is about."""
    if operation.body is None:
        return [None]
    known = BODIES.get(operation.name)
    return [least(operation.body)] if known is None else known


def test_every_operation_is_asked_with_a_body_that_it_takes() -> None:
    for operation in ASKING:
        for body in bodies_of(operation):
            if operation.body is not None:
                assert body is not None, f"{operation.name} needs one in BODIES"
                operation.body.model_validate(body)


QUERIES = ("queue", "person", "role", "agent", "metric", "cursor")


@given(data=st.data())
@settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_nothing_of_another_organisation_comes_back(kept: Kept, data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(ASKING))
    person = data.draw(st.sampled_from(THEIRS["juniper"]))
    id = data.draw(st.sampled_from(kept.ids))
    query = {"organization": "harbour"} if data.draw(st.booleans()) else {}
    taken = operation.query.model_fields if operation.query else {}
    for name in QUERIES:
        if name in taken and data.draw(st.booleans()):
            query[name] = data.draw(values) or id
    if "version" in taken:
        query["version"] = "1"
    if "from_" in taken:
        query["from"] = DAY
    body = data.draw(st.sampled_from(bodies_of(operation)))
    answered = kept.loop.run_until_complete(_ask(kept, operation, person, id, query, body))
    asked = operation.path + json.dumps(query) + json.dumps(body)
    text = answered.text + answered.headers
    for found in re.finditer(CANARY, text, re.IGNORECASE):
        around = text[max(0, found.start() - 40) : found.end() + 40]
        pytest.fail(f"{operation.name} told {person}: …{around}… when asked {asked}")
    assert NUMBER[1:] not in text
    if "organization" in query and not operation.stranger:
        assert answered.status == 404, operation.name


class Answered(NamedTuple):
    status: int
    headers: str
    text: str


async def _ask(
    kept: Kept,
    operation: Operation,
    person: str,
    id: str,
    query: dict[str, str],
    body: dict[str, Any] | None,
) -> Answered:
    async with kept.client.request(
        operation.method,
        operation.path.replace("{id}", id),
        params=query,
        json=body,
        headers={"Authorization": f"Bearer {kept.token(person)}"},
    ) as answer:
        return Answered(answer.status, repr(dict(answer.headers)), await answer.text())


def test_logs_and_the_other_trail_say_nothing_of_it(kept: Kept) -> None:
    for operation, person in itertools.product(ASKING, THEIRS["juniper"] + THEIRS["harbour"]):
        if operation.method not in CHANGES_NOTHING:
            continue
        query = {"from": DAY} if operation.query and "from_" in operation.query.model_fields else {}
        kept.loop.run_until_complete(_ask(kept, operation, person, kept.ids[0], query, None))
    told = kept.log.getvalue()
    assert '"event"' in told or '"message"' in told
    assert CANARY not in told.lower()
    assert NUMBER[1:] not in told

    async def trails() -> str:
        found = []
        for code in ("juniper", "harbour"):
            tenancy = await kept.services.directory.get(code)
            found += [repr(one) async for one in kept.services.audit.entries(tenancy.partition)]
            assert await kept.services.audit.first_break(tenancy.partition) is None
        return "".join(found)

    assert CANARY not in kept.loop.run_until_complete(trails()).lower()


ROLES = {
    "a partner": Role.MANAGING_PARTNER,
    "an operator": Role.OPERATOR,
    "a reporter": Role.REPORTER,
}


@pytest.mark.parametrize("person", ["a partner", "an operator", "an own role", "a reporter"])
def test_who_asks_is_somebody_of_the_other_organisation_alone(kept: Kept, person: str) -> None:
    me = next(one for one in ASKING if one.name == "me")
    said = json.loads(kept.loop.run_until_complete(_ask(kept, me, person, "", {}, None)).text)
    assert [one["code"] for one in said["organizations"]] == ["juniper"]
    if person in ROLES:
        assert said["roles"] == [ROLES[person]]
    else:
        assert set(said["permissions"]) == set(Permission) - FIXED


@pytest.mark.parametrize("person", THEIRS["juniper"])
def test_nobody_watches_another_organisations_stream(kept: Kept, person: str) -> None:
    query = {"organization": "harbour"}
    answered = kept.loop.run_until_complete(_ask(kept, LIVE, person, "", query, None))
    assert answered.status == 404
    assert CANARY not in (answered.text + answered.headers).lower()


def test_the_live_stream_tells_of_its_own_organisation_alone(kept: Kept) -> None:
    kept.loop.run_until_complete(asyncio.wait_for(_watch(kept), 30))


async def _watch(kept: Kept) -> None:
    def stream(person: str) -> Any:
        headers = {"Authorization": f"Bearer {kept.token(person)}"}
        return kept.client.get(LIVE.path, headers=headers)

    async with stream("oliver.bright") as theirs, stream("grace.osei") as other:
        told = [await _event(other)]
        first = await _event(theirs)
        await _ingest(kept.services, "harbour", f"{CANARY} live")
        assert await _event(theirs) != first
        await _ingest(kept.services, "juniper", "plain")
        told.append(await _event(other))
        assert CANARY not in ("".join(told) + repr(dict(other.headers))).lower()
    person = await kept.services.people.find("grace.osei")
    assert person is not None
    now = await kept.services.dashboards.revision(actor=act(person, "juniper"))
    assert told[0] != told[1] == f'event: revision\ndata: {{"revision": {now}}}'


async def _event(answer: Any) -> str:
    """The next event of the stream, heartbeats aside."""
    while True:
        found = str((await answer.content.readuntil(b"\n\n")).decode()).strip()
        if not found.startswith(":"):
            return found


async def _ingest(services: wiring.Services, organization: str, queue: str) -> None:
    tenancy = await services.directory.get(organization)
    tenant = Tenant(tenancy.partition, tenancy.organization.time_zone, tenancy.keyring)
    one = record(contact(arrived_ms=NOON_MS, queue=Queue(queue, queue)), id=queue)
    batch = Batch("genesys", [one])
    await services.dashboards._contacts.ingest(tenant, batch, now_ms=services.clock.now_ms())


def test_their_own_see_it_so_that_there_is_something_to_find(kept: Kept) -> None:
    found = ""
    for operation in ASKING:
        if operation.method in CHANGES_NOTHING and "{id}" not in operation.path:
            query = (
                {"from": DAY} if operation.query and "from_" in operation.query.model_fields else {}
            )
            answer = kept.loop.run_until_complete(
                _ask(kept, operation, "oliver.bright", "", query, None)
            )
            found += answer.text
    for wanted in ("queue", "Agent", "role", "Person", "reason", "view", "because", "record-0"):
        assert f"{CANARY} {wanted}" in found or f"{CANARY}-{wanted}" in found, wanted
