"""Builds the tab into `tabs/dist` when its sources changed; its packages when their lock did."""

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import node, stamps

TABS = stamps.ROOT / "tabs"
DIST = TABS / "dist"
TEXTS = {".js", ".css", ".html", ".svg", ".json"}
NOT_SOURCES = {"node_modules", "dist", "README.md"}


def sources() -> Iterator[Path]:
    """Every file the build may read, in a fixed order; unit tests are not among them."""
    for entry in sorted(TABS.iterdir()):
        if entry.name in NOT_SOURCES or entry.name.startswith("."):
            continue
        files = sorted(entry.rglob("*")) if entry.is_dir() else [entry]
        yield from (file for file in files if file.is_file() and ".test." not in file.name)


def compress() -> None:
    """Puts a gzipped twin beside every text of the build, for browsers that take it."""
    for file in DIST.rglob("*"):
        if file.suffix in TEXTS:
            content = gzip.compress(file.read_bytes(), mtime=0)
            file.with_name(f"{file.name}.gz").write_bytes(content)


def main() -> int:
    """The exit code: 0 when the tab is there, else npm's."""
    lock = stamps.fingerprint([TABS / "package-lock.json"])
    installed = (TABS / "node_modules").is_dir() and stamps.is_current("tab-packages", lock)
    wanted = stamps.fingerprint(sources())
    built = (DIST / "index.html").is_file() and stamps.is_current("tab", wanted)
    if built and installed:
        return 0
    if not installed:
        print("switchroom: installing the tab's packages", file=sys.stderr, flush=True)
        if code := node.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"],
            TABS,
        ):
            return code
        stamps.done("tab-packages", lock)
    if not built:
        print("switchroom: building the tab", file=sys.stderr, flush=True)
        if code := node.run(["npm", "run", "--silent", "build"], TABS):
            return code
        compress()
        stamps.done("tab", wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
