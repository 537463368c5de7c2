"""Browsers' sessions: how long they live, how they end, what the store knows of them."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from portal.adapters.secrets.local import LocalKeyrings
from portal.domain.access.model import Claims, Person, Role
from portal.domain.access.rules import account_id, acting_as, holding, proved_at_s
from portal.domain.access.service import Access
from portal.domain.sessions import ports, rules
from portal.domain.sessions.model import Purpose, Session
from portal.domain.sessions.ports import SIGN_IN, Begun
from portal.domain.sessions.sealing import SignInSeal
from portal.domain.sessions.service import Sessions
from portal.domain.sessions.signing_in import MOST_A_MINUTE, SigningIn, step_up_claims
from portal.domain.shared.errors import NotAuthenticated, NotFound, RateLimited
from portal.domain.shared.fields import Kind, faults
from tests.fakes.world import BAY, World, opened

TENANT = "0d5b6a3e-6f0d-4c33-8a53-2b9f0c7a1e01"
SOFIA, OLIVER = "1a000000-0000-4000-8000-000000000002", "1a000000-0000-4000-8000-000000000001"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/139.0 Safari/537.36 Edg/139.0"
PROOF_S = 600
BACK = "https://portal.example/sign-in/callback"


def said(world: World, object_id: str = SOFIA, *, methods: tuple[str, ...] = ("pwd",)) -> Claims:
    """What the provider says of somebody who signed in just now."""
    now_s = world.clock.now_ms() / 1000
    return Claims(
        account_id(TENANT, object_id),
        "",
        now_s + 3600,
        tenant_id=TENANT,
        object_id=object_id,
        groups=frozenset({"g1"}),
        authenticated_at_s=now_s,
        methods=frozenset(methods),
    )


class Directory:
    """Knows everybody of the tenant but one."""

    async def recognise(self, claims: Claims) -> Person | None:
        return await self.find(claims.person_id)

    async def find(self, person_id: str) -> Person | None:
        known = {account_id(TENANT, one): one for one in (SOFIA, OLIVER)}
        if person_id not in known:
            return None
        return Person(person_id, "Somebody", {BAY: (holding(Role.SUPERVISOR),)})

    async def find_in_teams(self, tenant_id: str, aad_object_id: str) -> Person | None:
        return None


class Provider:
    """Microsoft's page: `answers` is who comes back."""

    def __init__(self) -> None:
        self.answers: Claims | None = None
        self.asked: list[tuple[str, str, bool]] = []

    async def begin(
        self,
        redirect_uri: str,
        *,
        claims: str = "",
        again: bool = False,
        scopes: tuple[str, ...] = (),
    ) -> Begun:
        self.asked.append((redirect_uri, claims, again))
        return Begun("https://login.example/authorize?state=s1", '{"code_verifier": "canary"}')

    async def finish(self, kept: str, answer: Mapping[str, str]) -> Claims:
        assert json.loads(kept) == {"code_verifier": "canary"}
        if self.answers is None or answer.get("state") != "s1":
            raise NotAuthenticated("refused")
        return self.answers


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path) as made:
        yield made


@pytest.fixture
def access() -> Access:
    return Access(None, Directory())


@pytest.fixture
def sessions(world: World, access: Access) -> Sessions:
    return Sessions(
        world.organizations,
        world.documents,
        world.audit,
        access,
        world.clock,
        proof_ms=PROOF_S * 1000,
    )


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def signing_in(world: World, sessions: Sessions, access: Access, provider: Provider) -> SigningIn:
    keyrings = LocalKeyrings(world.folder / "key")
    return SigningIn(
        provider=provider,
        organizations=world.organizations,
        documents=world.documents,
        sessions=sessions,
        access=access,
        seal=SignInSeal(world.organizations, world.documents, keyrings),
        clock=world.clock,
        context="c1",
    )


@pytest.mark.parametrize(
    "kind", [ports.SESSION, ports.SIGN_IN, ports.PROOF, ports.KEPT_TOKEN, ports.SIGN_IN_KEY]
)
def test_every_stored_field_is_declared(kind: Kind) -> None:
    assert faults(kind) == []


