"""What was measured, as lines for people and as JSON."""

import os
import platform
import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

import aiohttp
import duckdb


class Line(NamedTuple):
    """One figure with its unit, the peer's beside it, and `ratio`: how many times better ours is
    (above 1) by the kind of figure. `target` is the least ratio, or value where there is no peer
    to be compared with."""

    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    ratio: float | None = None
    target: float | None = None
    note: str = ""


def text(lines: Iterable[Line]) -> str:
    """The lines as a table."""
    rows = [("", "Switchroom", "peer", "ratio", "target", "")]
    for line in lines:
        peer = ""
        if line.peer is not None and line.peer_value is not None:
            peer = f"{_number(line.peer_value)} {line.peer}"
        ratio = "" if line.ratio is None else f"{line.ratio:.2f}x"
        goal = "" if line.target is None else _goal(line)
        rows.append((line.name, f"{_number(line.value)} {line.unit}", peer, ratio, goal, line.note))
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def machine() -> dict[str, Any]:
    """Where it was measured."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "duckdb": duckdb.__version__,
        "aiohttp": aiohttp.__version__,
        "system": f"{platform.system()} {platform.machine()}",
    }


def _goal(line: Line) -> str:
    assert line.target is not None
    reached = line.value if line.ratio is None or line.target > 1000 else line.ratio
    return f"{_number(line.target)} {'met' if reached >= line.target else 'missed'}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
