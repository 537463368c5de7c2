"""Sealing with AES-256-GCM under a chain of keys; see the sealing port for the chain.

A sealed value is nonce (12 bytes) and ciphertext with its tag; a wrapped key is sealed the same way
under the key above it.
"""

import hmac
import os
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.domain.shared.errors import Unavailable
from portal.domain.shared.sealing import SubjectKey

NONCE_BYTES = 12
KEY_BYTES = 32
BLIND_BYTES = 16
PIECES = 256


class _Drawn:
    """Bytes of the system's random source, drawn many pieces at once, since a draw costs as much
    as encrypting. Each piece is given out once: taking it off the list is one step for every
    thread, and a forked process begins with an empty list."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._pieces: list[bytes] = []
        os.register_at_fork(after_in_child=self._pieces.clear)

    def take(self) -> bytes:
        """A piece."""
        try:
            return self._pieces.pop()
        except IndexError:
            drawn = os.urandom(self._size * PIECES)
            cuts = range(0, len(drawn), self._size)
            first, *others = (drawn[cut : cut + self._size] for cut in cuts)
            self._pieces.extend(others)
            return first


_nonces = _Drawn(NONCE_BYTES)
_keys = _Drawn(KEY_BYTES)


def seal(key: bytes, context: bytes, plain: bytes) -> bytes:
    """Nonce and ciphertext."""
    nonce = _nonces.take()
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def open_sealed(key: bytes, context: bytes, sealed: bytes) -> bytes:
    """The plain bytes; Unavailable when they do not open."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as error:
        raise Unavailable("Sealed data does not open with this key.") from error


class AesKeyring:
    """One organisation's keyring, from its opened 32-byte key."""

    def __init__(self, organization: str, key: bytes) -> None:
        self._organization = organization.encode()
        self._context = self._organization + b"|"
        self._wrapping = AESGCM(_derived(key, b"wrap"))
        self._blinding = _derived(key, b"blind")
        self._own = _derived(key, b"own")
        self._authenticating = _derived(key, b"authenticate")
        self._wrap_context = b"key|" + self._organization

    @property
    def own_key(self) -> bytes:
        """See the port."""
        return self._own

    def blind(self, kind: str, value: str) -> bytes:
        """See the port: keyed BLAKE2b (RFC 7693, section 2.9) of 16 bytes."""
        message = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return blake2b(message, digest_size=BLIND_BYTES, key=self._blinding).digest()

    def new_key(self) -> SubjectKey:
        """See the port."""
        key, nonce = _keys.take(), _nonces.take()
        return SubjectKey(key, nonce + self._wrapping.encrypt(nonce, key, self._wrap_context))

    def unwrap(self, wrapped: bytes) -> bytes:
        """See the port."""
        try:
            return self._wrapping.decrypt(
                wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], self._wrap_context
            )
        except (InvalidTag, ValueError) as error:
            raise Unavailable("A subject key does not open with this organisation's.") from error

    def authenticate(self, purpose: str, message: bytes) -> bytes:
        """See the port: HMAC-SHA-256 (RFC 2104) under a key derived for the purpose."""
        key = hmac.digest(self._authenticating, purpose.encode(), "sha256")
        return hmac.digest(key, message, "sha256")

    def seal(self, key: bytes, context: str, plain: bytes) -> bytes:
        """See the port."""
        return seal(key, self._context + context.encode(), plain)

    def open(self, key: bytes, context: str, sealed: bytes) -> bytes:
        """See the port."""
        return open_sealed(key, self._context + context.encode(), sealed)


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, None, b"switchroom " + purpose).derive(key)
