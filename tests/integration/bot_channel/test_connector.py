"""What the bot sends: retried within bounds, only to the channel, with one token for all."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from email.utils import formatdate
from typing import Any

import aiohttp
import pytest

from bot.channel import connector as sending
from bot.channel import outbound
from bot.channel.connector import Connector, OutcomeUnknown, Rejected
from bot.channel.credentials import AccessToken, BotTokens, NoToken
from bot.channel.outbound import TeamsMessenger
from bot.channel.service_urls import ServiceUrls, UntrustedServiceUrl
from portal.domain.alerts import ports
from portal.domain.alerts.ports import Busy, Gone
from portal.domain.alerts.sending import SEND_SECONDS
from tests.fakes import teams
from tests.fakes.clock import StandingClock
from tests.integration.bot_channel.conftest import World
from tests.integration.bot_channel.test_keys import STALL_S, longest_stall

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": []}


class Wired:
    """A connector on a socket, with the waits it asked for instead of waiting."""

    def __init__(self, session: aiohttp.ClientSession, server: teams.FakeConnector) -> None:
        self.server = server
        self.entra = teams.Entra()
        self.waits: list[float] = []
        self.tokens = self.entra.tokens()
        self.connector = Connector(
            lambda: session,
            teams.urls(),
            self.tokens,
            "scope",
            clock=StandingClock(),
            sleep=self._wait,
        )

    async def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def send(self) -> str:
        """Sends a message."""
        return await self.connector.send(self.server.base, "a:chat", {"type": "message"})

    def reference(self, **changes: Any) -> dict[str, Any]:
        """A stored reference."""
        stored = {
            "version": 1,
            "serviceUrl": self.server.base,
            "conversation": "19:c@thread.tacv2;messageid=1",
            "tenant": teams.TENANT,
        }
        return stored | changes


@pytest.fixture
async def wired() -> AsyncIterator[Wired]:
    server = teams.FakeConnector()
    await server.start()
    async with aiohttp.ClientSession() as session:
        made = Wired(session, server)
        yield made
        await made.tokens.close()
    await server.stop()


async def test_a_message_is_sent_once_with_the_bots_token(wired: Wired) -> None:
    assert await wired.send() == "sent-1"
    assert len(wired.server.received) == 1
    assert wired.server.received[0][3]["Authorization"] == f"Bearer {teams.BOT_TOKEN}"


@pytest.mark.parametrize("status", [412, 429, 502, 503, 504])
async def test_what_the_channel_asks_to_repeat_is_repeated(wired: Wired, status: int) -> None:
    wired.server.answers = [(status, {}), (status, {})]
    assert await wired.send() == "sent-3"
    assert len(wired.waits) == 2
    assert all(0 < wait < 1 for wait in wired.waits)


async def test_retry_after_is_kept_to(wired: Wired) -> None:
    wired.server.answers = [(429, {"Retry-After": "3"}), (503, {"Retry-After": "2.5"})]
    await wired.send()
    assert wired.waits == [3.0, 2.5]


async def test_retry_after_may_be_a_time(wired: Wired) -> None:
    now_s = StandingClock().now_ms() / 1000
    wired.server.answers = [(429, {"Retry-After": formatdate(now_s + 4, usegmt=True)})]
    await wired.send()
    assert 3 <= wired.waits[0] <= 4


async def test_retry_after_that_cannot_be_read_is_a_short_wait(wired: Wired) -> None:
    wired.server.answers = [(429, {"Retry-After": "soon"})]
    await wired.send()
    assert wired.waits == [sending.FIRST_WAIT_S]


async def test_a_long_wait_is_left_to_whoever_sends(wired: Wired) -> None:
    wired.server.answers = [(429, {"Retry-After": "120"})]
    with pytest.raises(Busy) as busy:
        await wired.send()
    assert busy.value.retry_after == 120
    assert wired.waits == []


async def test_retries_end(wired: Wired) -> None:
    wired.server.answers = [(503, {})] * 50
    with pytest.raises(Busy):
        await wired.send()
    assert len(wired.server.received) == sending.ATTEMPTS


async def test_waits_end(wired: Wired) -> None:
    wired.server.answers = [(503, {"Retry-After": "5"})] * 50
    with pytest.raises(Busy):
        await wired.send()
    assert sum(wired.waits) <= sending.BUDGET_S


@pytest.mark.parametrize(("status", "error"), [(403, Gone), (404, Gone), (410, Gone)])
async def test_a_conversation_that_is_gone_is_said_so(
    wired: Wired, status: int, error: type[Exception]
) -> None:
    wired.server.answers = [(status, {})]
    with pytest.raises(error):
        await wired.send()
    assert len(wired.server.received) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 413, 500])
async def test_other_refusals_are_not_repeated_and_redirects_not_followed(
    wired: Wired, status: int
) -> None:
    elsewhere = teams.FakeConnector()
    await elsewhere.start()
    wired.server.answers = [(status, {"Location": elsewhere.base})]
    with pytest.raises(Rejected):
        await wired.send()
    assert len(wired.server.received) == 1
    assert elsewhere.received == []
    await elsewhere.stop()


async def test_a_refused_token_is_replaced_once(wired: Wired) -> None:
    wired.server.answers = [(401, {})]
    await wired.send()
    assert len(wired.entra.asked) == 2
    wired.server.answers = [(401, {}), (401, {})]
    with pytest.raises(Rejected):
        await wired.send()


async def test_a_dead_connector_is_given_up_soon(wired: Wired) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        where = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        begun = time.monotonic()
        with pytest.raises(Busy):
            await wired.connector.send(where, "a:chat", {})
    assert time.monotonic() - begun < 2


async def test_a_hung_connector_stalls_nothing_and_is_not_written_to_twice(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", aiohttp.ClientTimeout(total=0.3))
    wired.server.hung = asyncio.Event()

    async def attempt() -> None:
        with pytest.raises(OutcomeUnknown):
            await wired.send()

    assert await longest_stall(attempt) < STALL_S
    sent = len(wired.server.received)
    assert sent <= 3
    with pytest.raises(Busy):
        await wired.connector.update(wired.server.base, "a:chat", "1", {})
    assert len(wired.server.received) == sent + sending.ATTEMPTS
    wired.server.hung.set()


async def test_a_message_on_the_bots_own_initiative_waits_longer_for_its_answer(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", aiohttp.ClientTimeout(total=0.1))
    wired.server.hung = asyncio.Event()
    asyncio.get_running_loop().call_later(0.4, wired.server.hung.set)
    messenger = TeamsMessenger(wired.connector, teams.urls(), teams.TENANT)
    assert await messenger.send(wired.reference(), CARD, "text")
    assert len(wired.server.received) == 1
    assert sending.PATIENT.total is not None
    assert sending.PATIENT.total < SEND_SECONDS


async def test_a_silent_connector_gets_an_alert_once_and_its_fate_stays_unknown(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "PATIENT", aiohttp.ClientTimeout(total=0.2))
    wired.server.hung = asyncio.Event()
    messenger = TeamsMessenger(wired.connector, teams.urls(), teams.TENANT)
    with pytest.raises(ports.OutcomeUnknown):
        await messenger.send(wired.reference(), CARD, "text")
    assert len(wired.server.received) == 1
    wired.server.hung.set()


async def test_ids_stay_one_segment_of_the_address(wired: Wired) -> None:
    for conversation in ("../../evil", "a/b?c=d#e", "a%2fb", "a b\r\n", "ä", "%2e%2e"):
        await wired.connector.send(wired.server.base, conversation, {})
    for folder in ("", ".", ".."):
        with pytest.raises(Rejected):
            await wired.connector.send(wired.server.base, folder, {})
    assert len(wired.server.received) == 6
    for _, path, _, _ in wired.server.received:
        assert path.startswith("/v3/conversations/")
        assert path.endswith("/activities")
        assert path.count("/") == 4


@pytest.mark.parametrize(
    "where",
    [
        "https://evil.trafficmanager.net/",
        "http://169.254.169.254/",
        "https://smba.example",
        "",
        None,
    ],
)
async def test_the_token_goes_nowhere_else(wired: Wired, where: Any) -> None:
    with pytest.raises(UntrustedServiceUrl):
        await wired.connector.send(where, "a:chat", {})
    assert wired.entra.asked == []


# On the bot's own initiative.


async def test_the_messenger_writes_and_rewrites(wired: Wired) -> None:
    messenger = TeamsMessenger(wired.connector, teams.urls(), teams.TENANT)
    sent = await messenger.send(wired.reference(), CARD, "Billing: 71 %")
    await messenger.update(wired.reference(), sent, CARD, "Billing: 85 %")
    (first, path, body, _), (second, again, _, _) = wired.server.received
    assert (first, second) == ("POST", "PUT")
    assert again == f"{path}/{sent}"
    assert (body["summary"], body["attachments"][0]["content"]) == ("Billing: 71 %", CARD)


@pytest.mark.parametrize(
    "changes",
    [
        {"serviceUrl": "https://evil.trafficmanager.net/"},
        {"serviceUrl": "http://169.254.169.254/"},
        {"serviceUrl": None},
        {"tenant": "00000000-1111-4222-8333-444444444444"},
        {"tenant": None},
        {"conversation": None},
        {"conversation": ["a:chat"]},
    ],
)
async def test_a_stored_reference_that_was_changed_sends_nothing(
    wired: Wired, changes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    messenger = TeamsMessenger(wired.connector, teams.urls(), teams.TENANT)
    with pytest.raises(UntrustedServiceUrl):
        await messenger.send(wired.reference(**changes), CARD, "text")
    with pytest.raises(UntrustedServiceUrl):
        await messenger.is_member(wired.reference(**changes), teams.SOMEBODY)
    assert wired.server.received == []
    assert wired.entra.asked == []
    assert {record.levelname for record in caplog.records} == {"ERROR"}


async def test_membership_is_asked_of_the_roster(wired: Wired) -> None:
    messenger = TeamsMessenger(wired.connector, teams.urls(), teams.TENANT)
    assert not await messenger.is_member(wired.reference(), teams.SOMEBODY)
    # Teams finds a person by their object id, the emulator by its own id only.
    wired.server.roster = [{"id": "29:x", "aadObjectId": teams.SOMEBODY}]
    assert await messenger.is_member(wired.reference(), teams.SOMEBODY)
    wired.server.roster = [{"id": teams.SOMEBODY, "objectId": teams.SOMEBODY}]
    assert await messenger.is_member(wired.reference(), teams.SOMEBODY)
    assert not await messenger.is_member(wired.reference(), "00000000-somebody-else")
    paths = {path for _, path, _, _ in wired.server.received}
    assert all(path.startswith("/v3/conversations/19%3Ac%40thread.tacv2/") for path in paths)


@pytest.mark.parametrize(
    ("said", "is_theirs"),
    [
        ({"userRole": "user", "tenantId": teams.TENANT}, True),
        ({"userRole": "User"}, True),
        ({"userRole": "guest", "tenantId": teams.TENANT}, False),
        ({"userRole": "anonymous"}, False),
        ({}, False),
        ({"userRole": None}, False),
        ({"userRole": "user", "tenantId": "00000000-1111-4222-8333-444444444444"}, False),
        ({"userRole": "user", "userPrincipalName": "a_b.example#EXT#@c.example"}, False),
        ({"userRole": "user", "aadObjectId": "00000000-somebody-else"}, False),
    ],
)
async def test_who_is_of_the_tenant_is_the_rosters_word(
    wired: Wired, said: dict[str, Any], is_theirs: bool
) -> None:
    messenger = TeamsMessenger(wired.connector, teams.urls(), teams.TENANT)
    ask = messenger.is_of_tenant
    assert not await ask(wired.reference(), "29:x", teams.SOMEBODY)
    wired.server.roster = [{"id": "29:x", "aadObjectId": teams.SOMEBODY} | said]
    assert await ask(wired.reference(), "29:x", teams.SOMEBODY) is is_theirs
    assert not await ask(wired.reference(), "29:x", "")
    wired.server.answers = [(403, {})]
    assert not await ask(wired.reference(), "29:x", teams.SOMEBODY)


async def test_a_bot_that_was_removed_learns_it_from_the_roster(wired: Wired) -> None:
    messenger = TeamsMessenger(wired.connector, teams.urls(), teams.TENANT)
    wired.server.answers = [(403, {})]
    with pytest.raises(Gone):
        await messenger.is_member(wired.reference(), teams.SOMEBODY)


# Tokens.


async def test_three_turns_take_one_token(world: World) -> None:
    for number in range(3):
        assert (await world.post(world.activity(id=f"f:{number}")))[0] == 200
    assert len(world.connector.received) == 3
    assert world.entra.asked == ["https://api.botframework.com/.default"]


async def test_everybody_waits_for_the_same_token() -> None:
    entra = teams.Entra()
    tokens = entra.tokens()
    assert set(await asyncio.gather(*(tokens.get("a") for _ in range(50)))) == {teams.BOT_TOKEN}
    assert entra.asked == ["a"]
    await tokens.get("b")
    assert entra.asked == ["a", "b"]


async def test_a_token_is_renewed_before_it_ends_beside_the_turn() -> None:
    entra = teams.Entra()
    now = 0.0
    tokens = BotTokens(entra.acquire, lambda: now)
    await tokens.get("a")
    now = 3500.0
    assert await tokens.get("a") == teams.BOT_TOKEN
    await asyncio.gather(*tokens._fetching.values())
    assert len(entra.asked) == 2
    now = 9000.0
    await tokens.get("a")
    assert len(entra.asked) == 3


async def test_a_slow_issuer_of_tokens_stalls_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(_: str) -> AccessToken:
        time.sleep(0.4)
        return AccessToken("late", 3600)

    tokens = BotTokens(slow)
    assert await longest_stall(lambda: tokens.get("a")) < STALL_S
    monkeypatch.setattr("bot.channel.credentials.FETCH_SECONDS", 0.1)
    with pytest.raises(NoToken):
        await tokens.get("b")


async def test_without_a_token_nothing_is_sent(wired: Wired) -> None:
    def refuse(_: str) -> AccessToken:
        raise PermissionError("AADSTS7000215 with the secret in it")

    wired.connector._tokens = BotTokens(refuse)
    with pytest.raises(Busy):
        await wired.send()
    assert wired.server.received == []


async def test_no_name_of_a_host_is_trusted_by_its_end() -> None:
    with pytest.raises(UntrustedServiceUrl):
        ServiceUrls({"smba.trafficmanager.net"}).trusted("https://a.smba.trafficmanager.net")
