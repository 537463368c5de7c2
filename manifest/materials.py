"""The bill of materials beside a package: CycloneDX 1.6, made from the locks without a network.

It says which files are in the zip, and of what the service behind the package is built: the Python
packages of requirements.txt and the npm packages that become part of the tab. It holds no time and
no random number, so the same package has the same bill.
"""

import base64
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from manifest.package import Package, digest, encoded
from portal import VERSION

ROOT: Final = Path(__file__).resolve().parent.parent
PYTHON_LOCK: Final = ROOT / "requirements.txt"
NPM_LOCK: Final = ROOT / "tabs" / "package-lock.json"
SPEC: Final = "1.6"


@dataclass(slots=True)
class Component:
    """One locked package. `digests` are SHA-256 or SHA-512 in hexadecimal, by algorithm and file;
    `uses` are the keys of what it needs."""

    key: str
    name: str
    version: str
    url: str
    digests: list[tuple[str, str]]
    license: str = ""
    marker: str = ""
    uses: set[str] = field(default_factory=set)


def bill(package: Package) -> bytes:
    """The bill of materials of `package`, as JSON."""
    python = python_components(PYTHON_LOCK.read_text(encoding="utf-8"))
    npm = npm_components(json.loads(NPM_LOCK.read_bytes()))
    components = sorted((*python, *npm), key=lambda one: one.key)
    document: dict[str, Any] = {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPEC}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "version": 1,
        "metadata": {"component": _package(package)},
        "components": [_component(one) for one in components],
        "dependencies": _dependencies(package, components),
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, f"sha256:{digest(encoded(document))}")
    return encoded({**document, "serialNumber": f"urn:uuid:{serial}"})


def packaged_files(content: bytes) -> dict[str, str]:
    """Name -> SHA-256 of the files that a bill of materials says the zip holds. Raises ValueError
    for what is no such bill."""
    try:
        listed = json.loads(content)["metadata"]["component"]["components"]
        return {one["name"]: one["hashes"][0]["content"] for one in listed}
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError("is no bill of materials of a package") from error


def _package(package: Package) -> dict[str, Any]:
    return {
        "type": "application",
        "bom-ref": package.zip_name,
        "name": package.zip_name,
        "version": VERSION,
        "hashes": [{"alg": "SHA-256", "content": digest(package.content)}],
        "components": [
            {
                "type": "file",
                "bom-ref": f"{package.zip_name}#{name}",
                "name": name,
                "hashes": [{"alg": "SHA-256", "content": digest(content)}],
            }
            for name, content in sorted(package.files.items())
        ],
    }


def _component(one: Component) -> dict[str, Any]:
    reference = {
        "type": "distribution",
        "url": one.url,
        "hashes": [{"alg": kind, "content": value} for kind, value in one.digests],
    }
    shown: dict[str, Any] = {
        "type": "library",
        "bom-ref": one.key,
        "name": one.name,
        "version": one.version,
        "purl": one.key,
        "externalReferences": [reference],
    }
    if one.license:
        shown["licenses"] = [{"expression": one.license}]
    if one.marker:
        shown["properties"] = [{"name": "python:marker", "value": one.marker}]
    return shown


def _dependencies(package: Package, components: list[Component]) -> list[dict[str, Any]]:
    needed = {used for one in components for used in one.uses}
    roots = sorted(one.key for one in components if one.key not in needed)
    graph: list[dict[str, Any]] = [{"ref": package.zip_name, "dependsOn": roots}]
    return graph + [{"ref": one.key, "dependsOn": sorted(one.uses)} for one in components]


def python_components(lock: str) -> list[Component]:
    """The packages of a hashed requirements file as uv writes it, with who needs whom."""
    blocks = [block for block in re.split(r"\n(?=[A-Za-z0-9])", lock) if "==" in block]
    found, wanted = [], {}
    for block in blocks:
        match = re.match(r"([\w.-]+)==([^\s;\\]+)(?: ; ([^\\\n]+))?", block)
        if match is None:
            continue
        name, version, marker = match[1], match[2], (match[3] or "").strip()
        one = Component(
            key=f"pkg:pypi/{name}@{version}",
            name=name,
            version=version,
            url=f"https://pypi.org/project/{name}/{version}/",
            digests=[("SHA-256", value) for value in re.findall(r"sha256:([0-9a-f]{64})", block)],
            marker=marker,
        )
        found.append(one)
        wanted[one.key] = set(re.findall(r"(?:# via|#  ) ([\w.-]+)$", block, re.MULTILINE))
    for one in found:
        for other in found:
            if other.name in wanted[one.key]:
                other.uses.add(one.key)
    return found


def npm_components(lock: Mapping[str, Any]) -> list[Component]:
    """The packages of an npm lock that are not for development alone."""
    packages: Mapping[str, Any] = {
        path: entry for path, entry in lock["packages"].items() if path and not entry.get("dev")
    }
    keys = {path: _npm_key(path, entry) for path, entry in packages.items()}
    found: dict[str, Component] = {}
    for path, entry in packages.items():
        name = _npm_name(path)
        one = Component(
            key=keys[path],
            name=name,
            version=entry["version"],
            url=f"https://www.npmjs.com/package/{name}/v/{entry['version']}",
            digests=list(_integrity(entry.get("integrity", ""))),
            license=entry.get("license", ""),
            uses={keys[used] for used in _resolved(path, entry, packages)},
        )
        if one.key in found:
            found[one.key].uses |= one.uses
        else:
            found[one.key] = one
    return list(found.values())


def _npm_name(path: str) -> str:
    return path.rpartition("node_modules/")[2]


def _npm_key(path: str, entry: Mapping[str, Any]) -> str:
    return f"pkg:npm/{quote(_npm_name(path))}@{entry['version']}"


def _resolved(path: str, entry: Mapping[str, Any], packages: Mapping[str, Any]) -> Iterator[str]:
    """Where Node finds each dependency: beside the package's own, then further out."""
    for name in (*entry.get("dependencies", {}), *entry.get("optionalDependencies", {})):
        folder = path
        while True:
            candidate = f"{folder}/node_modules/{name}" if folder else f"node_modules/{name}"
            if candidate in packages:
                yield candidate
                break
            if not folder:
                break
            folder = folder.rpartition("/node_modules/")[0]


def _integrity(text: str) -> Iterator[tuple[str, str]]:
    for kind, _, value in (one.partition("-") for one in text.split()):
        if kind == "sha512":
            yield "SHA-512", base64.b64decode(value).hex()
