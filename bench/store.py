"""The product's own store, filled by its own import, for measuring.

A day of generated contact records is a file; writing it is not timed, importing it is. So every
contact is parsed, sealed, committed durably and counted into its pages exactly as in service.
"""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from bench.connect_text import agent_arn, lines
from bench.generate import Columns, columns
from portal.domain.access.model import Actor, Role
from portal.domain.access.rules import acting_as
from portal.domain.contacts.imports import Wanted
from portal.settings import Settings
from portal.wiring import Services, build

ORGANIZATION: Final = "harbour"
TIME_ZONE: Final = "Europe/London"
SOURCE: Final = "amazon-connect"
DAYS: Final = 90
_LINES_A_CHUNK: Final = 8192
_FILLED: Final = "filled.json"


class Day(NamedTuple):
    """One imported file: its contacts and bytes, the seconds and CPU seconds of importing it."""

    contacts: int
    size: int
    seconds: float
    cpu_seconds: float


def settings(folder: Path) -> Settings:
    """Development settings for a store in the folder, without sample contacts."""
    return Settings(
        env="development", region="eu", data_dir=folder / "data", key_file=folder / "key",
        sample="off", port=0, log_level="WARNING",
    )  # fmt: skip


def operator() -> Actor:
    """Who imports."""
    return acting_as(Role.OPERATOR, "bench", "Benchmark", ORGANIZATION)


def supervisor() -> Actor:
    """Who reads every figure."""
    return acting_as(Role.SUPERVISOR, "bench", "Benchmark", ORGANIZATION)


def agent(number: int) -> Actor:
    """An agent who reads their own figures."""
    keys = {SOURCE: agent_arn(number)}
    return acting_as(Role.AGENT, "bench", "Benchmark", ORGANIZATION, agent_keys=keys)


def generated(contacts: int) -> "list[Columns]":
    """The same contacts as those of a store filled with so many, a day each."""
    return list(columns(contacts, days=DAYS))


def known(folder: Path, contacts: int) -> list[Day] | None:
    """What filling the store in the folder cost; None when there is none yet.

    Raises ValueError when it has another number of contacts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / _FILLED
    if not file.exists():
        return None
    days = [Day(*day) for day in json.loads(file.read_text(encoding="utf-8"))]
    if sum(day.contacts for day in days) != contacts:
        message = f"{folder} holds another number of contacts; choose another folder"
        raise ValueError(message)
    return days


async def filled(
    folder: Path, contacts: int, say: Callable[[str], None]
) -> tuple[Services, list[Day]]:
    """The services over a store of so many contacts, and what filling it cost, day by day. A store
    that was filled here before is used again. Raises ValueError as `known`."""
    days = known(folder, contacts)
    services = await build(settings(folder))
    if days is not None:
        return services, days
    days = []
    for number, day in enumerate(generated(contacts), 1):
        days.append(await import_day(services, folder / "day.jsonl", day))
        done = days[-1]
        say(f"  day {number}/{DAYS}: {done.contacts / done.seconds:,.0f} contacts/s")
    (folder / _FILLED).write_text(json.dumps(days), encoding="utf-8")
    return services, days


async def import_day(services: Services, path: Path, day: Columns) -> Day:
    """What it cost to import a day's records, written to the path and removed again."""
    size = await asyncio.to_thread(_write, path, day)
    file = await asyncio.to_thread(path.open, "rb")
    began, cpu = time.perf_counter(), time.process_time()
    with file:
        done = await services.imports.import_file(
            Wanted(SOURCE, path.name), file, size, actor=operator()
        )
    spent = Day(len(day.queue), size, time.perf_counter() - began, time.process_time() - cpu)
    await asyncio.to_thread(path.unlink)
    assert done.report.accepted == len(day.queue), done.report
    return spent


def _write(path: Path, day: Columns) -> int:
    """The file's size."""
    with path.open("wb") as file:
        for first in range(0, len(day.queue), _LINES_A_CHUNK):
            file.write(lines(day.part(first, first + _LINES_A_CHUNK)._asdict()))
        return file.tell()
