"""Makes `.venv` and installs a locked set into it, once per content of the lock.

    python tools/environment.py runtime | development | node

`runtime` is what the product imports, `development` adds what checks and tests need, `node` adds
Node for machines without one. Wheels only and every hash checked: no compiler is ever needed.
"""

import subprocess
import sys
import venv
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import stamps

VENV = stamps.ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {
    "runtime": ("requirements.txt",),
    "development": ("requirements.txt", "requirements-dev.txt"),
    "node": ("requirements-node.txt",),
}


def install(group: str) -> None:
    """Brings `.venv` to the locks of `group`; does nothing when it is there already.

    Raises subprocess.CalledProcessError when pip fails; its own words are on stderr by then.
    """
    locks = [stamps.ROOT / name for name in LOCKS[group]]
    if not PYTHON.exists():
        _say("making .venv")
        venv.create(VENV, with_pip=True, clear=True)
    made = str((VENV / "pyvenv.cfg").stat().st_mtime_ns)
    wanted = stamps.fingerprint(locks, made, str(VENV))
    if stamps.is_current(f"python-{group}", wanted):
        return
    if not list((VENV / "lib").glob("python*/site-packages/pip")):
        # Making .venv was interrupted before pip was in it.
        subprocess.run([PYTHON, "-m", "ensurepip", "--default-pip"], check=True)
    _say(f"installing {' and '.join(lock.name for lock in locks)}")
    options = ["--require-hashes", "--only-binary=:all:", "--no-input", "--quiet"]
    files = [word for lock in locks for word in ("-r", str(lock))]
    subprocess.run(
        [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", *options, *files],
        check=True,
    )
    stamps.done(f"python-{group}", wanted)


def _say(what: str) -> None:
    print(f"switchroom: {what}", file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """The exit code: 0 done, 1 pip failed, 2 no such group."""
    if len(arguments) != 1 or arguments[0] not in LOCKS:
        print(f"usage: environment.py {'|'.join(LOCKS)}", file=sys.stderr)
        return 2
    try:
        install(arguments[0])
    except subprocess.CalledProcessError:
        _say("pip could not install the locked packages (its message is above)")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
