"""What the commands print, and what they end with."""

from pathlib import Path

import pytest

from manifest import archive, artwork, environment, guide, package, png
from manifest.__main__ import DIFFERENT, DONE, UNUSABLE, main
from manifest.package import Package

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def output(tmp_path: Path, made: Package, capsys: Captured) -> Path:
    assert main(["build", "--environment", "example", "--output", str(tmp_path / "out")]) == DONE
    capsys.readouterr()
    return tmp_path / "out" / made.zip_name


def test_build_names_what_it_wrote(tmp_path: Path, made: Package, capsys: Captured) -> None:
    assert main(["build", "--environment", "example", "--output", str(tmp_path)]) == DONE
    printed = capsys.readouterr()
    assert str(tmp_path / made.zip_name) in printed.out
    assert "SHA-256" in printed.out
    assert "name for documents" in printed.err


def test_an_unusable_environment_writes_nothing(tmp_path: Path, capsys: Captured) -> None:
    folder = tmp_path / "out"
    assert main(["build", "--environment", "nowhere", "--output", str(folder)]) == UNUSABLE
    assert capsys.readouterr().err.startswith("switchroom: there is no environment")
    assert not folder.exists()


def test_ids_that_were_not_replaced_are_told(tmp_path: Path, capsys: Captured) -> None:
    text = (environment.FOLDER / "example.toml").read_text(encoding="utf-8")
    file = tmp_path / "acme.toml"
    file.write_text(text.replace("6f9d3a52", "7f9d3a52"), encoding="utf-8")
    assert main(["build", "--environment", str(file), "--output", str(tmp_path)]) == DONE
    told = capsys.readouterr().err
    assert "client_id is still that of the example" in told
    assert "app_id" not in told


def test_a_package_that_breaks_a_rule_is_not_written(tmp_path: Path, capsys: Captured) -> None:
    text = (environment.FOLDER / "example.toml").read_text(encoding="utf-8")
    file = tmp_path / "acme.toml"
    file.write_text(text.replace("switchroom.example.com", "acme.ngrok-free.app"), encoding="utf-8")
    folder = tmp_path / "out"
    assert main(["build", "--environment", str(file), "--output", str(folder)]) == DIFFERENT
    assert "own-domains: validDomains 'acme.ngrok-free.app' is a tunnel" in capsys.readouterr().err
    assert not folder.exists()


def test_an_output_that_is_a_file_is_told(tmp_path: Path, capsys: Captured) -> None:
    taken = tmp_path / "taken"
    taken.write_bytes(b"")
    assert main(["build", "--environment", "example", "--output", str(taken)]) == UNUSABLE
    assert str(taken) in capsys.readouterr().err


def test_verify_says_untouched(output: Path, capsys: Captured) -> None:
    assert main(["verify", str(output)]) == DONE
    printed = capsys.readouterr().out
    assert printed.startswith("untouched:")
    assert "do not prove where it is from" in printed
    assert main(["verify", str(output), "--environment", "example"]) == DONE
    assert "prove" not in capsys.readouterr().out


def test_verify_does_not_say_untouched_of_a_damaged_zip_with_checksums_of_its_own(
    output: Path, made: Package, capsys: Captured
) -> None:
    damaged = made.content.replace(b"Switchroom", b"Switchr00m", 1)
    output.write_bytes(damaged)
    output.with_name(made.checksums_name).write_bytes(package.checksums({output.name: damaged}))
    assert main(["verify", str(output)]) == DIFFERENT
    printed = capsys.readouterr().out
    assert printed.startswith("not untouched:")
    assert "is not a readable zip file" in printed


def test_verify_names_what_differs(output: Path, made: Package, capsys: Captured) -> None:
    output.write_bytes(archive.write({**made.files, "de.json": b"{}"}))
    assert main(["verify", str(output)]) == DIFFERENT
    printed = capsys.readouterr().out
    assert printed.startswith("not untouched:")
    assert "  de.json was changed" in printed


def test_verify_without_anything_to_compare_with_is_unusable(
    tmp_path: Path, capsys: Captured
) -> None:
    assert main(["verify", str(tmp_path / "none.zip")]) == UNUSABLE
    assert "cannot be read" in capsys.readouterr().err


def test_check_judges_any_package(output: Path, made: Package, capsys: Captured) -> None:
    assert main(["check", str(output)]) == DONE
    assert "keeps all 12 rules" in capsys.readouterr().out
    output.write_bytes(archive.write({"manifest.json": b"[]"}))
    assert main(["check", str(output)]) == DIFFERENT
    output.write_bytes(b"no zip")
    assert main(["check", str(output)]) == UNUSABLE
    assert main(["check", str(output.parent / "none.zip")]) == UNUSABLE


def test_a_foreign_package_writes_nothing_to_the_terminal(
    output: Path, made: Package, capsys: Captured
) -> None:
    manifest = made.files["manifest.json"].replace(b"color.png", b"\\u001b[2J\\ud800")
    output.write_bytes(
        archive.write({**made.files, "manifest.json": manifest, "\x1b]0;x\x07": b""})
    )
    for command in ("check", "verify"):
        assert main([command, str(output)]) == DIFFERENT
        printed = capsys.readouterr().out
        assert "\\x1b" in printed
        assert all(one.isprintable() or one == "\n" for one in printed)


def test_guides_are_compared_without_writing(tmp_path: Path, capsys: Captured) -> None:
    assert main(["guide", "--check", "--output", str(tmp_path)]) == DIFFERENT
    assert list(tmp_path.iterdir()) == []
    assert main(["guide", "--output", str(tmp_path)]) == DONE
    assert main(["guide", "--check", "--output", str(tmp_path)]) == DONE
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(guide.NAMES)


def test_the_committed_icons_are_the_drawn_ones(tmp_path: Path) -> None:
    assert main(["icons", "--output", str(tmp_path)]) == DONE
    for name in ("color.png", "outline.png"):
        drawn = png.read((tmp_path / name).read_bytes())
        assert drawn == png.read((artwork.FOLDER / name).read_bytes())


@pytest.mark.parametrize("words", [[], ["build"], ["nothing"], ["verify"]])
def test_wrong_use_ends_with_two(words: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == UNUSABLE
    assert "usage:" in capsys.readouterr().err


def test_help_says_what_there_is(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == DONE
    printed = capsys.readouterr().out
    assert all(word in printed for word in ("build", "verify", "check", "guide", "icons"))
