"""What the Dockerfile copies is enough to run, in a folder that nobody may write to."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.settings import ROOT
from tests.integration.product import DEADLINE_S, wait_for


def copied() -> list[str]:
    """What the last stage takes from the checkout."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    last = text[text.rindex("\nFROM ") :]
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", last, re.MULTILINE)
    return [source for line in lines for source in line.split()]


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Path]:
    """A folder with that and nothing else, which nobody may write to."""
    folder = tmp_path / "app"
    folder.mkdir()
    for name in copied():
        source = ROOT / name
        if source.is_dir():
            leave = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / name, ignore=leave)
        else:
            shutil.copy(source, folder / name)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def listed(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_what_is_copied_runs_in_production_and_writes_nothing(image: Path, tmp_path: Path) -> None:
    before = listed(image)
    out, scratch = tmp_path / "out", tmp_path / "scratch"
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "error::ResourceWarning",
        "PORT": "0",
        "SWITCHROOM_REGION": "eu",
        "SWITCHROOM_DATA_DIR": str(scratch / "data"),
        "SWITCHROOM_KEY_FILE": str(scratch / "key"),
    }
    scratch.mkdir()
    with out.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=image,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(lambda: process.poll() is not None or b"Switchroom is at" in out.read_bytes())
        assert process.poll() is None, out.read_text()
        port = re.findall(r"Switchroom is at http://localhost:(\d+)", out.read_text())[0]
        check = health_check()
        answered = subprocess.run(
            [sys.executable, *check[1:]], env=environment | {"PORT": port}, check=False
        )
        assert answered.returncode == 0
        process.terminate()
        assert process.wait(DEADLINE_S) == 0
        gone = subprocess.run(
            [sys.executable, *check[1:]],
            env=environment | {"PORT": port},
            capture_output=True,
            check=False,
        )
        assert gone.returncode != 0
    finally:
        process.kill()
        process.wait()
    assert listed(image) == before


def health_check() -> list[str]:
    """The words of the image's health check."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    (line,) = re.findall(r"^HEALTHCHECK .*?CMD (\[.*\])$", text, re.MULTILINE)
    words = [str(word) for word in json.loads(line)]
    assert words[0] == "python"
    return words