async def test_a_session_says_again_what_the_sign_in_said(world: World, sessions: Sessions) -> None:
    claims = said(world, methods=("pwd", "mfa"))
    opened_now = await sessions.open(claims, EDGE)
    found = await sessions.find(opened_now.cookie)
    kept = replace(claims, expires_s=found.claims.expires_s, session_id=found.id)
    assert (found.claims, found.device) == (kept, "Edge / Windows")


async def test_the_store_knows_no_cookie(world: World, sessions: Sessions) -> None:
    cookie = (await sessions.open(said(world), EDGE)).cookie
    secret = cookie.partition(".")[2]
    assert len(secret) == 43
    for path in (world.folder / "data").iterdir():
        assert secret.encode() not in path.read_bytes()


@pytest.mark.parametrize("text", ["", "x", "a" * 32 + ".", "a" * 32 + "." + "b" * 43, "../x"])
async def test_other_cookies_open_nothing(sessions: Sessions, text: str) -> None:
    with pytest.raises(NotAuthenticated):
        await sessions.find(text)


async def test_the_secret_of_one_account_opens_no_other(world: World, sessions: Sessions) -> None:
    mine = (await sessions.open(said(world), EDGE)).cookie
    theirs = f"{account_id(TENANT, OLIVER)}.{mine.partition('.')[2]}"
    with pytest.raises(NotAuthenticated):
        await sessions.find(theirs)


async def test_a_session_ends_half_an_hour_after_its_last_use(
    world: World, sessions: Sessions
) -> None:
    cookie = (await sessions.open(said(world), EDGE)).cookie
    for _ in range(3):
        world.clock.pass_time(seconds=29 * 60)
        await sessions.find(cookie)
    world.clock.pass_time(seconds=30 * 60)
    with pytest.raises(NotAuthenticated):
        await sessions.find(cookie)


async def test_being_looked_at_is_no_use(world: World, sessions: Sessions) -> None:
    cookie = (await sessions.open(said(world), EDGE)).cookie
    for _ in range(5):
        world.clock.pass_time(seconds=5 * 60)
        await sessions.find(cookie, used=False)
    world.clock.pass_time(seconds=5 * 60)
    with pytest.raises(NotAuthenticated):
        await sessions.find(cookie)


async def test_a_session_ends_after_twelve_hours_however_much_it_is_used(
    world: World, sessions: Sessions
) -> None:
    cookie = (await sessions.open(said(world), EDGE)).cookie
    for _ in range(12 * 4 - 1):
        world.clock.pass_time(seconds=15 * 60)
        await sessions.find(cookie)
    world.clock.pass_time(seconds=15 * 60)
    with pytest.raises(NotAuthenticated):
        await sessions.find(cookie)


async def test_a_step_up_changes_the_cookie_and_not_the_end(
    world: World, sessions: Sessions
) -> None:
    before = await sessions.open(said(world), EDGE)
    world.clock.pass_time(seconds=600)
    after = await sessions.open(said(world, methods=("mfa",)), EDGE, instead_of=before.session)
    assert after.cookie != before.cookie
    assert after.session.ends_at_ms == before.session.ends_at_ms
    assert proved_at_s(after.session.claims) == world.clock.now_ms() / 1000
    with pytest.raises(NotAuthenticated):
        await sessions.find(before.cookie)


async def test_people_see_and_end_their_own_sessions_only(world: World, sessions: Sessions) -> None:
    mine = acting_as(Role.SUPERVISOR, account_id(TENANT, SOFIA), "Sofia", BAY)
    first = await sessions.open(said(world), EDGE)
    world.clock.pass_time(seconds=5)
    second = await sessions.open(said(world), "Mozilla/5.0 (iPhone) Version/18 Safari/605")
    others = await sessions.open(said(world, OLIVER), EDGE)
    assert [one.device for one in await sessions.of(actor=mine)] == [
        "Safari / iOS",
        "Edge / Windows",
    ]
    with pytest.raises(NotFound):
        await sessions.end(others.session.id, actor=mine)
    await sessions.end(first.session.id, actor=mine)
    assert [one.id for one in await sessions.of(actor=mine)] == [second.session.id]
    assert (await sessions.find(others.cookie)).id == others.session.id


