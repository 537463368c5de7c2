import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from tools import node, packages, stamps


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(stamps, "ROOT", tmp_path)
    monkeypatch.setattr(stamps, "FOLDER", tmp_path / ".build" / "stamps")
    made = tmp_path / "tests" / "some"
    made.mkdir(parents=True)
    (made / "package-lock.json").write_text("{}", encoding="utf-8")
    return made


def fill(place: Path) -> None:
    """What a whole installation leaves."""
    (place / "node_modules").mkdir(exist_ok=True)
    (place / "node_modules" / ".package-lock.json").write_text("{}", encoding="utf-8")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Every call of npm; each succeeds and leaves what npm leaves."""
    made: list[list[str]] = []

    def run(words: list[str], place: Path | None = None) -> int:
        assert place is not None
        fill(place)
        made.append(words)
        return 0

    monkeypatch.setattr(node, "run", run)
    return made


def test_packages_are_installed_once_for_a_lock(folder: Path, calls: list[list[str]]) -> None:
    assert [packages.install(folder) for _ in range(2)] == [0, 0]
    assert [call[:2] for call in calls] == [["npm", "ci"]]


def test_of_two_who_ask_at_once_one_installs(folder: Path, calls: list[list[str]]) -> None:
    """The other one waits, and finds the packages there."""
    began, go_on = threading.Event(), threading.Event()
    run = node.run

    def slowly(words: list[str], place: Path | None = None) -> int:
        began.set()
        assert go_on.wait(30)
        return run(words, place)

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor() as pool:
        patch.setattr(node, "run", slowly)
        first = pool.submit(packages.install, folder)
        assert began.wait(30)
        second = pool.submit(packages.install, folder)
        assert wait([second], 0.2).not_done
        go_on.set()
        assert [first.result(30), second.result(30)] == [0, 0]
    assert len(calls) == 1


def test_another_lock_installs_again(folder: Path, calls: list[list[str]]) -> None:
    packages.install(folder)
    (folder / "package-lock.json").write_text("{ }", encoding="utf-8")
    packages.install(folder)
    assert len(calls) == 2


def test_packages_that_were_removed_are_installed_again(
    folder: Path, calls: list[list[str]]
) -> None:
    packages.install(folder)
    (folder / "node_modules" / ".package-lock.json").unlink()
    packages.install(folder)
    assert len(calls) == 2


def test_a_failed_installation_is_tried_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(folder)
    codes = iter([1, 0])
    monkeypatch.setattr(node, "run", lambda *_: next(codes))
    assert [packages.install(folder) for _ in range(3)] == [1, 0, 0]


@pytest.mark.parametrize("arguments", [[], ["nowhere"], ["tests/some", "x"]])
def test_wrong_use_ends_with_two(folder: Path, arguments: list[str]) -> None:
    assert packages.main(arguments) == 2


def test_a_folder_is_named_from_the_root(folder: Path, calls: list[list[str]]) -> None:
    assert packages.main(["tests/some"]) == 0
    assert len(calls) == 1
