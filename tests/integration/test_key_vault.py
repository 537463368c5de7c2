"""Named secrets and organisations' keys in a Key Vault that misbehaves, through the official
client."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ServiceRequestError
from azure.core.pipeline.transport import AsyncHttpTransport

from portal.adapters.secrets import credential, vault_secrets
from portal.adapters.secrets.vault import Vault
from portal.adapters.secrets.vault_keys import VaultKeyrings
from portal.adapters.secrets.vault_secrets import VaultSecrets
from portal.domain.organizations.model import Organization, Region
from portal.domain.organizations.service import Organizations
from portal.domain.shared.errors import DomainError, RateLimited, Unavailable
from tests.fakes.world import opened
from tests.vault.reaching import Pauses, reached, stand_in
from tests.vault.stand_in import READER, RESOURCE, VaultStandIn

MINUTE = 60.0


class _Nowhere(AsyncHttpTransport[Any, Any]):
    """A network without an address that gives identities to machines."""

    async def send(self, request: Any, **_: Any) -> Any:
        raise ServiceRequestError(f"no way to {request.url}")

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        pass


class Seconds:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[VaultStandIn]:
    async with stand_in(tmp_path).serving() as running:
        yield running


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
async def client(vault: VaultStandIn, pauses: Pauses) -> AsyncIterator[Vault]:
    made = reached(vault, pauses=pauses)
    yield made
    await made.close()


@pytest.fixture
async def secrets(client: Vault, seconds: Seconds) -> AsyncIterator[VaultSecrets]:
    made = VaultSecrets(client, seconds)
    yield made
    await made.close()


async def texts(secrets: VaultSecrets, name: str = "mail") -> list[str]:
    return [one.text for one in await secrets.live(name)]


class TestSecrets:
    """By name, cached, in two versions while they change."""

    async def test_a_secret_is_had_by_name(
        self, vault: VaultStandIn, secrets: VaultSecrets
    ) -> None:
        vault.state.set_secret("mail", "first")
        [one] = await secrets.live("mail")
        assert one.text == "first"
        assert "first" not in repr(one)

    async def test_two_versions_count_during_a_rotation_and_none_before(
        self, vault: VaultStandIn, secrets: VaultSecrets, seconds: Seconds
    ) -> None:
        first = vault.state.set_secret("mail", "first")
        assert await texts(secrets) == ["first"]
        vault.state.set_secret("mail", "second")
        seconds.now += 5 * MINUTE
        assert await texts(secrets) == ["second", "first"]
        first.enabled = False
        seconds.now += 5 * MINUTE
        assert await texts(secrets) == ["second"]
        for text in ("third", "fourth"):
            vault.state.set_secret("mail", text)
        seconds.now += 5 * MINUTE
        assert await texts(secrets) == ["fourth", "third"]

    async def test_an_expired_version_does_not_count(
        self, vault: VaultStandIn, secrets: VaultSecrets
    ) -> None:
        vault.state.set_secret("mail", "first")
        vault.state.set_secret("mail", "second").expires = int(vault.now()) - 1
        assert await texts(secrets) == ["first"]

    async def test_what_is_kept_is_not_asked_for_again(
        self, vault: VaultStandIn, secrets: VaultSecrets, seconds: Seconds
    ) -> None:
        vault.state.set_secret("mail", "first")
        await texts(secrets)
        before = len(vault.asked)
        seconds.now += 5 * MINUTE - 1
        assert await texts(secrets) == ["first"]
        assert len(vault.asked) == before

    async def test_many_who_wait_make_one_request(
        self, vault: VaultStandIn, secrets: VaultSecrets
    ) -> None:
        vault.state.set_secret("mail", "first")
        found = await asyncio.gather(*(texts(secrets) for _ in range(50)))
        assert found == [["first"]] * 50
        assert len(vault.asked) == 2  # its versions, and the text of one

    async def test_one_who_stops_waiting_stops_nobody_else(
        self, vault: VaultStandIn, secrets: VaultSecrets
    ) -> None:
        vault.state.set_secret("mail", "first")
        hasty = asyncio.create_task(texts(secrets))
        patient = asyncio.create_task(texts(secrets))
        await asyncio.sleep(0)
        hasty.cancel()
        assert await patient == ["first"]

    @pytest.mark.parametrize("how", ["down", "busy", "failing", "revoked"])
    async def test_what_is_kept_goes_on_through_an_outage(
        self, vault: VaultStandIn, secrets: VaultSecrets, seconds: Seconds, how: str
    ) -> None:
        """At the worst moment: when what is kept was about to be asked for again."""
        vault.state.set_secret("mail", "first")
        assert await texts(secrets) == ["first"]
        vault.is_down = how == "down"
        vault.accepts_identity = how != "revoked"
        vault.always = {"busy": (429, {"Retry-After": "30"}), "failing": (503, {})}.get(how)
        failures: list[DomainError] = []
        for _ in range(14):
            seconds.now += MINUTE
            failures += await secrets.refresh()
            assert await texts(secrets) == ["first"]
        assert len(failures) == 10
        seconds.now += MINUTE
        with pytest.raises((Unavailable, RateLimited)):
            await texts(secrets)

    async def test_the_worker_keeps_a_secret_ready_that_nobody_uses(
        self, vault: VaultStandIn, secrets: VaultSecrets, seconds: Seconds
    ) -> None:
        vault.state.set_secret("mail", "first")
        await texts(secrets)
        for _ in range(60):
            seconds.now += MINUTE
            await secrets.refresh()
        vault.is_down = True
        for _ in range(5):
            seconds.now += MINUTE
            await secrets.refresh()
        assert await texts(secrets) == ["first"]

    async def test_the_keeper_asks_unasked_and_ends_with_the_secrets(
        self, vault: VaultStandIn, client: Vault, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(vault_secrets, "LOOK_SECONDS", 0)
        monkeypatch.setattr(vault_secrets, "FRESH_SECONDS", 0)
        rounds: asyncio.Queue[int] = asyncio.Queue()

        class Watched(VaultSecrets):
            async def refresh(self) -> tuple[DomainError, ...]:
                failures = await super().refresh()
                rounds.put_nowait(len(vault.asked))
                return failures

        secrets = Watched(client)
        vault.state.set_secret("mail", "first")
        await texts(secrets)
        before = len(vault.asked)
        async with asyncio.timeout(10):
            while await rounds.get() < before + 4:
                pass
        await secrets.close()
        assert not [one for one in asyncio.all_tasks() if one.get_name() == "secrets"]

    async def test_a_disabled_secret_is_not_kept_on(
        self, vault: VaultStandIn, secrets: VaultSecrets, seconds: Seconds
    ) -> None:
        only = vault.state.set_secret("mail", "first")
        await texts(secrets)
        only.enabled = False
        seconds.now += 5 * MINUTE
        with pytest.raises(Unavailable, match="disabled"):
            await texts(secrets)
        vault.is_down = True
        with pytest.raises(Unavailable):
            await texts(secrets)

    async def test_a_dropped_secret_is_not_kept_on(
        self, vault: VaultStandIn, secrets: VaultSecrets, seconds: Seconds
    ) -> None:
        vault.state.set_secret("mail", "first")
        await texts(secrets)
        del vault.state.secrets["mail"]
        seconds.now += 5 * MINUTE
        with pytest.raises(Unavailable, match="does not have the secret mail"):
            await texts(secrets)

    async def test_a_passing_failure_is_not_told(
        self, vault: VaultStandIn, secrets: VaultSecrets, pauses: Pauses
    ) -> None:
        vault.state.set_secret("mail", "first")
        vault.faults = [(503, {}), (500, {})]
        assert await texts(secrets) == ["first"]
        assert len(pauses.seconds) == 2


class TestRefusals:
    """What an operator is told, and that no secret is in it."""

    async def told(self, secrets: VaultSecrets, name: str = "mail") -> str:
        with pytest.raises(Unavailable) as refused:
            await secrets.live(name)
        return refused.value.message

    async def test_a_missing_secret(self, vault: VaultStandIn, secrets: VaultSecrets) -> None:
        vault.state.set_secret("other", "text")
        assert f"{vault.host} does not have the secret mail" in await self.told(secrets)

    async def test_a_wrong_vault(self, vault: VaultStandIn, secrets: VaultSecrets) -> None:
        wrong = reached(vault, url="https://somebody-elses.vault.azure.net")
        assert "does not answer" in await self.told(VaultSecrets(wrong))
        await wrong.close()

    @pytest.mark.parametrize(
        "url",
        [
            "http://switchroom.vault.azure.net",
            "https://switchroom.vault.azure.net:8443",
            "https://user@switchroom.vault.azure.net",
            "https://localhost",
            "https://switchroom.vault.azure.net/secrets/mail",
            "",
        ],
    )
    async def test_an_address_that_is_no_vaults(self, vault: VaultStandIn, url: str) -> None:
        with pytest.raises(Unavailable, match="no address of a Key Vault"):
            reached(vault, url=url or "nothing")

    async def test_an_impostors_challenge_gets_no_token(
        self, vault: VaultStandIn, secrets: VaultSecrets
    ) -> None:
        vault.state.set_secret("mail", "first")
        vault.resource = "https://vault.example"
        assert "not that vault" in await self.told(secrets)
        assert vault.asked == []

    async def test_a_revoked_identity(self, vault: VaultStandIn, secrets: VaultSecrets) -> None:
        vault.state.set_secret("mail", "first")
        vault.accepts_identity = False
        assert "does not accept this process's identity" in await self.told(secrets)

    async def test_an_identity_without_a_role(
        self, vault: VaultStandIn, secrets: VaultSecrets
    ) -> None:
        vault.state.set_secret("mail", "first")
        vault.allowed = frozenset({"keys/get"})
        assert "has no role" in await self.told(secrets)

    @pytest.mark.parametrize("skew_s", [-2 * 3600, 2 * 3600])
    async def test_a_clock_that_is_wrong(
        self, vault: VaultStandIn, secrets: VaultSecrets, skew_s: int
    ) -> None:
        vault.state.set_secret("mail", "first")
        vault.skew_s = skew_s
        assert "120 minutes away" in await self.told(secrets)

    async def test_a_busy_vault_says_when_to_come_back(
        self, vault: VaultStandIn, secrets: VaultSecrets
    ) -> None:
        vault.always = (429, {"Retry-After": "17"})
        with pytest.raises(RateLimited) as refused:
            await secrets.live("mail")
        assert refused.value.retry_after == 17

    async def test_a_vault_that_is_away(
        self, vault: VaultStandIn, secrets: VaultSecrets, pauses: Pauses
    ) -> None:
        vault.is_down = True
        assert "does not answer" in await self.told(secrets)
        assert len(pauses.seconds) == 2


class TestKeys:
    """Organisations' keys under keys of the vault."""

    @pytest.fixture
    def keyrings(self, client: Vault) -> VaultKeyrings:
        return VaultKeyrings(client, "uk")

    async def test_the_key_has_the_organisation_region_and_epoch_in_its_name(
        self, vault: VaultStandIn, keyrings: VaultKeyrings
    ) -> None:
        stored = await keyrings.new("bay")
        await keyrings.rotate("bay", stored)
        assert sorted(vault.state.keys) == ["kek-uk-bay-1", "kek-uk-bay-2"]
        [made] = vault.state.keys["kek-uk-bay-1"]
        assert made.operations == ["wrapKey", "unwrapKey"]
        assert made.version in stored.decode()

    async def test_another_regions_key_is_refused(
        self, client: Vault, keyrings: VaultKeyrings
    ) -> None:
        stored = await keyrings.new("bay")
        with pytest.raises(Unavailable, match="another one's or region's"):
            await VaultKeyrings(client, "eu").open("bay", stored)

    async def test_another_vaults_key_is_refused_without_asking(
        self, vault: VaultStandIn, keyrings: VaultKeyrings, tmp_path: Path
    ) -> None:
        stored = await keyrings.new("bay")
        (tmp_path / "other").mkdir()
        async with stand_in(tmp_path / "other").serving() as other:
            client = reached(other)
            with pytest.raises(Unavailable, match="SWITCHROOM_KEY_VAULT_URL"):
                await VaultKeyrings(client, "uk").open("bay", stored)
            await client.close()
            assert other.asked == []

    async def test_a_disabled_version_is_named(
        self, vault: VaultStandIn, keyrings: VaultKeyrings
    ) -> None:
        stored = await keyrings.new("bay")
        vault.state.keys["kek-uk-bay-1"][0].enabled = False
        with pytest.raises(Unavailable, match="kek-uk-bay-1 is disabled"):
            await keyrings.open("bay", stored)

    async def test_a_newer_version_of_the_same_key_is_no_obstacle(
        self, vault: VaultStandIn, keyrings: VaultKeyrings
    ) -> None:
        """As a rotation policy of the vault itself makes them."""
        stored = await keyrings.new("bay")
        vault.state.create_key("kek-uk-bay-1", {"kty": "RSA", "key_size": 3072})
        assert (await keyrings.open("bay", stored)).own_key
        assert (await keyrings.open("bay", await keyrings.new("bay"))).own_key

    async def test_the_service_may_open_and_not_make_keys(
        self, vault: VaultStandIn, keyrings: VaultKeyrings
    ) -> None:
        stored = await keyrings.new("bay")
        vault.allowed = READER
        assert (await keyrings.open("bay", stored)).own_key
        assert (await keyrings.open("bay", await keyrings.new("bay"))).own_key
        with pytest.raises(Unavailable, match=r"no role in .* for making the key kek-uk-cove-1"):
            await keyrings.new("cove")

    async def test_the_name_of_a_dropped_key_is_not_used_again(
        self, vault: VaultStandIn, keyrings: VaultKeyrings
    ) -> None:
        stored = await keyrings.new("bay")
        vault.state.drop_key("kek-uk-bay-1")
        with pytest.raises(Unavailable, match="does not have the key kek-uk-bay-1"):
            await keyrings.open("bay", stored)
        assert "kek-uk-bay-2" in (await keyrings.new("bay")).decode()

    async def test_a_busy_vault_says_when_to_come_back(
        self, vault: VaultStandIn, keyrings: VaultKeyrings
    ) -> None:
        stored = await keyrings.new("bay")
        vault.always = (429, {})
        with pytest.raises(RateLimited) as refused:
            await keyrings.open("bay", stored)
        assert refused.value.retry_after == 10

    async def test_many_who_ask_for_an_organisation_open_its_key_once(
        self, vault: VaultStandIn, client: Vault, tmp_path: Path
    ) -> None:
        async with opened(tmp_path / "world") as world:
            keyrings = VaultKeyrings(client, "uk")
            made = Organizations(world.documents, keyrings, world.audit, Region.UK)
            cove = Organization("cove", "Cove Example", Region.UK, "Europe/London", "GB")
            await made.ensure(cove)
            later = Organizations(world.documents, keyrings, world.audit, Region.UK)
            vault.asked.clear()
            vault.always = (429, {"Retry-After": "3"})
            refused = await asyncio.gather(
                *(later.get("cove") for _ in range(30)), return_exceptions=True
            )
            assert {type(one) for one in refused} == {RateLimited}
            assert len(vault.asked) < 20  # two for each time that it is tried, not sixty
            vault.always = None
            vault.asked.clear()
            found = await asyncio.gather(*(later.get("cove") for _ in range(30)))
            assert {id(one) for one in found} == {id(found[0])}
            assert len([one for one in vault.asked if one.endswith("unwrapkey")]) == 1


