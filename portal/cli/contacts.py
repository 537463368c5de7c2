"""Commands about what was imported: rows kept back, names of queues, interval pages."""

import argparse

from portal.cli.commands import DIFFERENT, DONE, SOME_REJECTED, Add, operator, print_json, say
from portal.domain.shared.clock import iso
from portal.domain.shared.errors import InvalidInput
from portal.wiring import Services

SHOWN = 50


def register(add: Add) -> None:
    """Adds these commands."""
    quarantined = add("quarantine", quarantine, "List the rows kept back from imports, and why.")
    quarantined.add_argument("--raw", action="store_true", help="print the rows themselves too")
    named = add("name-queues", name_queues, "Give queues names where records carry keys alone.")
    named.add_argument("--source", required=True, metavar="NAME")
    named.add_argument("names", nargs="+", metavar="KEY=NAME")
    pages = add("rebuild-pages", rebuild_pages, "Count every contact again into interval pages.")
    pages.add_argument("--verify", action="store_true", help="compare byte by byte, change nothing")


async def quarantine(services: Services, options: argparse.Namespace) -> int:
    """Lists the rows kept back."""
    rows = await services.imports.quarantine(actor=await operator(services, options))
    if options.json:
        print_json(
            [
                {
                    "file": row.file,
                    "source": row.source,
                    "line": row.line,
                    "reason": row.reason,
                    "at": iso(row.at_ms),
                }
                | ({"raw": row.raw.decode("utf-8", "replace")} if options.raw else {})
                for row in rows
            ]
        )
        return DONE
    for row in rows:
        print(f"{row.file}:{row.line} ({row.source}) {row.reason}")
        if options.raw:
            print(f"    {row.raw.decode('utf-8', 'backslashreplace').rstrip()}")
    if not rows:
        say("No row is kept back.")
    return DONE


async def name_queues(services: Services, options: argparse.Namespace) -> int:
    """Names queues."""
    pairs = [text.partition("=") for text in options.names]
    if any(not key or not name for key, _, name in pairs):
        raise InvalidInput("Write each name as KEY=NAME.")
    names = {key: name for key, _, name in pairs}
    actor = await operator(services, options)
    known = await services.imports.name_queues(options.source, names, actor=actor)
    if options.json:
        print_json({"named": known, "unknown": len(names) - known})
    else:
        print(f"{known} of {len(names)} queues named.")
    return DONE if known == len(names) else SOME_REJECTED


async def rebuild_pages(services: Services, options: argparse.Namespace) -> int:
    """Counts every contact again."""
    actor = await operator(services, options)
    rebuilt = await services.imports.rebuild(verify=options.verify, actor=actor)
    different = list(rebuilt.different)
    if options.json:
        print_json({"contacts": rebuilt.contacts, "pages": rebuilt.pages, "different": different})
    else:
        verb = "differ" if options.verify else "were replaced"
        print(f"{rebuilt.contacts} contacts, {rebuilt.pages} pages, {len(different)} {verb}.")
        for name in different[:SHOWN]:
            print(f"  {name}")
    return DIFFERENT if options.verify and different else DONE
