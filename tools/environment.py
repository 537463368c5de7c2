"""Makes `.venv` and installs a locked set into it, once per content of the lock.

    python tools/environment.py runtime | development | node | policy

`runtime` is what the product imports, `development` adds what checks and tests need, `node` adds
Node for machines without one; `policy` is the reader of infra/ in an environment of its own.
Wheels only and every hash checked: no compiler is ever needed.
"""

import subprocess
import sys
import venv
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import stamps

VENV = stamps.ROOT / ".venv"
LOCKS = {
    "runtime": ("requirements.txt",),
    "development": ("requirements.txt", "requirements-dev.txt"),
    "node": ("requirements-node.txt",),
    "policy": ("requirements-policy.txt",),
}
FOLDERS = {"policy": stamps.ROOT / ".build" / "checkov"}
"""Groups that do not go into `.venv`."""


def install(group: str) -> None:
    """Brings the group's environment to its locks; does nothing when it is there already.

    Raises subprocess.CalledProcessError when pip fails; its own words are on stderr by then.
    """
    locks = [stamps.ROOT / name for name in LOCKS[group]]
    folder = FOLDERS.get(group, VENV)
    python = folder / "bin" / "python"
    if not python.exists():
        _say(f"making {folder.relative_to(stamps.ROOT)}")
        venv.create(folder, with_pip=True, clear=True)
    made = str((folder / "pyvenv.cfg").stat().st_mtime_ns)
    wanted = stamps.fingerprint(locks, made, str(folder))
    if stamps.is_current(f"python-{group}", wanted):
        return
    if not list((folder / "lib").glob("python*/site-packages/pip")):
        # Making the environment was interrupted before pip was in it.
        subprocess.run([python, "-m", "ensurepip", "--default-pip"], check=True)
    _say(f"installing {' and '.join(lock.name for lock in locks)}")
    options = ["--require-hashes", "--only-binary=:all:", "--no-input", "--quiet"]
    files = [word for lock in locks for word in ("-r", str(lock))]
    subprocess.run(
        [python, "-m", "pip", "install", "--disable-pip-version-check", *options, *files],
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
