"""The Chromium that the tab's packages carry, for whoever drives a browser."""

import json
import os
import subprocess
from typing import NamedTuple

from portal.settings import ROOT
from tools import stamps


class Chromium(NamedTuple):
    """Where it is, and what it is started with."""

    path: str
    arguments: list[str]


def find() -> Chromium:
    """Unpacks it if need be; of several processes that ask at once one does it."""
    node = os.environ.get("SWITCHROOM_NODE") or "node"
    with stamps.alone("chromium"):
        said = subprocess.run(
            [node, "scripts/chromium.mjs"],
            cwd=ROOT / "tabs",
            capture_output=True,
            text=True,
            check=True,
        )
    return Chromium(**json.loads(said.stdout))
