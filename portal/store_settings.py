"""What the settings of the store must agree on, one sentence for each fault."""

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
ENDPOINT = r"^(https://[a-z0-9][a-z0-9.-]*(:\d{1,5})?/?)?$"
VAULT = r"^(https://[a-z0-9][a-z0-9-]{1,22}[a-z0-9]\.[a-z0-9.-]+/?)?$"
BLOBS = r"^(https://[a-z0-9][a-z0-9.-]*(:\d{1,5})?(/[a-z0-9]+)?/[a-z0-9-]{3,63})?$"
DATABASE = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"
KEY = re.compile(r"[A-Za-z0-9+/]{4,}={0,2}", re.ASCII)


class StoreSettings(Protocol):
    """The settings that are looked at."""

    @property
    def is_development(self) -> bool:
        """Whether the process is for development."""
        ...

    @property
    def store(self) -> str:
        """`sqlite` or `cosmos`."""
        ...

    @property
    def cosmos_endpoint(self) -> str:
        """Empty when there is none."""
        ...

    @property
    def cosmos_key_file(self) -> Path | None:
        """The emulator's key."""
        ...


def not_needed(given: Mapping[str, Any]) -> dict[str, Any]:
    """Values for what would be required without the services of Azure that are given: no key file
    beside a Key Vault; of the disk, when store and files are elsewhere, only scratch space."""
    filled: dict[str, Any] = {}
    if given.get("key_vault_url"):
        filled["key_file"] = None
    if given.get("store") == "cosmos" and given.get("blob_url"):
        filled["data_dir"] = Path(tempfile.gettempdir()) / "switchroom"
    return filled


def is_here(endpoint: str) -> bool:
    """Whether the address is this machine's own."""
    return urlsplit(endpoint).hostname in LOOPBACK


def fault(settings: StoreSettings) -> str | None:
    """Why the store cannot be opened with these settings, or None.

    The client checks no certificate on this machine's own addresses, and an emulator takes
    everybody's key: both exist in development only.
    """
    endpoint, file = settings.cosmos_endpoint, settings.cosmos_key_file
    if settings.store == "sqlite":
        wrong = "SWITCHROOM_COSMOS_… is for SWITCHROOM_STORE=cosmos: set that too"
        return wrong if endpoint or file else None
    if not endpoint:
        return "SWITCHROOM_STORE=cosmos needs SWITCHROOM_COSMOS_ENDPOINT"
    if is_here(endpoint):
        return _fault_of_an_emulator(settings)
    if file is not None:
        return (
            "SWITCHROOM_COSMOS_KEY_FILE is for an emulator on this machine: Cosmos DB knows this "
            "service by its identity, and an account of ours takes no keys"
        )
    return None


def emulator_key(settings: StoreSettings) -> str | None:
    """The emulator's key, None for an account that knows this service by its identity."""
    file = settings.cosmos_key_file
    return None if file is None else file.read_text(encoding="utf-8").strip()


def _fault_of_an_emulator(settings: StoreSettings) -> str | None:
    if not settings.is_development:
        return "SWITCHROOM_COSMOS_ENDPOINT is an emulator's: it exists in development only"
    if settings.cosmos_key_file is None:
        return "an emulator at SWITCHROOM_COSMOS_ENDPOINT needs SWITCHROOM_COSMOS_KEY_FILE"
    problem = _unreadable(settings.cosmos_key_file)
    return f"SWITCHROOM_COSMOS_KEY_FILE {problem}" if problem else None


def _unreadable(file: Path) -> str | None:
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError):
        return "cannot be read"
    return None if KEY.fullmatch(text) else "holds no key"
