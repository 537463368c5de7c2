"""Names and addresses on the internet: whose they cannot be, and how they are wrong."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from manifest.environment import HOST

REASONS: Final = {
    "tunnels": "is a tunnel ({name})",
    "shared": "is under {name}, where anybody may have a name",
    "foreign": "is under {name}, which is not the publisher's",
}
NOT_OWN: Final[Mapping[str, list[str]]] = tomllib.loads(
    (Path(__file__).resolve().parent / "domains.toml").read_text(encoding="utf-8")
)
ADDRESS: Final = r"[\d.]+|\[?[0-9a-f]*:[0-9a-f:]+\]?|localhost(:\d+)?"


def wrong_host(host: str) -> str | None:
    """Why the name cannot be one that the publisher controls, if so."""
    if "*" in host:
        return "is a wildcard"
    if re.fullmatch(ADDRESS, host):
        return "is an address, not a name"
    if not HOST.fullmatch(host):
        return "is not a lower-case DNS name alone"
    for kind, names in NOT_OWN.items():
        for name in names:
            if host == name or host.endswith(f".{name}"):
                return REASONS[kind].format(name=name)
    return None


def wrong_address(address: str) -> str | None:
    """Why the address is not a plain https one, if so."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "is not an address"
    if parts.scheme != "https":
        return "does not begin with https://"
    if parts.username is not None or parts.password is not None:
        return "names a user"
    if port is not None:
        return "names a port"
    if not HOST.fullmatch(parts.hostname or "") or parts.netloc != parts.hostname:
        return "has no lower-case DNS name as its host"
    return None


def split(address: str) -> SplitResult:
    """The parts of an address that `wrong_address` has nothing against."""
    return urlsplit(address)


def addresses(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Path and text of every address in a manifest, except that of its schema."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key != "$schema":
                yield from addresses(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from addresses(inner, f"{path}[{place}]")
    elif isinstance(value, str) and (path.endswith("Url") or re.match(r"\w+://", value)):
        yield path, value
