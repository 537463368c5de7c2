"""A file of keys: mode 0600, JSON with a key id and 32 random bytes, and under `older` the keys
before it that are still needed.

Changes are made under a lock of their own (PATH.lock), and are durable when a call returns: what is
sealed with a key must never outlive it by accident.
"""

import base64
import fcntl
import json
import os
import secrets
import stat
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from portal.adapters.secrets.keyring import KEY_BYTES
from portal.domain.shared.errors import Unavailable

T = TypeVar("T")


class KeyFile:
    """The keys in the file at `path`. Each call raises Unavailable when others may read the file,
    when it is missing or no key file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def make(self) -> None:
        """Makes the file with one key, unless it is there."""
        self._usable(self._make)

    def keys(self) -> tuple[bytes, ...]:
        """The keys, newest first."""
        return tuple(_bytes(self._path, one) for one in self._usable(self._read))

    def add(self, after: bytes) -> None:
        """Puts a fresh key before `after`, unless another is there already."""

        def change(keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [_fresh(), *keys] if _bytes(self._path, keys[0]) == after else keys

        self._usable(lambda: self._change(change))

    def drop(self, unneeded: Collection[bytes]) -> int:
        """Takes these keys out, never the newest one; how many."""

        def change(keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
            newest, *older = keys
            return [newest, *(one for one in older if _bytes(self._path, one) not in unneeded)]

        return self._usable(lambda: self._change(change))

    def _make(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        whole = self._written([_fresh()])
        try:
            os.link(whole, self._path)  # fails when another process made one first: theirs counts
        except FileExistsError:
            return
        finally:
            whole.unlink()
        self._settle()

    def _change(self, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> int:
        """Replaces the keys; how many there are fewer."""
        with self._locked():
            before = self._read()
            after = change(before)
            if after != before:
                self._written(after).replace(self._path)
                self._settle()
            return len(before) - len(after)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        handle = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _read(self) -> list[dict[str, Any]]:
        path = self._path
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & 0o077:
                told = f"The key file {path} may be read by others; run: chmod 600 {path}"
                raise Unavailable(told)
            content = json.loads(path.read_text(encoding="utf-8"))
            keys = [{"id": content.get("id", ""), "key": content["key"]}]
            keys += [
                {"id": one.get("id", ""), "key": one["key"]} for one in content.get("older", ())
            ]
        except FileNotFoundError as error:
            missing = f"The key file {path} is missing; restore it from its backup."
            raise Unavailable(missing) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _damaged(path) from error
        for key in keys:
            _bytes(path, key)
        return keys

    def _written(self, keys: list[dict[str, Any]]) -> Path:
        """A durable file beside the path with the keys."""
        newest, *older = keys
        content = newest | ({"older": older} if older else {})
        whole = self._path.with_name(f"{self._path.name}.{secrets.token_hex(4)}")
        handle = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(json.dumps(content) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return whole

    def _settle(self) -> None:
        """Makes the name of the file durable."""
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _usable(self, use: Callable[[], T]) -> T:
        try:
            return use()
        except OSError as error:
            told = f"The key file {self._path} cannot be used: {error.strerror}."
            raise Unavailable(told) from error


def _fresh() -> dict[str, Any]:
    return {"id": secrets.token_hex(8), "key": base64.b64encode(os.urandom(KEY_BYTES)).decode()}


def _bytes(path: Path, key: dict[str, Any]) -> bytes:
    try:
        found = base64.b64decode(key["key"], validate=True)
    except (ValueError, TypeError) as error:
        raise _damaged(path) from error
    if len(found) != KEY_BYTES:
        raise _damaged(path)
    return found


def _damaged(path: Path) -> Unavailable:
    return Unavailable(f"The key file {path} is damaged; restore it from its backup.")
