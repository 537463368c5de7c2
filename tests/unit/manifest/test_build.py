"""The same environment and version give the same bytes, whoever builds them and wherever."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from manifest import archive, environment, materials, package
from manifest.__main__ import main
from manifest.environment import Environment
from manifest.package import Package
from portal.settings import ROOT

SURROUNDINGS = (
    {"TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
    {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2", "PYTHONUTF8": "0"},
)


def built(folder: Path, surroundings: dict[str, str], umask: int) -> dict[str, bytes]:
    folder.mkdir()
    words = ["-m", "manifest", "build", "--environment", "example", "--output", str(folder / "out")]
    answer = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={"PATH": os.defpath, **surroundings},
        umask=umask,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return {path.name: path.read_bytes() for path in (folder / "out").iterdir()}


def test_two_builds_in_different_surroundings_are_equal(tmp_path: Path) -> None:
    first = built(tmp_path / "a", SURROUNDINGS[0], 0o022)
    second = built(tmp_path / "b", SURROUNDINGS[1], 0o077)
    assert first == second
    assert len(first) == 3


def test_the_zip_holds_nothing_that_differs_from_machine_to_machine(made: Package) -> None:
    with zipfile.ZipFile(io.BytesIO(made.content)) as packed:
        entries = packed.infolist()
    assert [entry.filename for entry in entries] == sorted(made.files)
    for entry in entries:
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert (entry.create_system, entry.external_attr >> 16) == (3, 0o644)
        assert (entry.extra, entry.comment, entry.compress_type) == (b"", b"", zipfile.ZIP_STORED)


def test_the_package_holds_manifest_icons_and_languages_alone(made: Package) -> None:
    expected = {"manifest.json", "color.png", "outline.png", "en.json", "de.json"}
    assert set(archive.read(made.content)) == expected


def test_another_environment_gives_another_package(example: Environment, made: Package) -> None:
    other = environment.parse(
        (environment.FOLDER / "example.toml")
        .read_text(encoding="utf-8")
        .replace("switchroom.example.com", "figures.example.org"),
        "other",
        "other.toml",
    )
    text = package.make(other).files["manifest.json"].decode()
    assert "figures.example.org" in text
    assert example.host not in text
    assert package.make(other).content != made.content


def test_checksums_are_those_of_the_files(tmp_path: Path, made: Package) -> None:
    assert main(["build", "--environment", "example", "--output", str(tmp_path)]) == 0
    lines = (tmp_path / made.checksums_name).read_text().splitlines()
    listed = {name: value for value, name in (line.split("  ") for line in lines)}
    assert listed == {
        name: package.digest((tmp_path / name).read_bytes())
        for name in (made.zip_name, made.materials_name)
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [made.zip_name, made.materials_name, made.checksums_name]
    )


def test_the_bill_of_materials_names_the_files_of_the_zip(made: Package) -> None:
    named = materials.packaged_files(materials.bill(made))
    assert named == {name: package.digest(content) for name, content in made.files.items()}


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"../manifest.json": b""}, "name"),
        ({"/etc/passwd": b""}, "name"),
        ({"a\\b": b""}, "name"),
        ({"C:x": b""}, "name"),
        ({"folder/": b""}, "name"),
        ({f"{number}.json": b"" for number in range(60)}, "60 files"),
        ({"large.png": bytes(5 * 1024 * 1024)}, "unpacks to more"),
    ],
)
def test_a_hostile_zip_is_refused(files: dict[str, bytes], why: str) -> None:
    with pytest.raises(archive.ArchiveError, match=why):
        archive.read(archive.write(files))


def test_a_zip_that_lies_about_its_size_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("manifest.json", bytes(20 * 1024 * 1024))
    content = packed.getvalue()
    size = (20 * 1024 * 1024).to_bytes(4, "little")
    with pytest.raises(archive.ArchiveError):
        archive.read(content.replace(size, (10).to_bytes(4, "little")))


def test_a_name_twice_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as double:
        double.writestr("manifest.json", b"{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            double.writestr("manifest.json", b"{}")
    with pytest.raises(archive.ArchiveError, match="twice"):
        archive.read(packed.getvalue())


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip file", b"PK\x05\x06" + bytes(17)])
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    with pytest.raises(archive.ArchiveError, match="not a readable zip"):
        archive.read(content)


def test_a_cut_off_zip_is_refused(made: Package) -> None:
    for length in range(0, len(made.content), 997):
        with pytest.raises(archive.ArchiveError):
            archive.read(made.content[:length])
