"""The outermost key in a file outside the data directory, made when first needed.

Whoever copies the data directory alone can read nothing personal in it. Losing the file loses the
sealed data, so it belongs into a backup of its own. It is read for each use, so that a rotation by
another process needs no restart.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from portal.adapters.secrets.key_file import KeyFile
from portal.adapters.secrets.keyring import KEY_BYTES, AesKeyring, open_sealed, seal
from portal.domain.shared.errors import Unavailable
from portal.domain.shared.sealing import Keyring

CONTEXT = b"organization key"


class LocalKeyrings:
    """Keyrings under the keys in the file at `path`.

    Raises Unavailable when others may read the file, when it is no key file, or when it is missing
    although `create` is False.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self._file = KeyFile(path)
        if create and not path.exists():
            self._file.make()
        self._file.keys()

    async def new(self, organization: str) -> bytes:
        """See the port."""
        return seal(self._file.keys()[0], CONTEXT, os.urandom(KEY_BYTES))

    async def open(self, organization: str, wrapped: bytes) -> Keyring:
        """See the port."""
        _, key = _opened(self._file.keys(), wrapped)
        return AesKeyring(organization, key)

    async def rotate(self, organization: str, wrapped: bytes) -> bytes:
        """See the port. The outer key is every organisation's, so the first one makes it anew and
        the others follow."""
        outer, key = _opened(self._file.keys(), wrapped)
        self._file.add(after=outer)
        return seal(self._file.keys()[0], CONTEXT, key)

    async def reveal(self, organization: str, wrapped: bytes) -> bytes:
        """See the port."""
        return _opened(self._file.keys(), wrapped)[1]

    async def adopt(self, organization: str, key: bytes) -> bytes:
        """See the port."""
        return seal(self._file.keys()[0], CONTEXT, key)

    async def shred(self, organization: str, wrapped: bytes) -> int:
        """See the port. The outer keys here are every organisation's."""
        return 0

    async def retire(self, kept: Mapping[str, bytes]) -> int:
        """See the port."""
        keys = self._file.keys()
        needed = {_opened(keys, wrapped)[0] for wrapped in kept.values()}
        return self._file.drop(set(keys[1:]) - needed)  # the newest is for whoever rotates now


def _opened(keys: tuple[bytes, ...], wrapped: bytes) -> tuple[bytes, bytes]:
    """The key that opens what is wrapped, and what that is."""
    *newer, oldest = keys
    for outer in newer:
        try:
            return outer, open_sealed(outer, CONTEXT, wrapped)
        except Unavailable:
            continue
    return oldest, open_sealed(oldest, CONTEXT, wrapped)
