"""Stand-ins for services of others: real programs that tests start.

Without one, its tests are skipped and named, unless SWITCHROOM_STAND_INS=required makes that a
failure, as continuous integration does.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import TypeVar

import pytest

Running = TypeVar("Running")
VARIABLE = "SWITCHROOM_STAND_INS"


def start(name: str, stand_in: AbstractContextManager[Running]) -> Iterator[Running]:
    """The stand-in while it runs, for `yield from` in a fixture; skips or fails without it."""
    with ExitStack() as stack:
        try:
            running = stack.enter_context(stand_in)
        except (AssertionError, OSError, SystemExit) as error:
            reason = f"left out, the stand-in for {name} does not start here: {error}"
            if os.environ.get(VARIABLE) == "required":
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)
        yield running
