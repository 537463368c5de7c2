import subprocess
from pathlib import Path

import pytest

from tools import stamps, tree


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    monkeypatch.setattr(stamps, "ROOT", tmp_path)
    return tmp_path


def test_forbidden_words_are_named_with_their_line(checkout: Path) -> None:
    word = tree.WORDS[0]
    (checkout / "fine.txt").write_text("nothing here", encoding="utf-8")
    (checkout / "bad.txt").write_text(f"first\nsee {word}x\n", encoding="utf-8")
    assert tree.problems() == [f"bad.txt:2: {word}"]


def test_what_git_ignores_is_left_alone(checkout: Path) -> None:
    (checkout / ".gitignore").write_text("built/\n", encoding="utf-8")
    (checkout / "built").mkdir()
    (checkout / "built" / "x.txt").write_text(tree.WORDS[0], encoding="utf-8")
    assert tree.problems() == []


def test_binary_files_are_left_alone_and_huge_ones_are_not(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "LARGEST", 1000)
    (checkout / "image").write_bytes(b"\0" + tree.WORDS[0].encode())
    (checkout / "huge").write_bytes(b"x" * 1001)
    assert tree.problems() == ["huge: larger than 1,000 bytes"]
