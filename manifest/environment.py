"""Where a package leads to: the ids, the host and the publisher of one installation.

An environment is a TOML file; those under `manifest/environments` are known by their names. It
holds no secret: everything in it can be read in the package it makes.
"""

import re
import tomllib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parent / "environments"
HOST: Final = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
RESERVED: Final = ("example", "example.com", "example.net", "example.org", "invalid", "test")
"""Names set aside for documents and trials (RFC 2606): nobody's host is there."""

FIELDS: Final[Mapping[str, str]] = {
    "app_id": "The app's own id in Teams, a new GUID for each installation that has its own "
    "catalogue entry. It never changes: a package with another id is another app",
    "client_id": "The application (client) id of the registration in Microsoft Entra ID, for the "
    "sign-in of the tab and for the bot",
    "bot_id": "Only for a bot that is a managed identity: its client id, which is another one",
    "host": "The name under which people's Teams reach the service over HTTPS, without `https://`",
    "developer.name": "Who publishes the package, up to 32 characters",
    "developer.website": "A page with help and a way to reach you, readable without signing in",
    "developer.privacy": "Your privacy policy, readable without signing in",
    "developer.terms": "Your terms of use, readable without signing in",
}
"""Every field of the file and what it means; the guide prints them."""
OPTIONAL: Final = frozenset({"bot_id"})
IDS: Final = frozenset({"app_id", "client_id", "bot_id"})


class UnusableEnvironmentError(Exception):
    """The environment cannot be used; the message lists every problem of it."""


@dataclass(frozen=True, slots=True)
class Developer:
    """Who publishes the package, and where people read about it."""

    name: str
    website: str
    privacy: str
    terms: str


@dataclass(frozen=True, slots=True)
class Environment:
    """One installation. Ids are lower-case GUIDs, `host` is a lower-case DNS name; `bot_id` is
    `client_id` but for managed identities."""

    name: str
    app_id: str
    client_id: str
    bot_id: str
    host: str
    developer: Developer

    @property
    def is_reserved(self) -> bool:
        """Whether the host is one that exists in documents only."""
        return any(self.host == name or self.host.endswith(f".{name}") for name in RESERVED)


def load(name_or_file: str) -> Environment:
    """The environment of that name, or of that file. Raises UnusableEnvironmentError."""
    path = FOLDER / f"{name_or_file}.toml"
    if not re.fullmatch(r"[\w-]+", name_or_file) or not path.is_file():
        path = Path(name_or_file)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        known = ", ".join(sorted(one.stem for one in FOLDER.glob("*.toml")))
        raise UnusableEnvironmentError(
            f"there is no environment and no file {name_or_file!r} ({error.strerror}); "
            f"known environments: {known}"
        ) from None
    except UnicodeDecodeError:
        raise UnusableEnvironmentError(f"{name_or_file} is not a text file in UTF-8") from None
    return parse(text, path.stem, str(name_or_file))


def parse(text: str, name: str, source: str) -> Environment:
    """Reads the TOML `text`; `source` is what messages call it. Raises UnusableEnvironmentError."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnusableEnvironmentError(f"{source} is not TOML: {error}") from None
    values, problems = _values(table)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", name):
        problems.append("its file name becomes part of the package's: use letters, digits, - and _")
    if problems:
        raise UnusableEnvironmentError("\n  ".join([f"{source} cannot be used:", *problems]))
    return Environment(
        name=name,
        app_id=values["app_id"].lower(),
        client_id=values["client_id"].lower(),
        bot_id=values.get("bot_id", values["client_id"]).lower(),
        host=values["host"],
        developer=Developer(
            **{key: values[f"developer.{key}"] for key in ("name", "website", "privacy", "terms")}
        ),
    )


def _values(table: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Every field by its dotted name, and what is wrong with the table."""
    flat = {key: value for key, value in table.items() if not isinstance(value, dict)}
    for key, inner in table.items():
        if isinstance(inner, dict):
            flat |= {f"{key}.{name}": value for name, value in inner.items()}
    problems = [f"{key} is no field of an environment" for key in flat.keys() - FIELDS.keys()]
    values = {}
    for key in FIELDS:
        value = flat.get(key)
        if value is None and key in OPTIONAL:
            continue
        if value is None:
            problems.append(f"{key} is missing")
        elif not isinstance(value, str) or not value.strip():
            problems.append(f"{key} must be a text")
        elif wrong := _wrong(key, value):
            problems.append(f"{key}: {wrong}")
        else:
            values[key] = value.strip()
    return values, sorted(problems)


def _wrong(key: str, value: str) -> str | None:
    if key in IDS:
        shaped = re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value)
        if not shaped or uuid.UUID(value).int == 0:
            return "must be a GUID such as 6f9d3a52-4c1e-4b7a-9d58-2f0c7e61a8b3"
    if key == "host" and not HOST.fullmatch(value):
        return "must be a lower-case DNS name alone, such as switchroom.example.com"
    return None
