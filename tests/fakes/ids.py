"""Identifiers in the order they were asked for."""

from itertools import count


class CountingIds:
    """32 hexadecimal digits, counting from 1."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new(self) -> str:
        return f"{next(self._numbers):032x}"
