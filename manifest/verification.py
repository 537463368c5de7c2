"""Whether a package is untouched, and if not, what differs.

It is compared with what `build` wrote beside it, or with a package built anew for its environment,
which also finds a package whose checksums were changed with it. Whatever it is compared with, a
package that cannot be read is not untouched.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from manifest import archive
from manifest.materials import packaged_files
from manifest.package import (
    Package,
    checksums_name,
    digest,
    materials_name,
    read_checksums,
)

MOST_NAMED: Final = 40
LARGEST_FILE: Final = 16 * 1024 * 1024
_ABSENT: Final = object()


class NothingToCompareError(Exception):
    """The file cannot be read, or there is nothing to compare it with; the message says which."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`sha256` is the file's own; `compared` says with what; `differences` is empty when it is
    untouched."""

    sha256: str
    compared: str
    differences: tuple[str, ...]


def verify(file: Path, rebuilt: Package | None = None, checksums: Path | None = None) -> Verdict:
    """Compares `file` with `rebuilt` where given, else with the checksums (those beside the file
    unless named). Raises NothingToCompareError."""
    content = _content(file)
    if rebuilt is not None:
        compared = f"{rebuilt.zip_name} built anew"
        return _verdict(content, compared, _from_rebuilt(content, rebuilt))
    sums = checksums or file.with_name(checksums_name(file.name))
    if not sums.is_file():
        raise NothingToCompareError(
            f"there is nothing to compare {file.name} with: keep {sums.name} beside it, name one "
            "with --checksums, or build it anew with --environment"
        )
    return _verdict(content, str(sums.name), _from_checksums(file, content, sums))


def _verdict(content: bytes, compared: str, differences: Iterator[str]) -> Verdict:
    return Verdict(digest(content), compared, tuple(differences))


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise NothingToCompareError(f"{file} is larger than any package")
        return file.read_bytes()
    except OSError as error:
        raise NothingToCompareError(f"{file} cannot be read: {error.strerror}") from None


def _from_checksums(file: Path, content: bytes, sums: Path) -> Iterator[str]:
    listed = read_checksums(_content(sums).decode("utf-8", errors="replace"))
    packages = [name for name in listed if name.endswith(".zip")]
    name = file.name if file.name in listed else packages[0] if len(packages) == 1 else ""
    if not name:
        raise NothingToCompareError(f"{sums.name} says nothing about {file.name}")
    bill = sums.with_name(materials_name(name))
    known: Mapping[str, str] | None = None
    if bill.name in listed and bill.is_file():
        written = _content(bill)
        if digest(written) == listed[bill.name]:
            known = _packaged(written)
        if known is None:
            yield f"{bill.name} is not the one that was built"
    is_listed = digest(content) == listed[name]
    if not is_listed:
        yield f"{file.name} has another SHA-256 than {sums.name} says"
    # Checksums that were changed with the package agree with anything, also with what is no zip.
    yield from _entries(content, known, is_whole=is_listed)


def _packaged(bill: bytes) -> Mapping[str, str] | None:
    try:
        return packaged_files(bill)
    except (ValueError, RecursionError):
        return None


def _entries(
    content: bytes, known: Mapping[str, str] | None, *, is_whole: bool = False
) -> Iterator[str]:
    """What is wrong with the zip file and, where their digests are known, with the files in it;
    `is_whole` says that the zip file around them is as it was."""
    try:
        files = archive.read(content)
    except archive.ArchiveError as error:
        yield f"the package {error}"
        return
    if known is None:
        return
    changed = False
    for name in sorted(known.keys() | files.keys()):
        if name not in files:
            yield f"{name} is missing"
        elif name not in known:
            yield f"{name} was added"
        elif digest(files[name]) != known[name]:
            yield f"{name} was changed"
        else:
            continue
        changed = True
    if not (changed or is_whole):
        yield "every file in it is as it was built; the zip file around them was written anew"


def _from_rebuilt(content: bytes, rebuilt: Package) -> Iterator[str]:
    if content == rebuilt.content:
        return
    known = {name: digest(one) for name, one in rebuilt.files.items()}
    for difference in _entries(content, known):
        yield difference
        name = difference.removesuffix(" was changed")
        if name != difference and name.endswith(".json"):
            changed = archive.read(content)[name]
            yield from _changed_json(name, changed, rebuilt.files[name])


def _changed_json(name: str, changed: bytes, expected: bytes) -> Iterator[str]:
    try:
        values = json.loads(changed)
    except (ValueError, RecursionError):
        yield f"  {name} is not JSON"
        return
    found = list(_paths(values, json.loads(expected), ""))
    for path, here, there in found[:MOST_NAMED]:
        yield f"  {name} {path}: {_shown(here)}, built: {_shown(there)}"
    if len(found) > MOST_NAMED:
        yield f"  and {len(found) - MOST_NAMED} more in {name}"
    if not found:
        yield f"  {name} says the same in another form"


def _paths(here: Any, there: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(here, dict) and isinstance(there, dict):
        for key in sorted(here.keys() | there.keys()):
            inner = f"{path}.{key}" if path else key
            yield from _paths(here.get(key, _ABSENT), there.get(key, _ABSENT), inner)
    elif isinstance(here, list) and isinstance(there, list):
        for place in range(max(len(here), len(there))):
            yield from _paths(
                here[place] if place < len(here) else _ABSENT,
                there[place] if place < len(there) else _ABSENT,
                f"{path}[{place}]",
            )
    elif type(here) is not type(there) or here != there:
        yield path or "(whole)", here, there


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return "(nothing)"
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 120 else f"{text[:117]}..."
