"""Stamps under `.build/`: a step is done when the fingerprint of its inputs is the stamped one."""

import fcntl
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".build" / "stamps"


def fingerprint(files: Iterable[Path], *words: str) -> str:
    """A digest of the files' names and contents, in the order given, and of `words`."""
    digest = hashlib.sha256("\0".join(words).encode())
    for file in files:
        content = file.read_bytes()
        digest.update(f"\0{file.relative_to(ROOT)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def is_current(step: str, value: str) -> bool:
    """Whether `step` was last done with the inputs of fingerprint `value`."""
    stamp = FOLDER / step
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == value


def done(step: str, value: str) -> None:
    """Remembers that `step` is done for the inputs of fingerprint `value`."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / step).write_text(value, encoding="utf-8")


@contextmanager
def alone(step: str) -> Iterator[None]:
    """Waits until no other process is at `step`; the others wait for the end of the block."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{step}.lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
