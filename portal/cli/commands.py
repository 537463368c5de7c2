"""What every command has: its shape, its exit codes, whom it acts for, how it prints."""

import argparse
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from portal.domain.access.model import Actor, Role
from portal.domain.access.rules import acting_as
from portal.domain.shared.errors import NotFound
from portal.settings import Settings
from portal.wiring import Services

DONE, UNUSABLE, SOME_REJECTED, DIFFERENT = 0, 2, 3, 4

Present = Callable[[Services, Actor, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
Command = Callable[[Services, argparse.Namespace], Awaitable[int]]
Alone = Callable[[Settings, argparse.Namespace], Awaitable[int]]
"""A command that runs before there is a store."""


class Add(Protocol):
    """How a group of commands adds its own to the parser."""

    def __call__(
        self,
        name: str,
        command: Command | None,
        text: str,
        *,
        organization: bool = True,
        alone: Alone | None = None,
    ) -> argparse.ArgumentParser:
        """Adds a command of that name; its parser, for arguments of its own.

        A command that is for one organisation gets `--organization` with it, as every one gets
        `--json`. `alone` is given instead of a command where there is no store yet.
        """
        ...


async def operator(services: Services, options: argparse.Namespace) -> Actor:
    """Whoever runs commands on the machine acts as its operator."""
    try:
        tenancy = await services.directory.get(options.organization)
    except NotFound:
        message = "There is no such organisation; `python -m portal organizations` lists them."
        raise NotFound(message) from None
    code = tenancy.organization.code
    state = await services.directory.state(code)
    return acting_as(Role.OPERATOR, "command-line", "Command line", code, state=state)


def print_json(value: Any) -> None:
    """Prints what `--json` asks for."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def say(text: str) -> None:
    """Tells whoever types, beside what the command prints."""
    sys.stderr.write(text + "\n")
