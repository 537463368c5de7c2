"""The vault that our tests talk to is one to the official client of another language as well, and
what the product keeps in it opens there."""

import base64
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from portal.adapters.secrets.vault import Vault
from portal.adapters.secrets.vault_keys import VaultKeyrings
from tests import stand_ins
from tests.vault import second_client
from tests.vault.reaching import reached, stand_in
from tests.vault.second_client import SecondClient
from tests.vault.stand_in import READER, RESOURCE, VaultStandIn

NAME = "kek-uk-bay-1"


@pytest.fixture(scope="module")
def client() -> Iterator[SecondClient]:
    yield from stand_ins.start("another client of Key Vault", second_client.installed())


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[VaultStandIn]:
    async with stand_in(tmp_path).serving() as running:
        yield running


@pytest.fixture
async def product(vault: VaultStandIn) -> AsyncIterator[Vault]:
    ours = reached(vault)
    yield ours
    await ours.close()


def text(plain: bytes) -> str:
    return base64.b64encode(plain).decode()


async def test_a_key_is_made_used_and_dropped(client: SecondClient, vault: VaultStandIn) -> None:
    told = await client.ask(
        vault,
        ("createKey", NAME, 3072),
        ("getKey", NAME),
        ("wrap", NAME, text(b"k" * 32)),
        ("dropKey", NAME),
        ("getKey", NAME),
        ("createKey", NAME, 3072),
    )
    made = told.gave(0)
    assert made == told.gave(1)
    assert (made["name"], made["keyType"], made["bits"], made["enabled"]) == (
        NAME,
        "RSA",
        3072,
        True,
    )
    assert made["id"] == told.gave(2)["kid"] == f"{vault.url}/keys/{NAME}/{made['version']}"
    assert sorted(made["keyOperations"]) == ["unwrapKey", "wrapKey"]
    assert told.gave(3) == {"recoveryId": f"{vault.url}/deletedkeys/{NAME}", "days": 90}
    assert (told.refused(4)["status"], told.refused(4)["code"]) == (404, "KeyNotFound")
    assert (told.refused(5)["status"], told.refused(5)["code"]) == (409, "Conflict")


async def test_what_the_product_wrapped_opens_there(
    client: SecondClient, vault: VaultStandIn, product: Vault
) -> None:
    keyrings = VaultKeyrings(product, "uk")
    stored = await keyrings.new("bay")
    envelope = json.loads(stored)
    version = envelope["kid"].rpartition("/")[2]
    told = await client.ask(vault, ("unwrap", NAME, version, envelope["key"]))
    assert told.gave(0) == text(await keyrings.reveal("bay", stored))


async def test_what_was_wrapped_there_opens_in_the_product(
    client: SecondClient, vault: VaultStandIn, product: Vault
) -> None:
    key = bytes(range(32))
    told = await client.ask(vault, ("createKey", NAME, 3072), ("wrap", NAME, text(key)))
    wrapped = told.gave(1)
    stored = json.dumps({"kid": wrapped["kid"], "alg": "RSA-OAEP-256", "key": wrapped["wrapped"]})
    assert await VaultKeyrings(product, "uk").reveal("bay", stored.encode()) == key


async def test_secrets_are_read_by_version_and_told_apart(
    client: SecondClient, vault: VaultStandIn
) -> None:
    old, new = (vault.state.set_secret("bot", each) for each in ("old one", "new one"))
    new.expires = new.created + 3600
    told = await client.ask(
        vault,
        ("getSecret", "bot"),
        ("getSecret", "bot", old.version),
        ("versions", "bot"),
        ("getSecret", "nothing"),
        ("versions", "nothing"),
    )
    newest, oldest = told.gave(0), told.gave(1)
    assert (newest["value"], newest["version"]) == ("new one", new.version)
    assert (newest["created"], newest["expires"]) == (new.created, new.expires)
    assert (oldest["value"], oldest["version"], oldest["expires"]) == ("old one", old.version, None)
    assert {one["version"]: one["enabled"] for one in told.gave(2)} == {
        old.version: True,
        new.version: True,
    }
    assert (told.refused(3)["status"], told.refused(3)["code"]) == (404, "SecretNotFound")
    assert told.gave(4) == []


async def test_it_is_refused_as_the_product_is(client: SecondClient, vault: VaultStandIn) -> None:
    vault.state.set_secret("bot", "old one").enabled = False
    vault.allowed = READER
    told = await client.ask(vault, ("getSecret", "bot"), ("createKey", NAME, 3072))
    assert [(told.refused(place)["status"], told.refused(place)["code"]) for place in (0, 1)] == [
        (403, "Forbidden")
    ] * 2


async def test_a_token_is_asked_for_once_and_shown_to_the_vault_alone(
    client: SecondClient, vault: VaultStandIn
) -> None:
    vault.state.set_secret("bot", "one")
    told = await client.ask(vault, ("getSecret", "bot"), ("getSecret", "bot"))
    assert [told.gave(0)["value"], told.gave(1)["value"]] == ["one", "one"]
    assert [scope if isinstance(scope, list) else [scope] for scope in told.scopes] == [
        [f"{RESOURCE}/.default"]
    ]
    vault.asked.clear()
    vault.resource = "https://elsewhere.example"
    told = await client.ask(vault, ("getSecret", "bot"))
    assert "does not match" in told.refused(0)["message"]
    assert (vault.asked, told.scopes) == ([], [])
