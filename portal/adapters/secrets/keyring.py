"""Sealing with AES-256-GCM under a chain of keys; see the sealing port for the chain.

A sealed value is nonce (12 bytes) and ciphertext with its tag; a wrapped key is sealed the same way
under the key above it.
"""

import hmac
import os
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.domain.shared.errors import Damaged
from portal.domain.shared.sealing import SubjectKey

NONCE_BYTES = 12
KEY_BYTES = 32
BLIND_BYTES = 16


def _drawn(size: int, count: int) -> Iterator[bytes]:
    """Pieces of the system's random source, drawn at once, since a draw costs as much as
    encrypting."""
    drawn = os.urandom(size * count)
    return (drawn[cut : cut + size] for cut in range(0, len(drawn), size))


def seal(key: bytes, context: bytes, plain: bytes) -> bytes:
    """Nonce and ciphertext."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def open_sealed(key: bytes, context: bytes, sealed: bytes) -> bytes:
    """The plain bytes; Damaged when they do not open."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as error:
        raise Damaged("Sealed data does not open with this key.") from error


class AesKeyring:
    """One organisation's keyring, from its opened 32-byte key."""

    def __init__(self, organization: str, key: bytes) -> None:
        self._organization = organization.encode()
        self._context = self._organization + b"|"
        self._wrapping = AESGCM(_derived(key, b"wrap"))
        self._blinding = blake2b(digest_size=BLIND_BYTES, key=_derived(key, b"blind"))
        self._own = _derived(key, b"own")
        self._authenticating = _derived(key, b"authenticate")
        self._wrap_context = b"key|" + self._organization

    @property
    def own_key(self) -> bytes:
        """See the port."""
        return self._own

    def blind(self, kind: str, value: str) -> bytes:
        """See the port: keyed BLAKE2b (RFC 7693, section 2.9) of 16 bytes."""
        return self.blind_all(kind, (value,))[0]

    def blind_all(self, kind: str, values: Iterable[str]) -> list[bytes]:
        """See the port. The state after the key is the same for all."""
        digests, blinding = [], self._blinding
        for value in values:
            state = blinding.copy()
            state.update(f"{kind}\0{value}".encode("utf-8", "surrogatepass"))
            digests.append(state.digest())
        return digests

    def new_key(self) -> SubjectKey:
        """See the port."""
        return self.new_keys(1)[0]

    def new_keys(self, count: int) -> list[SubjectKey]:
        """See the port."""
        wrap, context = self._wrapping.encrypt, self._wrap_context
        return [
            SubjectKey(key, nonce + wrap(nonce, key, context))
            for key, nonce in zip(_drawn(KEY_BYTES, count), _drawn(NONCE_BYTES, count), strict=True)
        ]

    def unwrap(self, wrapped: bytes) -> bytes:
        """See the port."""
        return self.unwrap_all((wrapped,))[0]

    def unwrap_all(self, wrapped: Iterable[bytes]) -> list[bytes]:
        """See the port."""
        decrypt, context = self._wrapping.decrypt, self._wrap_context
        try:
            return [decrypt(one[:NONCE_BYTES], one[NONCE_BYTES:], context) for one in wrapped]
        except (InvalidTag, ValueError) as error:
            raise Damaged("A subject key does not open with this organisation's.") from error

    def authenticate(self, purpose: str, message: bytes) -> bytes:
        """See the port: HMAC-SHA-256 (RFC 2104) under a key derived for the purpose."""
        key = hmac.digest(self._authenticating, purpose.encode(), "sha256")
        return hmac.digest(key, message, "sha256")

    def seal(self, key: bytes, context: str, plain: bytes) -> bytes:
        """See the port."""
        return seal(key, self._context + context.encode(), plain)

    def seal_all(self, wanted: Sequence[tuple[bytes, str, bytes]]) -> list[bytes]:
        """See the port."""
        owner = self._context
        return [
            nonce + AESGCM(key).encrypt(nonce, plain, owner + context.encode())
            for (key, context, plain), nonce in zip(
                wanted, _drawn(NONCE_BYTES, len(wanted)), strict=True
            )
        ]

    def open(self, key: bytes, context: str, sealed: bytes) -> bytes:
        """See the port."""
        return open_sealed(key, self._context + context.encode(), sealed)


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, None, b"switchroom " + purpose).derive(key)
