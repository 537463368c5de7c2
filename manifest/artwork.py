"""The icons, drawn: a headset around three bars.

Measures are those of Teams: the colour icon has 192x192 pixels on a solid ground, the outline icon
32x32 pixels in white on nothing, without padding around the symbol. The drawn files are committed
in `manifest/icons`, because what compresses them may differ from machine to machine.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

from manifest import png

FOLDER: Final = Path(__file__).resolve().parent / "icons"
COLOR_SIDE: Final = 192
OUTLINE_SIDE: Final = 32
GROUND: Final = (0x0E, 0x7A, 0x6A)

Distance = Callable[[float, float], float]


def _box(left: float, top: float, right: float, bottom: float, corner: float) -> Distance:
    """Signed distance to a box with round corners."""
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    half_x, half_y = (right - left) / 2 - corner, (bottom - top) / 2 - corner

    def distance(x: float, y: float) -> float:
        over_x, over_y = abs(x - middle_x) - half_x, abs(y - middle_y) - half_y
        outside = math.hypot(max(over_x, 0), max(over_y, 0))
        return outside + min(max(over_x, over_y), 0) - corner

    return distance


def _arch(x0: float, y0: float, radius: float, width: float) -> Distance:
    """Signed distance to the upper half of a ring around (x0, y0)."""

    def distance(x: float, y: float) -> float:
        if y <= y0:
            return abs(math.hypot(x - x0, y - y0) - radius) - width / 2
        return math.hypot(abs(abs(x - x0) - radius), y - y0) - width / 2

    return distance


SYMBOL: Final = (
    _arch(16, 16.25, 14, 2.5),
    _box(1, 17, 8, 31, 2.8),
    _box(24, 17, 31, 31, 2.8),
    _box(9, 22, 12, 31, 1.2),
    _box(14, 14, 18, 31, 1.5),
    _box(20, 18, 23, 31, 1.2),
)
"""The symbol on a field of 32 by 32, from the upper left corner."""


def _coverage(x: float, y: float, unit: float) -> float:
    """How much of the pixel around (x, y) the symbol covers; `unit` is the pixel's side."""
    nearest = min(shape(x, y) for shape in SYMBOL)
    return min(max(0.5 - nearest / unit, 0), 1)


def outline() -> list[list[png.Pixel]]:
    """White on nothing, 32x32."""
    return [
        [(255, 255, 255, round(255 * _coverage(x + 0.5, y + 0.5, 1))) for x in range(OUTLINE_SIDE)]
        for y in range(OUTLINE_SIDE)
    ]


def color() -> list[list[png.Pixel]]:
    """White on the app's own colour, 192x192; the symbol takes the middle 112 pixels."""
    unit = OUTLINE_SIDE / 112
    margin = (COLOR_SIDE - 112) / 2

    def pixel(x: int, y: int) -> png.Pixel:
        part = _coverage((x + 0.5 - margin) * unit, (y + 0.5 - margin) * unit, unit)
        red, green, blue = (round(ground + (255 - ground) * part) for ground in GROUND)
        return red, green, blue, 255

    return [[pixel(x, y) for x in range(COLOR_SIDE)] for y in range(COLOR_SIDE)]


def draw(folder: Path) -> None:
    """Writes `color.png` and `outline.png` into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "color.png").write_bytes(png.write(color()))
    (folder / "outline.png").write_bytes(png.write(outline()))
