"""`python -m bench`: import, questions and HTTP, each beside its peer, in one run."""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench import cosmos, importing, queries, report, serving
from bench.raw_contacts import RawContacts
from bench.report import Line
from bench.store import filled, generated

CONTACTS = 5_000_000
QUICK = 200_000


def say(text: str) -> None:
    """Tells how far it has come; figures alone go to standard output."""
    sys.stderr.write(f"{text}\n")


async def import_(folder: Path, contacts: int) -> list[Line]:
    """Import, beside DuckDB that only stores."""
    services, days = await filled(folder, contacts, say)
    await services.close()
    return importing.lines(days, generated(contacts), folder)


async def questions(folder: Path, contacts: int) -> list[Line]:
    """The dashboard's questions, beside DuckDB on the raw contacts."""
    services, _ = await filled(folder, contacts, say)
    columns = generated(contacts)
    raw = RawContacts(folder / "raw.duckdb")
    try:
        say("loading the raw contacts into DuckDB")
        raw.load(columns)
        return await queries.measure(services, raw, columns)
    finally:
        raw.close()
        await services.close()


async def http(folder: Path, contacts: int) -> list[Line]:
    """Answers over HTTP, beside a bare reply of the same framework."""
    services, _ = await filled(folder, contacts, say)
    await services.close()
    return await serving.measure(folder)


async def on_cosmos(folder: Path, _: int) -> list[Line]:
    """Requests to Cosmos DB, on its stand-in; always on the same few contacts."""
    return await cosmos.measure(folder, say)


BENCHMARKS: dict[str, Callable[[Path, int], Awaitable[list[Line]]]] = {
    "import": import_,
    "queries": questions,
    "http": http,
    "cosmos": on_cosmos,
}


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--contacts", type=int, default=CONTACTS, help="how many to measure on")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} contacts")
    parser.add_argument("--only", choices=BENCHMARKS, help="one benchmark alone")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where to keep and reuse stores")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures")
    return parser


async def run(folder: Path, contacts: int, only: str | None) -> list[Line]:
    """Runs one benchmark or all."""
    lines = []
    for name, benchmark in BENCHMARKS.items():
        if only in {None, name}:
            say(f"{name}: {contacts:,} contacts")
            lines += await benchmark(folder, contacts)
    return lines


def main() -> int:
    """Measures, prints a table, writes JSON; targets that are missed are told, not failed."""
    given = arguments().parse_args()
    contacts = QUICK if given.quick else given.contacts
    folder = given.keep or Path(tempfile.mkdtemp(prefix="switchroom-bench-"))
    began, where = time.time(), report.machine()
    try:
        lines = asyncio.run(run(folder, contacts, given.only))
    finally:
        if given.keep is None:
            shutil.rmtree(folder)
    where["seconds"] = round(time.time() - began)
    print(", ".join(f"{name} {value}" for name, value in where.items()))
    print(report.text(lines))
    if given.json is not None:
        found = {"contacts": contacts, "machine": where, "lines": [one._asdict() for one in lines]}
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