class TestIdentities:
    """The chain of credentials, each link through the platform's own protocol."""

    @pytest.mark.parametrize("identity", ["managed", "workload"])
    async def test_the_platforms_identity_opens_the_vault(
        self, vault: VaultStandIn, monkeypatch: pytest.MonkeyPatch, identity: str
    ) -> None:
        vault.state.set_secret("mail", "first")
        told = vault.environment(identity)
        for name, value in told.items():
            monkeypatch.setenv(name, value)
        client = Vault(
            vault.url,
            credential.chain(told, transport=vault.transport()),
            transport=vault.transport,
            pause=Pauses(),
        )
        assert await texts(VaultSecrets(client)) == ["first"]
        await client.close()

    async def test_people_open_the_vault_with_the_azure_cli(
        self, vault: VaultStandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """At a machine without an identity of a platform; `az` prints a token as the real one."""
        vault.state.set_secret("mail", "first")
        token = vault.token()
        told = {"accessToken": token.token, "expires_on": token.expires_on, "tokenType": "Bearer"}
        az = tmp_path / "az"
        az.write_text(f"#!/bin/sh\ncase \"$*\" in *{RESOURCE}*) echo '{json.dumps(told)}';; esac\n")
        az.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        chain = credential.chain({}, transport=_Nowhere())
        client = Vault(vault.url, chain, transport=vault.transport, pause=Pauses())
        assert await texts(VaultSecrets(client)) == ["first"]
        await client.close()

    async def test_a_refused_platform_identity_is_told(
        self, vault: VaultStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in vault.environment("managed").items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("IDENTITY_HEADER", "wrong")
        monkeypatch.setenv("PATH", str(vault.folder))  # where no Azure CLI is
        chain = credential.chain(transport=vault.transport())
        client = Vault(vault.url, chain, transport=vault.transport, pause=Pauses())
        with pytest.raises(Unavailable, match="no identity to show"):
            await VaultSecrets(client).live("mail")
        await client.close()
