"""Who is let in: every request that is wrong in one way is refused, and no turn runs.

Each case is sent over a socket to a bot whose authentication is on, with a valid token unless the
case is about the token.
"""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import jwt
import pytest
from aiohttp.test_utils import TestClient, TestServer
from cryptography.hazmat.primitives import serialization

from bot.channel.channel import PATH, create
from portal.settings import Settings
from portal.wiring import SystemClock
from tests.fakes import teams
from tests.integration.bot_channel.conftest import World, authorization, surrounded
from tests.unit.bot_channel.test_service_urls import ONLY_HERE, UNTRUSTED

WEBCHAT = "https://webchat.botframework.com/"
ENTRA = f"https://sts.windows.net/{teams.TENANT}/"
MICROSOFT = "https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/"
V2 = f"https://login.microsoftonline.com/{teams.TENANT}/v2.0"
OTHER_TENANT = "00000000-1111-4222-8333-444444444444"
JSON = {"Content-Type": "application/json"}


class Wrong(NamedTuple):
    """A request that is wrong in one way: what it is and how it is answered."""

    name: str
    status: int
    body: Callable[[World], Any] = lambda world: world.activity()
    headers: Callable[[World], dict[str, str]] = lambda world: world.bearer()


def changed(**changes: Any) -> Callable[[World], Any]:
    return lambda world: world.activity(**changes)


def claiming(**claims: Any) -> Callable[[World], dict[str, str]]:
    return lambda world: world.bearer(**claims)


def saying(header: str) -> Callable[[World], dict[str, str]]:
    return lambda _: {"Authorization": header}


