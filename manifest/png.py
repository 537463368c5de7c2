"""Reading and writing PNG pictures of 8 bits a channel, as the icons are.

Only the standard library: two small pictures are no reason for an imaging package.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
CHANNELS: Final = {2: 3, 6: 4}
"""Bytes a pixel, by colour type: RGB and RGB with transparency."""
LARGEST_SIDE: Final = 1024

Pixel = tuple[int, int, int, int]


class PictureError(Exception):
    """The bytes are no PNG of the kind that is read here; the message says why."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`pixels` are rows from the top; each pixel is red, green, blue, opacity, 0 to 255.
    `chunks` are the kinds of block the file holds, in order."""

    width: int
    height: int
    pixels: list[list[Pixel]]
    chunks: tuple[str, ...]


def write(pixels: list[list[Pixel]]) -> bytes:
    """The picture as a PNG without anything but the picture."""
    header = struct.pack(">IIBBBBB", len(pixels[0]), len(pixels), 8, 6, 0, 0, 0)
    rows = b"".join(b"\0" + bytes(value for pixel in row for value in pixel) for row in pixels)
    blocks = {b"IHDR": header, b"IDAT": zlib.compress(rows, 9), b"IEND": b""}
    return SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in blocks.items()
    )


def read(content: bytes) -> Picture:
    """The picture in a PNG. Raises PictureError."""
    blocks = list(_blocks(content))
    if not blocks or blocks[0][0] != "IHDR" or len(blocks[0][1]) != 13:
        raise PictureError("does not begin with its measures")
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", blocks[0][1])
    if depth != 8 or colour not in CHANNELS or interlace:
        raise PictureError("is not RGB or RGBA with 8 bits a channel, without interlacing")
    if not 0 < width <= LARGEST_SIDE or not 0 < height <= LARGEST_SIDE:
        raise PictureError(f"measures {width}x{height}, more than an icon may")
    channels = CHANNELS[colour]
    size = height * (width * channels + 1)
    packed = b"".join(data for kind, data in blocks if kind == "IDAT")
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(packed, size + 1)
    except zlib.error:
        raise PictureError("cannot be unpacked") from None
    if len(raw) != size:
        raise PictureError("holds more or fewer pixels than it says")
    pixels = [
        [
            (row[at], row[at + 1], row[at + 2], row[at + 3] if channels == 4 else 255)
            for at in range(0, len(row), channels)
        ]
        for row in _rows(raw, width * channels, channels)
    ]
    return Picture(width, height, pixels, tuple(kind for kind, _ in blocks))


def _blocks(content: bytes) -> Iterator[tuple[str, bytes]]:
    if not content.startswith(SIGNATURE):
        raise PictureError("is no PNG")
    at, kind = len(SIGNATURE), ""
    while at < len(content):
        size = int.from_bytes(content[at : at + 4])
        name, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + size]
        check = content[at + 8 + size : at + 12 + size]
        if len(check) != 4 or int.from_bytes(check) != zlib.crc32(name + data):
            raise PictureError("is cut off or damaged")
        kind = name.decode("latin-1")
        yield kind, data
        at += 12 + size
    if kind != "IEND":
        raise PictureError("has no end")


def _rows(raw: bytes, length: int, channels: int) -> Iterator[bytes]:
    """Undoes the filter of each row (PNG specification, section 9)."""
    above = bytes(length)
    for start in range(0, len(raw), length + 1):
        kind, line = raw[start], bytearray(raw[start + 1 : start + 1 + length])
        if kind > 4:
            raise PictureError("uses an unknown filter")
        for at in range(length):
            left = line[at - channels] if at >= channels else 0
            corner = above[at - channels] if at >= channels else 0
            guesses = (0, left, above[at], (left + above[at]) // 2)
            guess = guesses[kind] if kind < 4 else _paeth(left, above[at], corner)
            line[at] = (line[at] + guess) & 255
        above = bytes(line)
        yield above


def _paeth(left: int, up: int, corner: int) -> int:
    estimate = left + up - corner
    return min((left, up, corner), key=lambda value: abs(estimate - value))
