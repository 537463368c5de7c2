"""A bar for work that takes a while."""

import sys
from typing import Self

LONG_WORK_BYTES = 1024 * 1024
BAR_WIDTH = 30


class Progress:
    """A bar on the terminal for long work; nothing elsewhere."""

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self._shown = size >= LONG_WORK_BYTES and sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            sys.stderr.write("\n")

    def show(self, share: float) -> None:
        """Draws how far the file is read."""
        if self._shown:
            full = round(share * BAR_WIDTH)
            bar = "█" * full + "░" * (BAR_WIDTH - full)
            sys.stderr.write(f"\r{self._name} {bar} {share:4.0%}")
            sys.stderr.flush()
