"""Opening a file of unknown content: refuses what is no UTF-8 text, hands back the rest to read.

The file need not be seekable; only a head of 64 KiB is looked at.
"""

from typing import BinaryIO

from portal.domain.shared.errors import UnusableFile

HEAD_BYTES = 1 << 16
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"\x28\xb5\x2f\xfd")


class Opened:
    """A text file whose head has been looked at. `head` is without the byte order mark."""

    def __init__(self, file: BinaryIO, head: bytes) -> None:
        self._file = file
        self._head = head
        self.head = head

    def read(self, size: int) -> bytes:
        """The next bytes, head included, at most `size` of them; empty at the end."""
        if self._head:
            piece, self._head = self._head[:size], self._head[size:]
            return piece
        return self._file.read(size) or b""


def open_text(file: BinaryIO) -> Opened:
    """Looks at the head. Raises UnusableFile for an empty, packed, UTF-16 or binary file."""
    head = _read_head(file)
    if head.startswith(_UTF8_MARK):
        head = head[len(_UTF8_MARK) :]
    elif head.startswith(_UTF16_MARKS) or _is_utf16_without_mark(head):
        raise UnusableFile("The file is UTF-16 text; save it as UTF-8 and import it again.")
    if head.startswith(_PACKED):
        raise UnusableFile("The file is packed; unpack it and import what is inside.")
    if head.count(0) * 10 > len(head):
        raise UnusableFile("The file is binary, not text.")
    if len(head) < HEAD_BYTES and not head.strip():
        raise UnusableFile("The file is empty.")
    return Opened(file, head)


def _read_head(file: BinaryIO) -> bytes:
    pieces: list[bytes] = []
    missing = HEAD_BYTES
    while missing and (piece := file.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _is_utf16_without_mark(head: bytes) -> bool:
    sample = head[:512]
    even, odd = sample[0::2], sample[1::2]
    lean, full = sorted((even.count(0), odd.count(0)))
    return len(sample) >= 8 and lean == 0 and full * 10 > len(odd) * 7
