"""Installs the npm packages of one folder by its lock, once per content of the lock.

python tools/packages.py tests/manifest
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import node, stamps

OPTIONS = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")


def install(folder: Path) -> int:
    """Brings `node_modules` of the folder to its lock; the exit code is npm's. Does nothing when
    it is there already; of several processes that ask at once one does it."""
    step = f"packages-{folder.relative_to(stamps.ROOT).as_posix().replace('/', '-')}"
    with stamps.alone(step):
        return _install(folder, step)


def _install(folder: Path, step: str) -> int:
    wanted = stamps.fingerprint([folder / "package-lock.json"])
    # npm writes this file last: without it the folder was emptied or is half filled.
    if (folder / "node_modules" / ".package-lock.json").is_file() and stamps.is_current(
        step, wanted
    ):
        return 0
    print(f"switchroom: installing the packages of {folder.name}", file=sys.stderr, flush=True)
    if code := node.run(["npm", "ci", *OPTIONS], folder):
        return code
    stamps.done(step, wanted)
    return 0


def main(arguments: list[str]) -> int:
    """The exit code: npm's, or 2 for a wrong call."""
    folder = stamps.ROOT / arguments[0] if len(arguments) == 1 else None
    if folder is None or not (folder / "package-lock.json").is_file():
        print("usage: packages.py FOLDER-WITH-A-LOCK", file=sys.stderr)
        return 2
    return install(folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
