"""`make check`: everything that can be said of the sources without running the product.

Every check runs, also after one failed; the exit code is 1 when any did.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import infra, lock, stamps, tree

PYTHON = str(stamps.ROOT / ".venv" / "bin" / "python")
TABS = stamps.ROOT / "tabs"
IN_TABS = [PYTHON, str(stamps.ROOT / "tools" / "node.py"), "npm", "run", "--silent"]
DESCRIPTION = TABS / "openapi.json"
TYPES = TABS / "src" / "api" / "schema.gen.ts"

COMMANDS = {
    "format": [PYTHON, "-m", "ruff", "format", "--check", "--quiet", "."],
    "lint": [PYTHON, "-m", "ruff", "check", "--quiet", "."],
    "types": [PYTHON, "-m", "mypy", "--no-error-summary"],
    "imports": [str(stamps.ROOT / ".venv" / "bin" / "lint-imports"), "--no-logo"],
    "tab types": [*IN_TABS, "check"],
    "tab size": [*IN_TABS, "budget"],
}


def generated_files() -> list[str]:
    """What is wrong with the files made from the HTTP description; they are left current."""
    wanted = subprocess.run(
        [PYTHON, "-m", "portal", "openapi"], cwd=stamps.ROOT, capture_output=True, check=False
    )
    if wanted.returncode:
        return [f"python -m portal openapi failed: {wanted.stderr.decode(errors='replace')}"]
    wrong = []
    if json.loads(DESCRIPTION.read_bytes()) != json.loads(wanted.stdout):
        DESCRIPTION.write_bytes(wanted.stdout)
        wrong.append("tabs/openapi.json was not what the operations say; commit the new one")
    before = TYPES.read_bytes()
    if failure := _command([*IN_TABS, "generate"]):
        wrong += failure
    elif TYPES.read_bytes() != before:
        wrong.append(f"{TYPES.relative_to(stamps.ROOT)} was stale; commit the new one")
    return wrong


def _command(words: list[str]) -> list[str]:
    variables = dict(os.environ, NO_COLOR="1")
    folder = TABS if words[: len(IN_TABS)] == IN_TABS else stamps.ROOT
    answer = subprocess.run(
        words, cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    return [answer.stdout + answer.stderr] if answer.returncode else []


def checks() -> dict[str, Callable[[], list[str]]]:
    """Each check by its name: what is wrong, nothing when it is right."""
    made: dict[str, Callable[[], list[str]]] = {
        name: partial(_command, words) for name, words in COMMANDS.items()
    }
    made |= {"generated": generated_files, "locks": lock.problems, "tree": tree.problems}
    made |= {"infra": infra.syntax, "assertions": infra.assertions, "policies": infra.policies}
    return made


def main() -> int:
    """The exit code: 0 when nothing is wrong."""
    failed = []
    for name, check in checks().items():
        begun = time.perf_counter()
        wrong = check()
        print(f"{name:10} {'FAILED' if wrong else 'ok':6} {time.perf_counter() - begun:6.1f} s")
        for message in wrong:
            print(message.rstrip())
        failed += [name] if wrong else []
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