def segment(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def claims_of(world: World) -> dict[str, Any]:
    return jwt.decode(
        world.bearer()["Authorization"].removeprefix("Bearer "), options={"verify_signature": False}
    )


def unsigned(world: World) -> dict[str, str]:
    head = {"alg": "none", "typ": "JWT", "kid": world.issuer.key_id}
    return authorization(f"{segment(head)}.{segment(claims_of(world))}.")


def signed_with_the_public_key(world: World) -> dict[str, str]:
    """HS256 with the published key as the secret."""
    public = teams.private_key(world.issuer.key_id, 2048).public_key()
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    head = {"alg": "HS256", "typ": "JWT", "kid": world.issuer.key_id}
    said = f"{segment(head)}.{segment(claims_of(world))}"
    mac = hmac.digest(public.public_bytes(encoding, form), said.encode(), "sha256")
    return authorization(f"{said}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}")


def signed_by_another(world: World) -> dict[str, str]:
    """The channel's key id, another's signature."""
    head = {"kid": world.issuer.key_id}
    token = world.foreign.token(serviceurl=world.connector.base, headers=head)
    return authorization(token)


def tampered(world: World) -> dict[str, str]:
    head, _, signature = world.bearer()["Authorization"].removeprefix("Bearer ").split(".")
    return authorization(f"{head}.{segment(claims_of(world) | {'x': 1})}.{signature}")


def of_entra(**claims: Any) -> Callable[[World], dict[str, str]]:
    """A token that Entra ID signed, as the emulator and skills send them."""
    return lambda world: authorization(
        world.foreign.token(**{"serviceurl": world.connector.base} | claims)
    )


def headed(**headers: Any) -> Callable[[World], dict[str, str]]:
    return lambda world: authorization(
        world.issuer.token(headers=headers, serviceurl=world.connector.base)
    )


def algorithm(name: str) -> Callable[[World], dict[str, str]]:
    def header(world: World) -> dict[str, str]:
        key = teams.private_key(world.issuer.key_id, 2048)
        return authorization(
            jwt.encode(claims_of(world), key, name, headers={"kid": world.issuer.key_id})
        )

    return header


def nested(levels: int) -> Callable[[World], Any]:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return changed(value={"deep": value})


CASES = [
    # No token, or something else in its place.
    Wrong("no authorization", 401, headers=lambda _: {}),
    Wrong("empty authorization", 401, headers=saying("")),
    Wrong("another scheme", 401, headers=saying("Basic dXNlcjp3b3Jk")),
    Wrong("a scheme without token", 401, headers=saying("Bearer")),
    Wrong("garbage", 401, headers=saying("Bearer garbage")),
    Wrong("three dots of garbage", 401, headers=saying("Bearer a.b.c")),
    Wrong("a token with a word behind it", 401, headers=saying("Bearer a.b.c d")),
    Wrong("headers of 100 KB", 400, headers=saying("Bearer " + "a" * 100_000)),
    Wrong("a token of 5 KB is too long", 401, headers=saying("Bearer " + "a" * 5000)),
    # A token of the channel that is wrong in one claim.
    Wrong("expired", 401, headers=claiming(exp=int(time.time()) - 3600)),
    Wrong("not valid yet", 401, headers=claiming(nbf=int(time.time()) + 3600)),
    Wrong("no expiry", 401, headers=claiming(exp=None)),
    Wrong("an expiry that is no number", 401, headers=claiming(exp="tomorrow")),
    Wrong("an expiry beyond all numbers", 401, headers=claiming(exp=1e400)),
    Wrong("another audience", 401, headers=claiming(aud=teams.TENANT)),
    Wrong("a list of audiences", 401, headers=claiming(aud=[teams.APP])),
    Wrong("no audience", 401, headers=claiming(aud=None)),
    Wrong("another issuer", 401, headers=claiming(iss="https://api.botframework.us")),
    Wrong("an issuer that begins alike", 401, headers=claiming(iss="https://api.botframework")),
    Wrong("a list of issuers", 401, headers=claiming(iss=["https://api.botframework.com"])),
    Wrong("no issuer", 401, headers=claiming(iss=None)),
    Wrong("no service url claim", 401, headers=claiming(serviceurl=None)),
    Wrong("another service url claim", 401, headers=claiming(serviceurl="https://smba.example")),
    # A token that is signed wrongly.
    Wrong("unsigned", 401, headers=unsigned),
    Wrong("HS256 with the public key", 401, headers=signed_with_the_public_key),
    Wrong("RS512", 401, headers=algorithm("RS512")),
    Wrong("PS256", 401, headers=algorithm("PS256")),
    Wrong("another's signature under the channel's key id", 401, headers=signed_by_another),
    Wrong("changed after signing", 401, headers=tampered),
    Wrong("unknown key id", 401, headers=headed(kid="nobody's")),
    Wrong("a key id that is no text", 401, headers=saying(f"Bearer {segment({'kid': 7})}.e30.x")),
    Wrong("a critical header we do not know", 401, headers=headed(crit=["x"], x=1)),
    # Tokens of Entra ID.
    Wrong("a skill's token", 401, headers=of_entra(iss=V2, azp=teams.APP, ver="2.0")),
    Wrong("the emulator's token", 401, headers=of_entra(iss=MICROSOFT, appid=teams.APP)),
    Wrong("a token for ourselves", 401, headers=of_entra(iss=ENTRA, appid=teams.APP, ver="1.0")),
    Wrong("our own token on its way back", 401, headers=of_entra(iss=ENTRA, aud=WEBCHAT)),
    Wrong("an Entra key that says it is the channel", 401, headers=of_entra()),
    # Another channel, another place.
    Wrong("no channel", 400, changed(channelId=None)),
    Wrong("an empty channel", 400, changed(channelId="")),
    Wrong("web chat", 403, changed(channelId="webchat")),
    Wrong("direct line", 403, changed(channelId="directline")),
    Wrong("the emulator's channel", 403, changed(channelId="emulator")),
    Wrong("Teams in capitals", 403, changed(channelId="MSTEAMS")),
    Wrong("no service url", 400, changed(serviceUrl=None)),
    Wrong(
        "the metadata service, with an equal claim",
        403,
        changed(serviceUrl="http://169.254.169.254/"),
        claiming(serviceurl="http://169.254.169.254/"),
    ),
    Wrong(
        "a host that ends alike, with an equal claim",
        403,
        changed(serviceUrl="https://evil.trafficmanager.net/"),
        claiming(serviceurl="https://evil.trafficmanager.net/"),
    ),
    Wrong("another tenant", 403, changed(channelData={"tenant": {"id": OTHER_TENANT}})),
    Wrong(
        "no tenant", 403, changed(channelData={}, conversation={"id": "a", "conversationType": "x"})
    ),
    Wrong("two tenants", 403, changed(conversation={"id": "a", "tenantId": OTHER_TENANT})),
    Wrong("a tenant that is no text", 403, changed(channelData={"tenant": {"id": [teams.TENANT]}})),
    # What is no activity.
    Wrong("no JSON", 400, lambda _: b"{"),
    Wrong("an empty body", 400, lambda _: b""),
    Wrong("a list", 400, lambda _: b"[]"),
    Wrong("null", 400, lambda _: b"null"),
    Wrong("another encoding", 400, lambda _: '{"a": "ä"}'.encode("utf-16")),
    Wrong("no number", 400, lambda _: b'{"a": NaN}'),
    Wrong("nested 40 deep", 400, nested(40)),
    Wrong("nested 100,000 deep", 400, lambda _: b"[" * 100_000),
    Wrong("no type", 400, changed(type=None)),
    Wrong("a type that is a list", 400, changed(type=["message"])),
    Wrong("a type of 1,000 letters", 400, changed(type="m" * 1000)),
    Wrong("no id", 400, changed(id=None)),
    Wrong("no conversation", 400, changed(conversation=None)),
    Wrong("a conversation that is text", 400, changed(conversation="a:chat")),
    Wrong("a conversation without id", 400, changed(conversation={"tenantId": teams.TENANT})),
    Wrong("no sender", 400, lambda world: _without(world, "from")),
    Wrong("no recipient", 400, changed(recipient=None)),
    Wrong("300 KB", 413, changed(text="x" * 300_000)),
    Wrong("300 KB without a length", 413, lambda _: _in_pieces(b" " * 1000, 300)),
]


def _without(world: World, name: str) -> dict[str, Any]:
    return {key: value for key, value in world.activity().items() if key != name}


async def _in_pieces(piece: bytes, count: int) -> Any:
    for _ in range(count):
        yield piece


def test_the_matrix_is_large_enough() -> None:
    assert len(CASES) >= 38
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
async def test_whoever_is_wrong_is_refused_and_no_turn_runs(world: World, case: Wrong) -> None:
    body = case.body(world)
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    headers = case.headers(world) | JSON
    async with world.client.post(PATH, data=data, headers=headers) as answer:
        text = await answer.text()
    assert answer.status == case.status, text
    assert world.bot.heard == []
    assert world.connector.received == []
    assert teams.TENANT not in text
    assert "Traceback" not in text


async def test_the_right_request_runs_once(world: World) -> None:
    assert (await world.post(world.activity()))[0] == 200
    assert len(world.bot.heard) == 1


async def test_a_key_that_is_not_endorsed_for_teams_is_refused(world: World) -> None:
    world.issuer.endorsements = ["webchat", "directline"]
    await world.channel._keys.refresh()
    assert (await world.post(world.activity()))[0] == 403
    world.issuer.endorsements = None
    await world.channel._keys.refresh()
    assert (await world.post(world.activity()))[0] == 403
    assert world.bot.heard == []


@pytest.mark.filterwarnings("ignore:The RSA key is 1024 bits long")
async def test_a_short_key_is_no_key(world: World) -> None:
    world.issuer.rotate(size=1024)
    await world.channel._keys.refresh()
    headers = world.bearer()
    assert (await world.post(world.activity(), headers))[0] == 401
    assert world.bot.heard == []


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "text/json", ""])
async def test_another_media_type_is_refused(world: World, kind: str) -> None:
    headers = world.bearer() | {"Content-Type": kind}
    data = json.dumps(world.activity())
    async with world.client.post(PATH, data=data, headers=headers) as answer:
        assert answer.status == 415
    assert world.bot.heard == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_another_method_is_refused(world: World, method: str) -> None:
    async with world.client.request(method, PATH, headers=world.bearer()) as answer:
        assert answer.status == 405
    assert world.bot.heard == []


