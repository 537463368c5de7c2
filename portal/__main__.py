"""`python -m portal`: the command line; `serve` is app.py, `openapi` prints the HTTP description.

What belongs to the whole is here: the command line knows neither app.py nor the HTTP interface.
`serve` runs app.py as its own program instead of importing it, and `figures` prints what the
summary endpoint answers.
"""

import os
import runpy
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.domain.access.model import Actor
    from portal.wiring import Services

APP = Path(__file__).resolve().parent.parent / "app.py"


def main(arguments: list[str]) -> int:
    """The exit code."""
    if arguments == ["serve"]:
        runpy.run_path(str(APP), run_name="__main__")
    if arguments == ["openapi"]:
        from portal.web.operations import document

        sys.stdout.buffer.write(document())
        return 0
    from portal import cli

    return cli.main(arguments, _summary)


async def _summary(
    services: "Services", actor: "Actor", given: Mapping[str, Any]
) -> Mapping[str, Any]:
    from portal.web.api import dashboards
    from portal.web.exchange import parse
    from portal.web.schemas import dashboards as schemas

    wanted = parse(schemas.FigureQuery, given)
    question = await dashboards.ask(wanted, services.dashboards, actor)
    return (await dashboards.summary(question)).model_dump(mode="json", by_alias=True)


def _unread() -> int:
    """Whoever read the output wants no more of it: ends quietly, as a shell says of such programs.
    Without this Python would write once more at its end, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 128 + signal.SIGPIPE


def _run() -> int:
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        return _unread()
    return code


if __name__ == "__main__":
    sys.exit(_run())
