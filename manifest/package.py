"""A package: its files, its bytes, and what is written beside it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from manifest import archive, artwork, template
from manifest.environment import Environment
from portal import VERSION


def encoded(value: Any) -> bytes:
    """JSON as it stands in packages: readable, in UTF-8, the same on every machine."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class Package:
    """The app package of one environment. `files` are name -> content; the other names are those
    of what `build` writes: the zip file, its checksums, its bill of materials."""

    stem: str
    files: Mapping[str, bytes]

    @cached_property
    def content(self) -> bytes:
        """The zip file."""
        return archive.write(self.files)

    @property
    def zip_name(self) -> str:
        """What the zip file is called."""
        return f"{self.stem}.zip"

    @property
    def checksums_name(self) -> str:
        """What the file of its checksums is called."""
        return checksums_name(self.zip_name)

    @property
    def materials_name(self) -> str:
        """What its bill of materials is called."""
        return materials_name(self.zip_name)


def checksums_name(zip_name: str) -> str:
    """The file of checksums that belongs to the zip file of this name."""
    return f"{zip_name}.sha256"


def materials_name(zip_name: str) -> str:
    """The bill of materials that belongs to the zip file of this name."""
    return f"{zip_name.removesuffix('.zip')}.cdx.json"


def make(environment: Environment) -> Package:
    """The package of `environment` in this version of the product."""
    files = {"manifest.json": encoded(template.manifest(environment))}
    for language in (template.LANGUAGE, *template.TRANSLATIONS):
        files[template.language_file(language)] = encoded(template.translation(language))
    for name in template.ICONS.values():
        files[name] = (artwork.FOLDER / name).read_bytes()
    return Package(f"switchroom-{environment.name}-{VERSION}", files)


def checksums(contents: Mapping[str, bytes]) -> bytes:
    """A file of checksums as `sha256sum --check` reads it."""
    return "".join(f"{digest(contents[name])}  {name}\n" for name in sorted(contents)).encode()


def read_checksums(text: str) -> dict[str, str]:
    """Name -> SHA-256 of a file of checksums; lines of another shape are left out."""
    pairs = (line.split(maxsplit=1) for line in text.splitlines())
    return {
        pair[1].removeprefix("*"): pair[0].lower()
        for pair in pairs
        if len(pair) == 2 and len(pair[0]) == 64
    }