async def test_there_is_no_streaming_connection(world: World) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await world.client.ws_connect(PATH, headers=world.bearer())
    assert refused.value.status == 405


async def test_a_compressed_body_is_not_unpacked(world: World) -> None:
    headers = world.bearer() | JSON | {"Content-Encoding": "gzip"}
    async with world.client.post(PATH, data=b"\x1f\x8b", headers=headers) as answer:
        assert answer.status == 400
    assert world.bot.heard == []


async def test_the_answer_says_that_a_token_is_wrong_not_how(world: World) -> None:
    expired = await world.post(world.activity(), world.bearer(exp=1))
    forged = await world.post(world.activity(), signed_by_another(world))
    assert expired[1].pop("correlation_id") != forged[1].pop("correlation_id")
    assert expired == forged
    assert expired[1]["code"] == "not-authenticated"


async def test_a_remembered_token_is_judged_anew_after_its_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, verifier = world.bearer(), world.channel._verifier
    assert verifier is not None
    judged: list[str] = []
    judge = verifier._claims

    def spy(token: str, key: Any) -> Any:
        judged.append(token)
        return judge(token, key)

    monkeypatch.setattr(verifier, "_claims", spy)
    for number in range(3):
        assert (await world.post(world.activity(id=f"f:{number}"), headers))[0] == 200
    assert len(judged) == 1
    monkeypatch.setattr(verifier, "_now_s", lambda: time.time() + 7200)
    await world.post(world.activity(id="f:4"), headers)
    assert len(judged) == 2


