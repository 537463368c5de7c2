"""Keyrings whose outermost keys never leave a Key Vault.

Each organisation has an RSA key of its own in its region's vault, `kek-REGION-CODE-EPOCH`, which
can wrap and unwrap and nothing else. What is stored with the organisation is an envelope: JSON with
the key's full id, version included, and the organisation's key wrapped by it (RSA-OAEP-256, RFC
8017 section 7.1 with SHA-256). A rotation makes the key of the next epoch; the epoch is in the name
because a vault drops names, not versions. Wrapping needs the public half alone and happens here;
unwrapping happens in the vault, once for each organisation in the life of a process.
"""

import base64
import binascii
import json
import os
import re
from collections.abc import Mapping
from typing import NamedTuple

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.keyvault.keys import KeyOperation, KeyVaultKey, KeyVaultKeyIdentifier
from azure.keyvault.keys.crypto import KeyWrapAlgorithm

from portal.adapters.secrets.keyring import KEY_BYTES, AesKeyring
from portal.adapters.secrets.vault import Vault
from portal.domain.shared.errors import Unavailable
from portal.domain.shared.sealing import Keyring

ALGORITHM = KeyWrapAlgorithm.rsa_oaep_256
BITS = 3072
MOST_EPOCHS = 1000
DROP_SECONDS = 90.0
"""A vault takes its time to drop a key, and its client waits for it."""
DAMAGED = "The stored key of an organisation is damaged; restore it from a backup."


class _Envelope(NamedTuple):
    """A wrapped key and what wrapped it."""

    kid: str
    wrapped: bytes


class VaultKeyrings:
    """Keyrings of a region's organisations under the keys of its vault."""

    def __init__(self, vault: Vault, region: str) -> None:
        self._vault = vault
        self._region = region

    async def new(self, organization: str) -> bytes:
        """See the port."""
        outer = await self._outer(organization, 1)
        return await self._wrapped(outer, os.urandom(KEY_BYTES))

    async def open(self, organization: str, wrapped: bytes) -> Keyring:
        """See the port."""
        return AesKeyring(organization, await self._opened(organization, wrapped))

    async def rotate(self, organization: str, wrapped: bytes) -> bytes:
        """See the port. Run again after a failure it takes the key that was made."""
        key = await self._opened(organization, wrapped)
        epoch = self._epoch(organization, _read(wrapped))
        return await self._wrapped(await self._outer(organization, epoch + 1), key)

    async def reveal(self, organization: str, wrapped: bytes) -> bytes:
        """See the port."""
        return await self._opened(organization, wrapped)

    async def adopt(self, organization: str, key: bytes) -> bytes:
        """See the port."""
        return await self._wrapped(await self._outer(organization, 1), key)

    async def shred(self, organization: str, wrapped: bytes) -> int:
        """See the port. A dropped key can be recovered for as long as the vault keeps it."""
        dropped = 0
        for epoch in range(self._epoch(organization, _read(wrapped)), 0, -1):
            dropped += await self._dropped(self._name(organization, epoch))
        return dropped

    async def retire(self, kept: Mapping[str, bytes]) -> int:
        """See the port. A dropped key can be recovered for as long as the vault keeps it."""
        dropped = 0
        for organization, wrapped in kept.items():
            for epoch in range(self._epoch(organization, _read(wrapped)) - 1, 0, -1):
                name = self._name(organization, epoch)
                if not await self._dropped(name):
                    break  # it and those before it went earlier
                dropped += 1
        return dropped

    def _name(self, organization: str, epoch: int) -> str:
        return f"kek-{self._region}-{organization}-{epoch}"

    def _epoch(self, organization: str, envelope: _Envelope) -> int:
        """The epoch of the key that wrapped it; Unavailable when that is not the organisation's
        key in this region's vault."""
        try:
            key = KeyVaultKeyIdentifier(envelope.kid)
        except ValueError as error:
            raise Unavailable(DAMAGED) from error
        if key.vault_url.lower() != self._vault.url:
            raise Unavailable(
                f"The key of {organization} is kept by another Key Vault, not by "
                f"{self._vault.host}; look at SWITCHROOM_KEY_VAULT_URL."
            )
        epoch = re.fullmatch(
            re.escape(self._name(organization, 0)[:-1]) + r"([1-9]\d{0,3})", key.name
        )
        if epoch is None or envelope.kid != f"{key.vault_url}/keys/{key.name}/{key.version}":
            raise Unavailable(f"The stored key of {organization} is another one's or region's.")
        return int(epoch[1])

    async def _opened(self, organization: str, wrapped: bytes) -> bytes:
        envelope = _read(wrapped)
        self._epoch(organization, envelope)
        key = KeyVaultKeyIdentifier(envelope.kid)
        client = self._vault.keys.get_cryptography_client(key.name, key_version=key.version)
        answer = await self._vault.ask(
            f"the key {key.name}", lambda: client.unwrap_key(ALGORITHM, envelope.wrapped)
        )
        if len(answer.key) != KEY_BYTES:
            raise Unavailable(DAMAGED)
        return answer.key

    async def _wrapped(self, outer: KeyVaultKey, key: bytes) -> bytes:
        client = self._vault.keys.get_cryptography_client(
            str(outer.name), key_version=outer.properties.version
        )
        what = f"the key {outer.name}"
        answer = await self._vault.ask(what, lambda: client.wrap_key(ALGORITHM, key))
        wrapped = base64.b64encode(answer.encrypted_key).decode()
        text = {"kid": outer.id, "alg": ALGORITHM.value, "key": wrapped}
        return json.dumps(text, separators=(",", ":")).encode()

    async def _outer(self, organization: str, epoch: int) -> KeyVaultKey:
        """The organisation's key of that epoch, made when it is missing, or of the first one after
        it whose name is not that of a dropped key."""
        for tried in range(epoch, MOST_EPOCHS):
            name = self._name(organization, tried)
            found = await self._found(name)
            found = found or await self._made(name)
            if found is not None:
                return found
        raise Unavailable(f"{organization} has had too many keys in {self._vault.host}.")

    async def _found(self, name: str) -> KeyVaultKey | None:
        async def request() -> KeyVaultKey | None:
            try:
                return await self._vault.keys.get_key(name)
            except ResourceNotFoundError:
                return None

        return await self._vault.ask(f"the key {name}", request)

    async def _made(self, name: str) -> KeyVaultKey | None:
        """None when a dropped key has the name."""

        async def request() -> KeyVaultKey | None:
            try:
                return await self._vault.keys.create_rsa_key(
                    name,
                    size=BITS,
                    key_operations=[KeyOperation.wrap_key, KeyOperation.unwrap_key],
                )
            except ResourceExistsError:
                return None

        return await self._vault.ask(f"making the key {name}", request)

    async def _dropped(self, name: str) -> bool:
        async def request() -> bool:
            try:
                await self._vault.keys.delete_key(name)
            except ResourceNotFoundError:
                return False
            return True

        what = f"dropping the key {name}"
        return await self._vault.ask(what, request, seconds=DROP_SECONDS)


def _read(wrapped: bytes) -> _Envelope:
    try:
        text = json.loads(wrapped)
        if text["alg"] != ALGORITHM.value:
            raise Unavailable("The stored key of an organisation is of another kind.")
        return _Envelope(str(text["kid"]), base64.b64decode(text["key"], validate=True))
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise Unavailable(DAMAGED) from error
