"""`make chat`: the Teams client emulator, against the bot that `make run` serves.

`PORT` is the bot's, as for `make run`; `CHAT_PORT` (56150) the emulator's. The emulator listens on
every address of this machine, and speaks for anybody who reaches it: for development only.
"""

import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import node, packages, stamps

EMULATOR = stamps.ROOT / "tests" / "emulator"
FOLDER = stamps.ROOT / ".build" / "emulator"
CONFIGURATION = ".m365agentsplayground.yml"


def main() -> int:
    """The emulator's exit code, or npm's."""
    if code := packages.install(EMULATOR):
        return code
    FOLDER.mkdir(parents=True, exist_ok=True)
    shutil.copy(EMULATOR / CONFIGURATION, FOLDER)
    port, own = os.environ.get("PORT") or "3978", os.environ.get("CHAT_PORT") or "56150"
    cli = EMULATOR / "node_modules" / "@microsoft" / "m365agentsplayground" / "cli.js"
    endpoint = f"http://127.0.0.1:{port}/api/messages"
    words = ["node", str(cli), "start", "-e", endpoint, "-c", "msteams", "-p", own]
    # It would end at once on a machine that has no browser to open.
    os.environ.setdefault("TEAMSAPPTESTER_BROWSER", "none")
    print(f"The Teams emulator is at http://localhost:{own}; the bot is to be at {endpoint}")
    sys.stdout.flush()
    try:
        return node.run([*words, "--disable-telemetry"], FOLDER)
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
