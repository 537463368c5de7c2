"""`python -m portal.sample DIRECTORY`: writes the sample organisations' files to look at.

Exit code 0 when they are written, 2 when the arguments or the directory cannot be used.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from portal.sample.generate import SEED, days, files
from portal.sample.organizations import ORGANIZATIONS


def _instant(text: str) -> int:
    """Milliseconds of an ISO 8601 instant; one without an offset is refused."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no ISO 8601 time; write for example 2026-04-08T15:00:00+00:00"
        raise argparse.ArgumentTypeError(message) from None
    if moment.tzinfo is None:
        message = f"{text!r} has no offset; write for example {text}+00:00"
        raise argparse.ArgumentTypeError(message)
    return int(moment.timestamp() * 1000)


def _day_count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 366:
        message = f"{text!r} is no number of days from 1 to 366"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m portal.sample",
        description="Write the sample organisations' contact files, each in its vendor's format, "
        "into DIRECTORY/ORGANIZATION/.",
        epilog="The same days and seed give the same files. Import one with: python -m portal "
        "import --organization harbour --source three-cx FILE --queue-extensions 610,611,612",
    )
    parser.add_argument("directory", type=Path, metavar="DIRECTORY", help="made when it is absent")
    parser.add_argument(
        "--days", type=_day_count, default=30, help="how many days up to --until (default 30)"
    )
    parser.add_argument("--seed", type=int, default=SEED, help=f"default {SEED}")
    parser.add_argument(
        "--until",
        type=_instant,
        metavar="ISO",
        help="the present as the files shall see it, with an offset (default: now)",
    )
    return parser


def _write(directory: Path, *, until_ms: int, count: int, seed: int) -> Counter[str]:
    """Writes the files; says how many and how many bytes there are for each folder's source."""
    written: Counter[str] = Counter()
    for code in ORGANIZATIONS:
        folder = directory / code
        folder.mkdir(parents=True, exist_ok=True)
        for day in days(code, until_ms=until_ms, count=count):
            for file in files(code, day, until_ms=until_ms, seed=seed):
                (folder / file.name).write_bytes(file.content)
                written[f"{code}: {file.source}"] += 1
    return written


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; `arguments` default to the process's own."""
    given = _parser().parse_args(arguments)
    until_ms = int(time.time() * 1000) if given.until is None else given.until
    try:
        written = _write(given.directory, until_ms=until_ms, count=given.days, seed=given.seed)
    except OSError as error:
        print(f"cannot write to {given.directory}: {error.strerror}", file=sys.stderr)
        return 2
    for what, number in written.items():
        print(f"{what}: {number} files")
    print(f"written to {given.directory}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
