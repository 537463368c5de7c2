"""The command that writes the sample files."""

from pathlib import Path

import pytest

from portal.sample.__main__ import main

UNTIL = ["--until", "2026-03-03T23:00:00+00:00"]


def test_writes_a_folder_per_organization(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "new"), "--days", "2", *UNTIL]) == 0
    names = sorted(path.name for path in (tmp_path / "new" / "harbour").iterdir())
    assert names == [
        "harbour-amazon-connect-2026-03-02.jsonl",
        "harbour-amazon-connect-2026-03-03.jsonl",
        "harbour-three-cx-2026-03-02.csv",
        "harbour-three-cx-2026-03-03.csv",
    ]
    assert (tmp_path / "new" / "juniper" / "juniper-genesys-2026-03-02.json").is_file()
    assert "harbour: three-cx: 2 files" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--days", "0"], "1 to 366"),
        (["--until", "yesterday"], "no ISO 8601 time"),
        (["--until", "2026-03-03T23:00:00"], "no offset"),
        (["--seed", "x"], "invalid int value"),
    ],
)
def test_bad_arguments_say_what_to_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path), *arguments])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_directory_that_is_a_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main([str(tmp_path / "file"), *UNTIL]) == 2
    assert "cannot write" in capsys.readouterr().err