async def test_signing_out_everywhere_ends_every_session_also_while_they_are_used(
    world: World, sessions: Sessions
) -> None:
    mine = acting_as(Role.SUPERVISOR, account_id(TENANT, SOFIA), "Sofia", BAY)
    cookies = [(await sessions.open(said(world), EDGE)).cookie for _ in range(5)]
    world.clock.pass_time(seconds=90)
    uses = (sessions.find(cookie) for cookie in cookies)
    *_, ended = await asyncio.gather(*uses, sessions.end_all(actor=mine), return_exceptions=True)
    assert ended == 5
    for cookie in cookies:
        with pytest.raises(NotAuthenticated):
            await sessions.find(cookie)


async def test_signing_out_everywhere_ends_proofs_too(world: World, sessions: Sessions) -> None:
    mine = acting_as(Role.SUPERVISOR, account_id(TENANT, SOFIA), "Sofia", BAY)
    proof = await sessions.prove(said(world, methods=("mfa",)))
    token = replace(said(world), authenticated_at_s=None)
    assert proved_at_s(await sessions.proven(token, proof)) is not None
    assert await sessions.end_all(actor=mine) == 0
    assert proved_at_s(await sessions.proven(token, proof)) is None


async def test_the_trail_tells_of_sign_in_and_sign_out(world: World, sessions: Sessions) -> None:
    mine = acting_as(Role.SUPERVISOR, account_id(TENANT, SOFIA), "Sofia", BAY)
    opened = await sessions.open(said(world), EDGE)
    await sessions.end(opened.session.id, actor=mine)
    with pytest.raises(NotFound):
        await sessions.end(opened.session.id, actor=mine)
    tenancy = await world.organizations.get(BAY)
    told = [one.action async for one in world.audit.entries(tenancy.partition)]
    assert told[-2:] == ["session.opened", "session.ended"]
    assert await world.audit.first_break(tenancy.partition) is None


async def test_a_sign_in_comes_back_once_and_only_to_its_browser(
    signing_in: SigningIn, sessions: Sessions, provider: Provider, world: World
) -> None:
    started = await signing_in.start(BACK, purpose=Purpose.SESSION, return_to="/tab/?range=today")
    assert dict(parse_qsl(urlsplit(started.address).query)) == {"state": "s1"}
    assert provider.asked == [(BACK, "", False)]
    provider.answers = said(world)
    for other in ("", "b" * 43, "not a secret"):
        with pytest.raises(NotAuthenticated):
            await signing_in.finish(other, {"state": "s1"}, user_agent=EDGE)
    done = await signing_in.finish(started.cookie, {"state": "s1"}, user_agent=EDGE)
    assert done.return_to == "/tab/?range=today"
    assert (await sessions.find(done.cookie)).claims.object_id == SOFIA
    with pytest.raises(NotAuthenticated):
        await signing_in.finish(started.cookie, {"state": "s1"}, user_agent=EDGE)


async def test_a_sign_in_waits_ten_minutes(
    signing_in: SigningIn, provider: Provider, world: World
) -> None:
    started = await signing_in.start(BACK, purpose=Purpose.SESSION)
    provider.answers = said(world)
    world.clock.pass_time(seconds=601)
    with pytest.raises(NotAuthenticated):
        await signing_in.finish(started.cookie, {"state": "s1"}, user_agent=EDGE)


async def test_what_a_sign_in_leaves_is_sealed(signing_in: SigningIn, world: World) -> None:
    await signing_in.start(BACK, purpose=Purpose.SESSION)
    page = await world.documents.query(f"{world.organizations.directory}sign-in", SIGN_IN)
    assert "canary" not in str(page.documents)
    for path in (world.folder / "data").iterdir():
        assert b"canary" not in path.read_bytes()


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example/",
        "//evil.example",
        "/tab/../api",
        "/tab/\nx",
        "/api/me",
        "",
        "/tab/#x",
    ],
)
def test_nobody_is_sent_elsewhere(asked: str) -> None:
    assert rules.safe_return(asked) == "/tab/"


