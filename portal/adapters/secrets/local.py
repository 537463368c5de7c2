"""The outermost key in a file: mode 0600, outside the data directory, made when first needed.

Whoever copies the data directory alone can read nothing personal in it. The file is JSON: a key id
and 32 random bytes, and the keys before it that are still needed (`older`). Losing it loses the
sealed data, so it belongs into a backup of its own. It is read for each use, so that a rotation by
another process needs no restart.
"""

import base64
import json
import os
import secrets
import stat
from collections.abc import Callable, Container, Mapping
from pathlib import Path
from typing import Any, TypeVar

from portal.adapters.secrets.keyring import KEY_BYTES, AesKeyring, open_sealed, seal
from portal.domain.shared.errors import Unavailable
from portal.domain.shared.sealing import Keyring

CONTEXT = b"organization key"
Keys = tuple[bytes, ...]
T = TypeVar("T")


class LocalKeyrings:
    """Keyrings under the key in the file at `path`.

    Raises Unavailable when others may read the file, when it is no key file, or when it is missing
    although `create` is False.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self._path = path
        if create and not path.exists():
            _usable(path, _make)
        self._keys()

    async def new(self, organization: str) -> bytes:
        """See the port."""
        return seal(self._keys()[0], CONTEXT, os.urandom(KEY_BYTES))

    async def open(self, organization: str, wrapped: bytes) -> Keyring:
        """See the port."""
        _, key = self._opened(wrapped)
        return AesKeyring(organization, key)

    async def rotate(self, organization: str, wrapped: bytes) -> bytes:
        """See the port. The outer key is every organisation's, so the first one makes it anew and
        the others follow."""
        place, key = self._opened(wrapped)
        if place == 0:
            _usable(self._path, _add)
        return seal(self._keys()[0], CONTEXT, key)

    async def retire(self, kept: Mapping[str, bytes]) -> int:
        """See the port."""
        needed = {self._opened(wrapped)[0] for wrapped in kept.values()} | {0}
        return _usable(self._path, lambda path: _keep(path, needed))

    def _keys(self) -> Keys:
        """The keys, newest first."""
        return _usable(self._path, _load)

    def _opened(self, wrapped: bytes) -> tuple[int, bytes]:
        """The place of the outer key among the keys, and the opened one."""
        *newer, oldest = enumerate(self._keys())
        for place, outer in newer:
            try:
                return place, open_sealed(outer, CONTEXT, wrapped)
            except Unavailable:
                continue
        return oldest[0], open_sealed(oldest[1], CONTEXT, wrapped)


def _usable(path: Path, use: Callable[[Path], T]) -> T:
    try:
        return use(path)
    except OSError as error:
        raise Unavailable(f"The key file {path} cannot be used: {error.strerror}.") from error


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    whole = _written(path, _fresh())
    try:
        os.link(whole, path)  # fails when another process made one first: theirs counts
    except FileExistsError:
        return
    finally:
        whole.unlink()


def _add(path: Path) -> None:
    """Puts a fresh key before those of the file."""
    before = json.loads(path.read_text(encoding="utf-8"))
    older = [{"id": before["id"], "key": before["key"]}, *before.get("older", [])]
    _written(path, _fresh() | {"older": older}).replace(path)


def _keep(path: Path, places: Container[int]) -> int:
    """Leaves the keys of those places, 0 among them; how many went."""
    before = json.loads(path.read_text(encoding="utf-8"))
    older = before.get("older", [])
    left = [one for place, one in enumerate(older, 1) if place in places]
    if len(left) < len(older):
        _written(path, before | {"older": left}).replace(path)
    return len(older) - len(left)


def _fresh() -> dict[str, Any]:
    return {"id": secrets.token_hex(8), "key": base64.b64encode(os.urandom(KEY_BYTES)).decode()}


def _written(path: Path, content: Mapping[str, Any]) -> Path:
    """A durable file beside `path` with the content."""
    whole = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(json.dumps(content) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return whole


def _load(path: Path) -> Keys:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise Unavailable(f"The key file {path} may be read by others; run: chmod 600 {path}")
        content = json.loads(path.read_text(encoding="utf-8"))
        keys = tuple(
            base64.b64decode(one["key"], validate=True)
            for one in (content, *content.get("older", ()))
        )
    except FileNotFoundError as error:
        raise Unavailable(f"The key file {path} is missing; restore it from its backup.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unavailable(f"The key file {path} is damaged; restore it from its backup.") from error
    if any(len(key) != KEY_BYTES for key in keys):
        raise Unavailable(f"The key file {path} is damaged; restore it from its backup.")
    return keys
