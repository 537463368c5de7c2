"""Which tokens of Microsoft Entra ID are let in, and what they say."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.adapters.identity import entra_keys
from portal.adapters.identity.entra import EntraVerifier, Registration
from portal.adapters.identity.entra_keys import SigningKeys
from portal.domain.access.rules import account_id, proved_at_s
from portal.domain.access.service import REFUSED
from portal.domain.shared.errors import NotAuthenticated, Unavailable
from tests.entra.conftest import STRANGER, SUPERVISOR
from tests.entra.entra import (
    APP,
    GRAPH,
    KEY_ID,
    TEAMS_DESKTOP,
    TEAMS_WEB,
    TENANT,
    Entra,
    authority,
    jwk,
)
from tests.fakes.clock import StandingClock

ORIGIN = "https://login.example"
ADDRESS = f"api://portal.example/{APP}"


class Published:
    """The published key set, how often it was fetched, and whether fetching works."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = list(keys)
        self.fetched = 0
        self.broken = False

    async def fetch(self) -> Any:
        self.fetched += 1
        if self.broken:
            raise OSError
        issuer = f"{ORIGIN}/{{tenantid}}/v2.0"
        shown = ("kty", "n", "e", "kid", "alg", "use", "issuer")
        return {"keys": [{n: one[n] for n in shown if n in one} for one in self._with(issuer)]}

    def _with(self, issuer: str) -> list[dict[str, Any]]:
        return [{"issuer": issuer, **key} for key in self.keys]


class Seconds:
    """A monotonic clock that stands."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def no_groups() -> frozenset[str]:
    raise AssertionError("nobody here is in too many groups")


@pytest.fixture(scope="module")
def entra() -> Entra:
    return Entra(ORIGIN, Path("none"), authority())


@pytest.fixture
def published(entra: Entra) -> Published:
    return Published(*entra.authority.jwks["keys"])


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def keys(published: Published, seconds: Seconds) -> SigningKeys:
    return SigningKeys(published.fetch, seconds)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(int(time.time() * 1000))


@pytest.fixture
def verifier(keys: SigningKeys, clock: StandingClock) -> EntraVerifier:
    return EntraVerifier(keys, Registration(ORIGIN, APP, (APP, ADDRESS), context="c1"), clock)


async def test_what_teams_hands_out_says_who_it_is(entra: Entra, verifier: EntraVerifier) -> None:
    token = entra.token(SUPERVISOR, auth_time=1_700_000_000, amr=["pwd"], acrs=["c1"])
    claims = await verifier.verify(token)
    assert (claims.tenant_id, claims.object_id) == (TENANT, SUPERVISOR.oid)
    assert claims.person_id == account_id(TENANT, SUPERVISOR.oid)
    assert (claims.display_name, claims.groups) == ("Sofia Lindqvist", frozenset(SUPERVISOR.groups))
    assert proved_at_s(claims) == 1_700_000_000


@pytest.mark.parametrize(
    "changed", [{"aud": ADDRESS}, {"azp": TEAMS_DESKTOP}, {"scp": "a access_as_user"}]
)
async def test_other_right_tokens(
    entra: Entra, verifier: EntraVerifier, changed: dict[str, Any]
) -> None:
    assert (await verifier.verify(entra.token(SUPERVISOR, **changed))).object_id == SUPERVISOR.oid


async def test_a_password_alone_proves_no_second_factor(
    entra: Entra, verifier: EntraVerifier
) -> None:
    token = entra.token(SUPERVISOR, auth_time=1_700_000_000, amr=["pwd"], acrs=["c2"])
    assert proved_at_s(await verifier.verify(token)) is None


WRONG: dict[str, dict[str, Any]] = {
    "an ID token": {"scp": None, "azp": None},
    "a Graph token": {"aud": GRAPH},
    "of the Bot Framework": {"iss": "https://api.botframework.com", "tid": None, "scp": None},
    "issued by another tenant than it names": {"tid": STRANGER.tenant},
    "of another issuer": {"iss": f"https://sts.example/{TENANT}/v2.0"},
    "with an issuer that only begins right": {"iss": f"{ORIGIN}/{TENANT}/v2.0/"},
    "of version 1": {"ver": "1.0", "iss": f"https://sts.windows.net/{TENANT}/"},
    "for another app": {"aud": "5c1d7c0e-0a3b-4b5e-9d5f-3a2f6d0c9b12"},
    "for several": {"aud": [APP, GRAPH]},
    "expired": {"exp": 1_600_000_000},
    "not yet valid": {"nbf": 4_000_000_000},
    "without an end": {"exp": None},
    "without a beginning": {"nbf": None},
    "whose end is no number": {"exp": "soon"},
    "without the scope": {"scp": "User.Read"},
    "with a longer scope": {"scp": "access_as_user_not"},
    "with a scope that is a list": {"scp": ["access_as_user"]},
    "asked for by a list": {"azp": [TEAMS_WEB]},
    "of an app alone": {"scp": None, "roles": ["access_as_user"], "idtyp": "app"},
    "of an app that says it is delegated": {"idtyp": "app"},
    "asked for by another app": {"azp": "5c1d7c0e-0a3b-4b5e-9d5f-3a2f6d0c9b12"},
    "without a tenant": {"tid": None},
    "with a tenant that is a path": {"tid": "../common", "iss": f"{ORIGIN}/../common/v2.0"},
    "without a person": {"oid": None},
    "with a person that is none": {"oid": 7},
}


@pytest.mark.parametrize("changed", WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_token_is_refused(
    entra: Entra, verifier: EntraVerifier, changed: dict[str, Any]
) -> None:
    with pytest.raises(NotAuthenticated, match=REFUSED):
        await verifier.verify(entra.token(SUPERVISOR, **changed))


def _unsigned(entra: Entra) -> str:
    return jwt.encode(entra.claims(SUPERVISOR), "", "none", headers={"kid": KEY_ID})


def _confused(entra: Entra) -> str:
    """Signed with the public key's text as a shared secret."""
    secret = str(jwk(entra.authority.signing, KEY_ID)["n"])
    return jwt.encode(entra.claims(SUPERVISOR), secret, "HS256", headers={"kid": KEY_ID})


