"""Pictures as others write them: with filters, without transparency, damaged."""

import random
import struct
import zlib

import pytest

from manifest import artwork, png


def block(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(
    rows: bytes, *, width: int = 2, height: int = 1, colour: int = 2, depth: int = 8
) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    blocks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return png.SIGNATURE + b"".join(block(kind, data) for kind, data in blocks)


@pytest.mark.parametrize(
    ("rows", "first", "second"),
    [
        (bytes([0, 9, 9, 9, 8, 8, 8]), 9, 8),
        (bytes([1, 9, 9, 9, 255, 255, 255]), 9, 8),
        (bytes([3, 9, 9, 9, 4, 4, 4]), 9, 8),
        (bytes([4, 9, 9, 9, 255, 255, 255]), 9, 8),
    ],
)
def test_filters_within_a_row_are_undone(rows: bytes, first: int, second: int) -> None:
    row = png.read(picture(rows)).pixels[0]
    assert row == [(first, first, first, 255), (second, second, second, 255)]


@pytest.mark.parametrize("kind", [2, 3, 4])
def test_filters_between_rows_are_undone(kind: int) -> None:
    above = bytes([0, 10, 20, 30])
    below = {2: bytes([2, 1, 1, 1]), 3: bytes([3, 6, 11, 16]), 4: bytes([4, 1, 1, 1])}[kind]
    read = png.read(picture(above + below, width=1, height=2))
    assert read.pixels == [[(10, 20, 30, 255)], [(11, 21, 31, 255)]]


def test_what_is_written_is_read() -> None:
    chosen = random.Random(3)
    pixels: list[list[png.Pixel]] = [
        [
            (
                chosen.randrange(256),
                chosen.randrange(256),
                chosen.randrange(256),
                chosen.randrange(256),
            )
            for _ in range(7)
        ]
        for _ in range(5)
    ]
    assert png.read(png.write(pixels)).pixels == pixels


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no PNG"),
        (png.SIGNATURE, "no end"),
        (png.SIGNATURE + block(b"IEND", b""), "measures"),
        (picture(bytes([5, 0, 0, 0, 0, 0, 0])), "unknown filter"),
        (picture(b"\0"), "more or fewer"),
        (picture(bytes(10_000_000)), "more or fewer"),
        (picture(bytes(7), colour=3), "RGB"),
        (picture(bytes(7), depth=16), "RGB"),
        (picture(bytes(7), width=100_000), "more than an icon"),
    ],
)
def test_other_pictures_are_refused(content: bytes, why: str) -> None:
    with pytest.raises(png.PictureError, match=why):
        png.read(content)


def test_damage_is_never_anything_but_a_refusal() -> None:
    whole = (artwork.FOLDER / "outline.png").read_bytes()
    chosen = random.Random(11)
    for _ in range(300):
        broken = bytearray(whole)
        broken[chosen.randrange(len(broken))] ^= 1 << chosen.randrange(8)
        with pytest.raises(png.PictureError):
            png.read(bytes(broken)[: chosen.randrange(len(broken)) + 1])
