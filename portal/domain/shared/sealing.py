"""Sealing: what personal data is stored as, and how it is found again.

Keys form a chain: a key outside the store (local key file, Key Vault) wraps the organisation's key,
which wraps a key for each subject, which seals that subject's fields with AES-256-GCM. The
associated data says which organisation, subject, type and record a ciphertext belongs to, so moved
or swapped ciphertext does not open. Erasure deletes the wrapped subject key. Look-up goes by a
blind index: a keyed hash of the canonical value (Azure reference, "Encryption at rest").
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol


class SubjectKey(NamedTuple):
    """A subject's key as used, and as stored."""

    key: bytes
    wrapped: bytes


class Keyring(Protocol):
    """One organisation's keys, opened."""

    def blind(self, kind: str, value: str) -> bytes:
        """16 bytes that stand for the canonical value of this kind in this organisation."""
        ...

    def blind_all(self, kind: str, values: Iterable[str]) -> list[bytes]:
        """`blind` of each value."""
        ...

    def new_key(self) -> SubjectKey:
        """A fresh random key."""
        ...

    def new_keys(self, count: int) -> list[SubjectKey]:
        """So many of them."""
        ...

    def unwrap(self, wrapped: bytes) -> bytes:
        """The key behind its stored form. Unavailable when it is not this organisation's."""
        ...

    def unwrap_all(self, wrapped: Iterable[bytes]) -> list[bytes]:
        """`unwrap` of each."""
        ...

    def seal(self, key: bytes, context: str, plain: bytes) -> bytes:
        """The sealed bytes. `context` is bound to them and must be given again to open."""
        ...

    def seal_all(self, wanted: Sequence[tuple[bytes, str, bytes]]) -> list[bytes]:
        """`seal` of each key, context and plain."""
        ...

    def open(self, key: bytes, context: str, sealed: bytes) -> bytes:
        """The plain bytes. Unavailable when key, context or bytes are not the ones sealed."""
        ...

    def authenticate(self, purpose: str, message: bytes) -> bytes:
        """32 bytes that only this organisation's key gives for the message and the purpose."""
        ...

    @property
    def own_key(self) -> bytes:
        """The key of what belongs to the organisation and to no person."""
        ...


class Keyrings(Protocol):
    """Where keyrings come from: whoever holds the keys outside the store.

    Each raises Unavailable, with what an operator can do about it, when the holder cannot be used
    or the stored key is not its own, RateLimited when it asks to wait.
    """

    async def new(self, organization: str) -> bytes:
        """A fresh key of the organisation, wrapped, to be stored with it."""
        ...

    async def open(self, organization: str, wrapped: bytes) -> Keyring:
        """The organisation's keyring."""
        ...

    async def rotate(self, organization: str, wrapped: bytes) -> bytes:
        """The same key wrapped by a fresh outer one, to be stored in place of `wrapped`, which
        opens until its outer key is retired."""
        ...

    async def reveal(self, organization: str, wrapped: bytes) -> bytes:
        """The organisation's key itself, 32 bytes, for nothing but to have it adopted by another
        holder when the organisation moves."""
        ...

    async def adopt(self, organization: str, key: bytes) -> bytes:
        """A key that another holder revealed, wrapped here, to be stored with the organisation."""
        ...

    async def shred(self, organization: str, wrapped: bytes) -> int:
        """Drops every outer key that is the organisation's alone; how many. What is stored for it
        must be deleted as well: where the outer key is shared, that is what ends its key."""
        ...

    async def retire(self, kept: Mapping[str, bytes]) -> int:
        """Drops the outer keys that nothing needs any more; how many. `kept` is what is stored for
        every organisation of the region, by its code."""
        ...