class TestStepUp:
    """A session that has to be proven, and the tab in Teams that has none."""

    async def started(self, signing_in: SigningIn, current: Session | None) -> str:
        return (await signing_in.start(BACK, purpose=Purpose.STEP_UP, current=current)).cookie

    async def test_it_asks_for_the_second_factor_now(
        self, signing_in: SigningIn, sessions: Sessions, provider: Provider, world: World
    ) -> None:
        before = await sessions.open(said(world), EDGE)
        secret = await self.started(signing_in, before.session)
        assert provider.asked == [(BACK, step_up_claims("c1"), True)]
        provider.answers = said(world, methods=("pwd", "mfa"))
        done = await signing_in.finish(secret, {"state": "s1"}, user_agent=EDGE)
        assert proved_at_s((await sessions.find(done.cookie)).claims) is not None

    async def test_without_a_session_there_is_nothing_to_prove(self, signing_in: SigningIn) -> None:
        with pytest.raises(NotAuthenticated):
            await self.started(signing_in, None)

    @pytest.mark.parametrize("wrong", ["another person", "one factor", "an old proof", "no time"])
    async def test_it_takes_no_less(
        self,
        signing_in: SigningIn,
        sessions: Sessions,
        provider: Provider,
        world: World,
        wrong: str,
    ) -> None:
        before = await sessions.open(said(world), EDGE)
        secret = await self.started(signing_in, before.session)
        right = said(world, methods=("mfa",))
        at = right.authenticated_at_s or 0
        provider.answers = {
            "another person": said(world, OLIVER, methods=("mfa",)),
            "one factor": said(world),
            "an old proof": replace(right, authenticated_at_s=at - 301),
            "no time": replace(right, authenticated_at_s=None),
        }[wrong]
        with pytest.raises(NotAuthenticated):
            await signing_in.finish(secret, {"state": "s1"}, user_agent=EDGE)
        assert proved_at_s((await sessions.find(before.cookie)).claims) is None

    async def test_a_session_that_ended_meanwhile_stays_ended(
        self, signing_in: SigningIn, sessions: Sessions, provider: Provider, world: World
    ) -> None:
        before = await sessions.open(said(world), EDGE)
        secret = await self.started(signing_in, before.session)
        mine = acting_as(Role.SUPERVISOR, account_id(TENANT, SOFIA), "Sofia", BAY)
        await sessions.end(before.session.id, actor=mine)
        provider.answers = said(world, methods=("mfa",))
        with pytest.raises(NotAuthenticated):
            await signing_in.finish(secret, {"state": "s1"}, user_agent=EDGE)

    async def test_the_tab_gets_a_proof_that_counts_for_its_person_and_a_while(
        self, signing_in: SigningIn, sessions: Sessions, provider: Provider, world: World
    ) -> None:
        started = await signing_in.start(BACK, purpose=Purpose.PROOF)
        provider.answers = said(world, methods=("mfa",))
        done = await signing_in.finish(started.cookie, {"state": "s1"}, user_agent=EDGE)
        token = replace(said(world), authenticated_at_s=None)
        at = proved_at_s(await sessions.proven(token, done.proof))
        assert at == world.clock.now_ms() / 1000
        others = replace(said(world, OLIVER), authenticated_at_s=None)
        for claims, proof in ((others, done.proof), (token, "x"), (token, done.proof[:-1] + "_")):
            assert await sessions.proven(claims, proof) == claims
        with pytest.raises(NotAuthenticated):
            await sessions.find(done.proof)
        world.clock.pass_time(seconds=PROOF_S)
        assert await sessions.proven(token, done.proof) == token


async def test_beginning_sign_ins_is_bounded(signing_in: SigningIn, world: World) -> None:
    for _ in range(MOST_A_MINUTE):
        signing_in._require_room()
    with pytest.raises(RateLimited):
        await signing_in.start(BACK, purpose=Purpose.SESSION)
    world.clock.pass_time(seconds=60)
    await signing_in.start(BACK, purpose=Purpose.SESSION)