def _of_another_key(entra: Entra) -> str:
    other = rsa.generate_private_key(65537, 2048)
    return jwt.encode(entra.claims(SUPERVISOR), other, "RS256", headers={"kid": KEY_ID})


def _tampered(entra: Entra) -> str:
    head, body, signature = entra.token(SUPERVISOR).split(".")
    return f"{head}.{body[:-6]}AAAAAA.{signature}"


FORGED: dict[str, Callable[[Entra], str]] = {
    "unsigned": _unsigned,
    "signed as if the key were shared": _confused,
    "signed by another key": _of_another_key,
    "changed after signing": _tampered,
    "of an unknown key": lambda entra: entra.signed(entra.claims(SUPERVISOR), kid="other"),
    "without a key": lambda entra: entra.signed(entra.claims(SUPERVISOR), kid=""),
    "with demands we do not know": lambda entra: entra.signed(
        entra.claims(SUPERVISOR), crit=["exp"], exp=1
    ),
    "no token": lambda _: "not.a.token",
    "half a character": lambda _: "\udc80",
    "nothing": lambda _: "",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
async def test_a_forged_token_is_refused(
    entra: Entra, verifier: EntraVerifier, forge: Callable[[Entra], str]
) -> None:
    with pytest.raises(NotAuthenticated, match=REFUSED):
        await verifier.verify(forge(entra))


async def test_an_app_of_one_tenant_takes_its_people_only(
    entra: Entra, keys: SigningKeys, clock: StandingClock
) -> None:
    registration = Registration(ORIGIN, APP, (APP,), tenant_id=TENANT)
    verifier = EntraVerifier(keys, registration, clock)
    assert (await verifier.verify(entra.token(SUPERVISOR))).tenant_id == TENANT
    with pytest.raises(NotAuthenticated, match=REFUSED):
        await verifier.verify(entra.token(STRANGER))


async def test_a_remembered_token_still_ends(
    entra: Entra, verifier: EntraVerifier, clock: StandingClock
) -> None:
    token = entra.token(SUPERVISOR)
    await verifier.verify(token)
    clock.pass_time(seconds=3600 + 121)
    with pytest.raises(NotAuthenticated):
        await verifier.verify(token)


async def test_a_key_may_sign_for_its_issuer_only(
    entra: Entra, published: Published, verifier: EntraVerifier
) -> None:
    published.keys[0] |= {"issuer": f"{ORIGIN}/{STRANGER.tenant}/v2.0"}
    with pytest.raises(NotAuthenticated):
        await verifier.verify(entra.token(SUPERVISOR))


async def test_a_rotated_key_is_found_and_a_withdrawn_one_is_gone(
    entra: Entra, published: Published, verifier: EntraVerifier, seconds: Seconds
) -> None:
    before = entra.token(SUPERVISOR)
    await verifier.verify(before)
    new = rsa.generate_private_key(65537, 2048)
    published.keys = [jwk(new, "stand-in-2")]
    seconds.now += 301
    after = jwt.encode(entra.claims(SUPERVISOR), new, "RS256", headers={"kid": "stand-in-2"})
    assert (await verifier.verify(after)).object_id == SUPERVISOR.oid
    with pytest.raises(NotAuthenticated):
        await verifier.verify(before)


async def test_random_key_ids_cause_one_fetch(
    entra: Entra, published: Published, verifier: EntraVerifier
) -> None:
    for number in range(50):
        with pytest.raises(NotAuthenticated):
            await verifier.verify(entra.signed(entra.claims(SUPERVISOR), kid=f"random{number}"))
    assert published.fetched == 1


async def test_old_keys_go_on_while_fetching_fails_but_not_for_ever(
    entra: Entra, published: Published, verifier: EntraVerifier, seconds: Seconds
) -> None:
    await verifier.verify(entra.token(SUPERVISOR))
    published.broken = True
    seconds.now += 47 * 3600
    assert (await verifier.verify(entra.token(SUPERVISOR, sub="2"))).object_id == SUPERVISOR.oid
    seconds.now += 2 * 3600
    with pytest.raises(Unavailable):
        await verifier.verify(entra.token(SUPERVISOR, sub="3"))


async def test_many_at_once_share_one_fetch(
    entra: Entra, published: Published, verifier: EntraVerifier
) -> None:
    tokens = [entra.token(SUPERVISOR, sub=str(number)) for number in range(20)]
    found = await asyncio.gather(*(verifier.verify(token) for token in tokens))
    assert (len(found), published.fetched) == (20, 1)


async def test_the_id_token_of_a_sign_in_is_for_this_app_and_no_bearer_token(
    entra: Entra, verifier: EntraVerifier
) -> None:
    said = entra.claims(SUPERVISOR, scp=None, azp=None)
    assert (await verifier.signed_in(entra.signed(said), no_groups)).object_id == SUPERVISOR.oid
    for wrong in (entra.token(SUPERVISOR), entra.signed(said | {"aud": ADDRESS})):
        with pytest.raises(NotAuthenticated):
            await verifier.signed_in(wrong, no_groups)


RIGHT: dict[str, Any] = {
    "iss": f"{ORIGIN}/{TENANT}/v2.0",
    "aud": APP,
    "tid": TENANT,
    "ver": "2.0",
    "azp": TEAMS_WEB,
    "scp": "access_as_user",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@given(name=st.sampled_from(sorted(RIGHT)), value=JSON)
@settings(max_examples=400, deadline=None)
def test_no_other_value_of_what_counts_is_let_in(name: str, value: Any) -> None:
    if value == RIGHT[name] or (name == "scp" and "access_as_user" in str(value)):
        return
    claims = {**GENERATED.claims(SUPERVISOR), name: value}
    token = jwt.api_jws.encode(
        json.dumps(claims).encode(), GENERATED.authority.signing, "RS256", {"kid": KEY_ID}
    )
    published = Published(*GENERATED.authority.jwks["keys"])
    now = StandingClock(int(time.time() * 1000))
    verifier = EntraVerifier(
        SigningKeys(published.fetch), Registration(ORIGIN, APP, (APP, ADDRESS)), now
    )
    with pytest.raises(NotAuthenticated, match=REFUSED):
        asyncio.run(verifier.verify(token))


GENERATED = Entra(ORIGIN, Path("none"), authority())


async def test_an_issuer_that_says_nothing_holds_nobody_up(
    entra: Entra, keys: SigningKeys, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entra_keys, "FETCH_S", 0.05)
    assert await keys.find(KEY_ID) is not None

    async def silent() -> Any:
        await asyncio.Event().wait()

    keys._fetch_set = silent
    keys._fetched_at -= 7 * 3600
    keys._tried_at -= 7 * 3600
    begun = time.monotonic()
    found = await asyncio.gather(*(keys.find(KEY_ID) for _ in range(50)))
    assert all(found)
    assert time.monotonic() - begun < 0.04  # known keys wait for nobody
    assert await keys.find("unknown") is None  # waits for the fetch that runs, and its end
    await keys.close()
