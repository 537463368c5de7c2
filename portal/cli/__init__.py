"""The command line: organisations, imports, figures, quarantine, pages, the audit trail.

A file for each group of commands; `commands.py` has what all of them share.

Exit codes: 0 done; 2 unusable input or wrong use, nothing of it stored; 3 some
rows were kept back, or some queues unknown; 4 something stored is not as it should be.
"""

import argparse
import asyncio
from collections.abc import Sequence

from portal import logs, stores, wiring
from portal.cli import (
    contacts,
    disclosures,
    figures,
    imports,
    organizations,
    setup,
    standing,
    store,
)
from portal.cli.commands import DONE, UNUSABLE, Alone, Command, Present, say
from portal.domain.shared.errors import DomainError
from portal.settings import Settings, SettingsError, for_commands


def main(arguments: Sequence[str], present: Present) -> int:
    """Runs the command; the exit code. `present` makes the summary that `figures` prints."""
    options = _parser(present).parse_args(arguments)
    if options.describe:
        print(stores.described(), end="")
        return DONE
    try:
        settings = for_commands()
        logs.configure("WARNING")
        return asyncio.run(_run(settings, options))
    except SettingsError as error:
        say(str(error))
    except DomainError as error:
        say(f"switchroom: {error.message}")
        for name, wrong in getattr(error, "fields", {}).items():
            say(f"  {name}: {wrong}")
    except KeyboardInterrupt:
        say("switchroom: interrupted; what was stored until now stays, run it again to go on.")
        return 130
    return UNUSABLE


async def _run(settings: Settings, options: argparse.Namespace) -> int:
    alone: Alone | None = options.alone
    if alone is not None:
        return await alone(settings, options)
    services = await wiring.build(settings)
    try:
        command: Command = options.command
        return await command(services, options)
    finally:
        await services.close()


def _parser(present: Present) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m portal",
        description="Contact-centre dashboards in Microsoft Teams: the operator's commands.",
        epilog="`serve` starts the service, `openapi` prints its HTTP description.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(
        name: str,
        command: Command | None,
        text: str,
        *,
        organization: bool = True,
        alone: Alone | None = None,
    ) -> argparse.ArgumentParser:
        one: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
        one.set_defaults(command=command, alone=alone, describe=False)
        one.add_argument("--json", action="store_true", help="print JSON")
        if organization:
            one.add_argument("--organization", required=True, metavar="CODE")
        return one

    organizations.register(add)
    imports.register(add)
    figures.register(add, present)
    contacts.register(add)
    disclosures.register(add)
    setup.register(add)
    standing.register(add)
    store.register(add)
    return parser
