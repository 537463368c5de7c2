"""What `verify` says of a package that is untouched, and of one that is not."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from manifest import archive, materials, package
from manifest.package import Package
from manifest.verification import NothingToCompareError, verify

Write = Callable[[bytes], Path]


@pytest.fixture
def write(tmp_path: Path, made: Package) -> Write:
    """Writes a package's content beside the checksums and the bill of the real one."""
    bill = materials.bill(made)
    (tmp_path / made.materials_name).write_bytes(bill)
    (tmp_path / made.checksums_name).write_bytes(
        package.checksums({made.zip_name: made.content, made.materials_name: bill})
    )

    def run(content: bytes) -> Path:
        path = tmp_path / made.zip_name
        path.write_bytes(content)
        return path

    return run


def changed(made: Package, **files: bytes) -> bytes:
    return archive.write({**made.files, **{f"{name}.json": one for name, one in files.items()}})


def test_the_built_package_is_untouched(write: Write, made: Package) -> None:
    file = write(made.content)
    assert verify(file).differences == ()
    assert verify(file, rebuilt=made).differences == ()
    assert verify(file).sha256 == package.digest(made.content)


def test_every_flipped_bit_is_seen(write: Write, made: Package) -> None:
    chosen = random.Random(7)
    for _ in range(200):
        content = bytearray(made.content)
        content[chosen.randrange(len(content))] ^= 1 << chosen.randrange(8)
        file = write(bytes(content))
        assert verify(file).differences
        assert verify(file, rebuilt=made).differences


def test_changed_added_and_missing_files_are_named(write: Write, made: Package) -> None:
    files = {**made.files, "extra.js": b"alert(1)", "de.json": b"{}"}
    del files["en.json"]
    file = write(archive.write(files))
    found = verify(file).differences
    assert "de.json was changed" in found
    assert "en.json is missing" in found
    assert "extra.js was added" in found
    assert not any("color.png" in one for one in found)


def test_a_changed_value_is_named_with_what_was_built(write: Write, made: Package) -> None:
    manifest = json.loads(made.files["manifest.json"])
    manifest["validDomains"].append("evil.example")
    manifest["bots"][0]["supportsFiles"] = False
    del manifest["showLoadingIndicator"]
    file = write(changed(made, manifest=package.encoded(manifest)))
    found = [line.strip() for line in verify(file, rebuilt=made).differences]
    assert 'manifest.json validDomains[1]: "evil.example", built: (nothing)' in found
    assert "manifest.json bots[0].supportsFiles: false, built: true" in found
    assert "manifest.json showLoadingIndicator: (nothing), built: true" in found


def test_a_value_that_writes_to_the_terminal_is_shown_harmlessly(
    write: Write, made: Package
) -> None:
    manifest = json.loads(made.files["manifest.json"])
    manifest["name"]["short"] = "\x1b[2J" + "x" * 5000
    lines = verify(write(changed(made, manifest=package.encoded(manifest))), made).differences
    assert all(line.isprintable() and len(line) < 300 for line in lines)


def test_a_zip_written_anew_around_the_same_files_is_told_apart(
    write: Write, made: Package
) -> None:
    file = write(made.content + b"\0")
    assert any("written anew" in one for one in verify(file).differences)
    assert any("written anew" in one for one in verify(file, rebuilt=made).differences)


def test_a_file_that_is_no_zip_is_named_as_such(write: Write, made: Package) -> None:
    assert any("readable zip" in one for one in verify(write(b"hello")).differences)
    assert verify(write(b"hello"), rebuilt=made).differences


def test_a_changed_bill_of_materials_is_named(write: Write, made: Package, tmp_path: Path) -> None:
    file = write(made.content)
    (tmp_path / made.materials_name).write_bytes(b"{}")
    assert verify(file).differences == (f"{made.materials_name} is not the one that was built",)


def test_a_renamed_package_is_found_in_its_checksums(
    write: Write, made: Package, tmp_path: Path
) -> None:
    sums = tmp_path / made.checksums_name
    renamed = write(made.content).rename(tmp_path / "downloaded.zip")
    assert verify(renamed, checksums=sums).differences == ()


def test_a_package_whose_checksums_were_changed_with_it_is_found_by_building_anew(
    write: Write, made: Package, tmp_path: Path
) -> None:
    forged = changed(made, de=b"{}")
    file = write(forged)
    (tmp_path / made.materials_name).unlink()
    (tmp_path / made.checksums_name).write_bytes(package.checksums({made.zip_name: forged}))
    assert verify(file).differences == ()
    assert verify(file, rebuilt=made).differences


def test_a_package_that_cannot_be_read_is_not_untouched_whatever_its_checksums_say(
    write: Write, made: Package, tmp_path: Path
) -> None:
    damaged = bytearray(made.content)
    damaged[made.content.index(made.files["manifest.json"])] ^= 1
    for content in (bytes(damaged), b"hello"):
        file = write(content)
        for listed in (
            {made.zip_name: content},
            {made.zip_name: content, made.materials_name: materials.bill(made)},
        ):
            (tmp_path / made.checksums_name).write_bytes(package.checksums(listed))
            assert any("not a readable zip" in one for one in verify(file).differences)


def test_a_package_unlike_its_bill_of_materials_is_not_untouched(
    write: Write, made: Package, tmp_path: Path
) -> None:
    forged = changed(made, de=b"{}")
    file, bill = write(forged), materials.bill(made)
    listed = {made.zip_name: forged, made.materials_name: bill}
    (tmp_path / made.checksums_name).write_bytes(package.checksums(listed))
    assert verify(file).differences == ("de.json was changed",)


@pytest.mark.parametrize("bill", [b"", b"[]", b"{}", b"[" * 100_000])
def test_a_bill_of_materials_that_is_none_is_named_though_it_is_listed(
    write: Write, made: Package, tmp_path: Path, bill: bytes
) -> None:
    file = write(made.content)
    (tmp_path / made.materials_name).write_bytes(bill)
    listed = {made.zip_name: made.content, made.materials_name: bill}
    (tmp_path / made.checksums_name).write_bytes(package.checksums(listed))
    assert verify(file).differences == (f"{made.materials_name} is not the one that was built",)


def test_without_checksums_there_is_nothing_to_say(tmp_path: Path) -> None:
    lone = tmp_path / "lone.zip"
    lone.write_bytes(b"")
    with pytest.raises(NothingToCompareError, match=r"lone\.zip\.sha256"):
        verify(lone)


def test_checksums_of_something_else_are_no_comparison(tmp_path: Path) -> None:
    lone = tmp_path / "lone.zip"
    lone.write_bytes(b"")
    lone.with_name("lone.zip.sha256").write_text("hello\n")
    with pytest.raises(NothingToCompareError, match="says nothing"):
        verify(lone)


def test_a_missing_or_huge_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NothingToCompareError, match="cannot be read"):
        verify(tmp_path / "none.zip")
    huge = tmp_path / "huge.zip"
    with huge.open("wb") as stream:
        stream.truncate(17 * 1024 * 1024)
    with pytest.raises(NothingToCompareError, match="larger"):
        verify(huge)