async def test_a_remembered_token_is_still_bound_to_its_service_url(world: World) -> None:
    headers = world.bearer()
    assert (await world.post(world.activity(), headers))[0] == 200
    elsewhere = world.activity(id="f:2", serviceUrl="https://smba.trafficmanager.net/emea/")
    assert (await world.post(elsewhere, headers))[0] == 401
    assert len(world.bot.heard) == 1


@pytest.mark.parametrize("url", [one for one in UNTRUSTED if one not in ONLY_HERE], ids=repr)
async def test_no_address_of_the_corpus_is_answered_to(
    world: World, monkeypatch: pytest.MonkeyPatch, url: Any
) -> None:
    """With a token that says the same address, as one who holds the channel's key could make."""
    connected: list[str | None] = []
    connect = aiohttp.TCPConnector.connect

    async def spy(self: aiohttp.TCPConnector, request: Any, *rest: Any, **words: Any) -> Any:
        connected.append(request.url.host)
        return await connect(self, request, *rest, **words)

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", spy)
    body = world.activity() | {"serviceUrl": url}
    status, _ = await world.post(body, world.bearer(serviceurl=url))
    assert status in {400, 403}
    assert world.bot.heard == []
    assert world.entra.asked == []
    assert set(connected) == {"127.0.0.1"}


async def test_a_channel_made_from_production_settings_is_closed(
    world: World, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("not a real one", encoding="utf-8")
    settings = Settings(
        env="production",
        region="uk",
        data_dir=tmp_path / "data",
        key_file=tmp_path / "key",
        bot="on",
        bot_app_id=teams.APP,
        bot_tenant_id=teams.TENANT,
        bot_credential="secret",
        bot_secret_file=tmp_path / "secret",
    )
    channel = create(settings, SystemClock(), teams.cloud(world.issuer))
    channel.start(world.bot)
    async with TestClient(TestServer(surrounded(channel))) as client:
        for headers in ({}, unsigned(world), world.bearer(aud=teams.TENANT)):
            async with client.post(PATH, json=world.activity(), headers=headers) as answer:
                assert answer.status in {401, 403}
        # This machine is no part of the channel, whatever a valid token says.
        async with client.post(PATH, json=world.activity(), headers=world.bearer()) as answer:
            assert answer.status == 403
    await channel.close()
    assert world.bot.heard == []
    without = settings.model_copy(update={"bot_app_id": ""})
    with pytest.raises(ValueError, match="development only"):
        create(without, SystemClock())


# Development: no credentials, this machine alone.


async def test_the_emulator_is_let_in_without_a_token(emulated: World) -> None:
    assert (await emulated.post(emulated.activity(), {}))[0] == 200
    assert len(emulated.bot.heard) == 1
    assert "Authorization" not in emulated.connector.received[0][3]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "bot.example"},
        {"Host": "192.168.0.7:3978"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_nobody_else_is_let_in_without_a_token(
    emulated: World, headers: dict[str, str]
) -> None:
    assert (await emulated.post(emulated.activity(), headers))[0] == 403
    assert emulated.bot.heard == []


async def test_another_machine_is_not_let_in_without_a_token(
    emulated: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channel.channel.HERE", frozenset({"192.0.2.1"}))
    assert (await emulated.post(emulated.activity(), {}))[0] == 403
    assert emulated.bot.heard == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"channelId": "emulator"}, 403),
        ({"serviceUrl": "https://evil.example/"}, 403),
        ({"channelData": {"tenant": {"id": OTHER_TENANT}}}, 403),
        ({"type": None}, 400),
    ],
)
async def test_the_emulator_is_held_to_the_same_form(
    emulated: World, changes: dict[str, Any], status: int
) -> None:
    assert (await emulated.post(emulated.activity(**changes), {}))[0] == status
    assert emulated.bot.heard == []


async def test_many_strangers_at_once_are_all_refused(world: World) -> None:
    headers = saying("Bearer a.b.c")(world)
    answers = await asyncio.gather(*(world.post(world.activity(), headers) for _ in range(50)))
    assert {status for status, _ in answers} == {401}
    assert world.bot.heard == []
