"""The outermost key in a file: mode 0600, outside the data directory, made when first needed.

Whoever copies the data directory alone can read nothing personal in it. The file is JSON: a key id
and 32 random bytes. Losing it loses the sealed data, so it belongs into a backup of its own.
"""

import base64
import json
import os
import secrets
import stat
from pathlib import Path

from portal.adapters.secrets.keyring import KEY_BYTES, AesKeyring, open_sealed, seal
from portal.domain.shared.errors import Unavailable
from portal.domain.shared.sealing import Keyring


class LocalKeyrings:
    """Keyrings under the key in the file at `path`.

    Raises Unavailable when others may read the file, when it is no key file, or when it is missing
    although `create` is False.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        try:
            if create and not path.exists():
                _make(path)
            self._key = _load(path)
        except OSError as error:
            raise Unavailable(f"The key file {path} cannot be used: {error.strerror}.") from error

    def new(self) -> bytes:
        """See the port."""
        return seal(self._key, b"organization key", os.urandom(KEY_BYTES))

    def open(self, organization: str, wrapped: bytes) -> Keyring:
        """See the port."""
        return AesKeyring(organization, open_sealed(self._key, b"organization key", wrapped))


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = json.dumps(
        {"id": secrets.token_hex(8), "key": base64.b64encode(os.urandom(KEY_BYTES)).decode()}
    )
    whole = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(whole, path)  # fails when another process made one first: theirs counts
    except FileExistsError:
        return
    finally:
        whole.unlink()


def _load(path: Path) -> bytes:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise Unavailable(f"The key file {path} may be read by others; run: chmod 600 {path}")
        key = base64.b64decode(json.loads(path.read_text(encoding="utf-8"))["key"], validate=True)
    except FileNotFoundError as error:
        raise Unavailable(f"The key file {path} is missing; restore it from its backup.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise Unavailable(f"The key file {path} is damaged; restore it from its backup.") from error
    if len(key) != KEY_BYTES:
        raise Unavailable(f"The key file {path} is damaged; restore it from its backup.")
    return key
