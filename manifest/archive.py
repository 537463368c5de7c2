"""The zip file: written so that the same files give the same bytes, read so that none can harm.

Entries are sorted, dated 1980-01-01 (the earliest a zip can say), with the same rights and no
extra fields, and stored without compression: what deflate makes of the same input differs between
builds of zlib, and the package is small.
"""

import io
import zipfile
from collections.abc import Mapping
from typing import Final

EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
MOST_FILES: Final = 50
MOST_BYTES: Final = 4 * 1024 * 1024
UNIX: Final = 3


class ArchiveError(Exception):
    """The bytes are no package that can be read; the message says why."""


def write(files: Mapping[str, bytes]) -> bytes:
    """The zip file of `files`, name -> content."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.create_system = UNIX
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return packed.getvalue()


def read(content: bytes) -> dict[str, bytes]:
    """Name -> content of every file in the zip file. Raises ArchiveError for what is no zip file,
    is damaged, holds a name twice or one that leads outside, or more than a package holds."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check(entries)
            return {entry.filename: _content(archive, entry) for entry in entries}
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, OSError) as error:
        raise ArchiveError(f"is not a readable zip file ({error})") from None


def _check(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if len(names) > MOST_FILES:
        raise ArchiveError(f"holds {len(names)} files, more than a package does")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ArchiveError(f"holds twice: {', '.join(twice)}")
    for name in names:
        parts = name.split("/")
        if "\\" in name or ":" in name or not all(parts) or {".", ".."} & set(parts):
            raise ArchiveError(f"holds a name that no package has: {name!r}")
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise ArchiveError(f"unpacks to more than {MOST_BYTES:,} bytes")


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.flag_bits & 1:
        raise ArchiveError(f"holds an encrypted file: {entry.filename}")
    with archive.open(entry) as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ArchiveError(f"unpacks to more than {MOST_BYTES:,} bytes")
    return content
