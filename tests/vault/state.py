"""What a Key Vault keeps: secrets and keys in versions, and what was dropped.

Answers have the shapes of the service's REST interface ("Key Vault REST API reference": Get Secret,
Get Secret Versions, Create Key, Get Key, Wrap Key, Unwrap Key, Delete Key, Get Deleted Key).
"""

import base64
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
_made: list[rsa.RSAPrivateKey] = []


class RefusedError(Exception):
    """An answer that is no success: status, code and inner code."""

    def __init__(self, status: int, code: str, inner: str = "") -> None:
        super().__init__(f"{status} {code} {inner}")
        self.status = status
        self.code = code
        self.inner = inner


@dataclass
class SecretVersion:
    """A version of a secret; instants are seconds since 1970."""

    version: str
    text: str
    created: int
    enabled: bool = True
    expires: int | None = None


@dataclass
class KeyVersion:
    """A version of a key."""

    version: str
    private: rsa.RSAPrivateKey
    operations: list[str]
    created: int
    enabled: bool = True
    expires: int | None = None


@dataclass
class State:
    """Everything in one vault at `url`; `now` gives seconds since 1970 by the vault's clock."""

    url: str
    now: Callable[[], float] = time.time
    secrets: dict[str, list[SecretVersion]] = field(default_factory=dict)
    keys: dict[str, list[KeyVersion]] = field(default_factory=dict)
    dropped: dict[str, list[KeyVersion]] = field(default_factory=dict)

    def set_secret(self, name: str, text: str) -> SecretVersion:
        """A new version of the secret, a second younger than the one before it."""
        versions = self.secrets.setdefault(name, [])
        created = max(int(self.now()), versions[-1].created + 1 if versions else 0)
        versions.append(SecretVersion(secrets.token_hex(16), text, created))
        return versions[-1]

    def secret(self, name: str, version: str) -> dict[str, Any]:
        """Get Secret."""
        found = _of(self.secrets.get(name), version, "SecretNotFound")
        if not found.enabled:
            raise RefusedError(403, "Forbidden", "SecretDisabled")
        return {"value": found.text} | self._secret(name, found)

    def versions(self, name: str) -> dict[str, Any]:
        """Get Secret Versions; a secret that is not there has none."""
        found = [self._secret(name, one) for one in self.secrets.get(name, [])]
        return {"value": found, "nextLink": None}

    def create_key(self, name: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Create Key, RSA only."""
        if asked.get("kty") != "RSA" or asked.get("key_size") not in {2048, 3072, 4096}:
            raise RefusedError(400, "BadParameter")
        if name in self.dropped:
            raise RefusedError(409, "Conflict", "ObjectIsDeletedButRecoverable")
        versions = self.keys.setdefault(name, [])
        used = sum(len(one) for one in (*self.keys.values(), *self.dropped.values()))
        made = KeyVersion(
            secrets.token_hex(16),
            _private(used, int(asked["key_size"])),
            list(asked.get("key_ops") or ("encrypt", "decrypt", "wrapKey", "unwrapKey")),
            int(self.now()),
        )
        versions.append(made)
        return self._key(name, made)

    def key(self, name: str, version: str) -> dict[str, Any]:
        """Get Key."""
        return self._key(name, _of(self.keys.get(name), version, "KeyNotFound"))

    def use_key(
        self, name: str, version: str, operation: str, asked: dict[str, Any]
    ) -> dict[str, Any]:
        """Wrap Key and Unwrap Key, by RSA-OAEP-256 only."""
        found = _of(self.keys.get(name), version, "KeyNotFound")
        if not found.enabled:
            raise RefusedError(403, "Forbidden", "KeyDisabled")
        if operation not in {"wrapkey", "unwrapkey"} or asked.get("alg") != "RSA-OAEP-256":
            raise RefusedError(400, "BadParameter")
        if {"wrapkey": "wrapKey", "unwrapkey": "unwrapKey"}[operation] not in found.operations:
            raise RefusedError(403, "Forbidden", "KeyOperationForbidden")
        value = _bytes(str(asked.get("value", "")))
        try:
            if operation == "wrapkey":
                result = found.private.public_key().encrypt(value, OAEP)
            else:
                result = found.private.decrypt(value, OAEP)
        except ValueError:
            raise RefusedError(400, "BadParameter") from None
        return {"kid": self._kid(name, found), "value": _text(result)}

    def drop_key(self, name: str) -> dict[str, Any]:
        """Delete Key, all its versions."""
        if name not in self.keys:
            raise RefusedError(404, "KeyNotFound")
        self.dropped[name] = self.keys.pop(name)
        return self.dropped_key(name)

    def dropped_key(self, name: str) -> dict[str, Any]:
        """Get Deleted Key."""
        if name not in self.dropped:
            raise RefusedError(404, "KeyNotFound")
        now = int(self.now())
        recovery = {
            "recoveryId": f"{self.url}/deletedkeys/{name}",
            "deletedDate": now,
            "scheduledPurgeDate": now + 90 * 86_400,
        }
        return self._key(name, self.dropped[name][-1]) | recovery

    def _kid(self, name: str, key: KeyVersion) -> str:
        return f"{self.url}/keys/{name}/{key.version}"

    def _secret(self, name: str, one: SecretVersion) -> dict[str, Any]:
        attributes = _attributes(one.enabled, one.created, one.expires)
        return {"id": f"{self.url}/secrets/{name}/{one.version}", "attributes": attributes}

    def _key(self, name: str, one: KeyVersion) -> dict[str, Any]:
        numbers = one.private.public_key().public_numbers()
        key = {
            "kid": self._kid(name, one),
            "kty": "RSA",
            "key_ops": one.operations,
            "n": _text(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)),
            "e": _text(numbers.e.to_bytes(3)),
        }
        return {"key": key, "attributes": _attributes(one.enabled, one.created, one.expires)}


def _attributes(enabled: bool, created: int, expires: int | None) -> dict[str, Any]:
    told = {"enabled": enabled, "created": created, "updated": created}
    told |= {"recoveryLevel": "Recoverable"}  # type: ignore[dict-item]
    return told if expires is None else told | {"exp": expires}


def _of(versions: "list[Any] | None", version: str, code: str) -> Any:
    """The version, or the newest for ""."""
    for one in reversed(versions or []):
        if version in {"", one.version}:
            return one
    raise RefusedError(404, code)


def _private(place: int, bits: int) -> rsa.RSAPrivateKey:
    """The key of that place: its own within a vault; vaults share them, making one takes long."""
    while len(_made) <= place:
        _made.append(rsa.generate_private_key(65_537, bits))
    return _made[place]


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise RefusedError(400, "BadParameter") from None
