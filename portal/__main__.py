"""`python -m portal`: the command line; `serve` is app.py, `openapi` prints the HTTP description.

These two belong to the whole, not to the command line, which knows neither app.py nor the HTTP
interface: `serve` runs app.py as its own program instead of importing it.
"""

import runpy
import sys
from pathlib import Path

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

    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
