"""The command that imports contact files, and what it reports."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from portal.cli.commands import DONE, SOME_REJECTED, UNUSABLE, Add, operator, print_json, say
from portal.cli.progress import Progress
from portal.domain.contacts.imports import Import, State, Wanted
from portal.wiring import Services

THREE_CX = "three-cx"
SHOWN = 50
COUNTS = ("accepted", "corrected", "unchanged", "ignored", "rejected")


def register(add: Add) -> None:
    """Adds the command."""
    made = add("import", import_files, "Import contact files of one source.")
    made.add_argument(
        "--source", required=True, metavar="NAME", help="amazon-connect, genesys, three-cx or teams"
    )
    made.add_argument(
        "--queue-extensions", default="", metavar="LIST", help="3CX extensions that are queues"
    )
    made.add_argument(
        "--columns", default="", metavar="LIST", help="3CX columns in the administrator's order"
    )
    made.add_argument("files", nargs="+", type=Path, metavar="FILE")


async def import_files(services: Services, options: argparse.Namespace) -> int:
    """Imports the files one by one."""
    actor = await operator(services, options)
    if options.source == THREE_CX and not options.queue_extensions:
        say("No --queue-extensions given: every 3CX call counts as direct, none as offered.")
        say("To put that right, import the file again with them.")
    done: list[Import] = []
    unusable: list[dict[str, str]] = []
    for path in options.files:
        wanted = Wanted(
            options.source, path.name, _listed(options.queue_extensions), _listed(options.columns)
        )
        try:
            with path.open("rb") as file:
                size = path.stat().st_size
                with Progress(path.name, size) as progress:
                    done.append(
                        await services.imports.import_file(
                            wanted, file, size, actor=actor, on_progress=progress.show
                        )
                    )
        except OSError as error:
            unusable.append({"file": str(path), "reason": f"{error.strerror}."})
    unusable.extend(
        {"file": one.file, "reason": one.error or ""} for one in done if one.state is State.FAILED
    )
    report = _report(done)
    if options.json:
        print_json(report | ({"unusable": unusable} if unusable else {}))
    else:
        _print_report(report, unusable)
    if unusable:
        return UNUSABLE
    return SOME_REJECTED if report["rejected"] else DONE


def _report(done: Sequence[Import]) -> dict[str, Any]:
    report: dict[str, Any] = {
        name: sum(getattr(one.report, name) for one in done) for name in COUNTS
    }
    report["rejections"] = [
        {"file": one.file, "line": row.line, "reason": row.reason}
        for one in done
        for row in one.report.rejections
    ]
    return report


def _print_report(report: Mapping[str, Any], unusable: Sequence[Mapping[str, str]]) -> None:
    print(", ".join(f"{report[name]} {name}" for name in COUNTS))
    for row in report["rejections"][:SHOWN]:
        print(f"  {row['file']}:{row['line']}: {row['reason']}")
    if report["rejected"] > SHOWN:
        print(f"  … and {report['rejected'] - SHOWN} more: python -m portal quarantine")
    for one in unusable:
        say(f"{one['file']}: {one['reason']} Nothing of it was stored.")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
