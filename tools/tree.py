"""What must not be in the tree: one machine's paths, package hosts' addresses, conflict marks."""

import re
import subprocess

from tools import stamps

WORDS = (
    "/wo" + "rk/",
    "/ro" + "ot/",
    "/ho" + "me/",
    "/Us" + "ers/",
    "/tm" + "p/",
    "registry." + "npmjs",
    "registry." + "yarnpkg",
    "files.python" + "hosted",
    "pypi." + "org/simple",
    "<<<<" + "<<<",
    ">>>>" + ">>>",
)
FORBIDDEN = re.compile("|".join(map(re.escape, WORDS)).encode())
LARGEST = 2_000_000


def problems() -> list[str]:
    """A line for each forbidden word in a file that git has or would take, `path:line: word`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=stamps.ROOT,
        capture_output=True,
        check=True,
    )
    found = []
    for name in listed.stdout.decode().split("\0"):
        path = stamps.ROOT / name
        if not name or not path.is_file() or path.is_symlink():
            continue
        if path.stat().st_size > LARGEST:
            found.append(f"{name}: larger than {LARGEST:,} bytes")
            continue
        content = path.read_bytes()
        if b"\0" in content[:8192]:
            continue
        for match in FORBIDDEN.finditer(content):
            line = content.count(b"\n", 0, match.start()) + 1
            found.append(f"{name}:{line}: {match[0].decode()}")
    return found
