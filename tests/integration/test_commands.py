"""The command line: its exit codes, what it prints, and what it refuses."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portal.settings import ROOT
from tests.integration import records
from tests.integration.conftest import Make
from tests.integration.product import Done, Product

HARBOUR = ("--organization", "harbour")
CONNECT = ("import", *HARBOUR, "--source", "amazon-connect", "--json")
EMPTY = {"accepted": 0, "corrected": 0, "unchanged": 0, "ignored": 0, "rejected": 0}


def written(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


class TestImport:
    @pytest.mark.parametrize("source", records.SOURCES)
    def test_report_and_exit_code(self, server: Product, tmp_path: Path, source: str) -> None:
        day = f"2026-07-{records.SOURCES.index(source) + 1:02}"
        good = records.good(source, day)
        path = written(tmp_path, "good.txt", good)
        options = ["--queue-extensions", records.EXTENSIONS] if source == "three-cx" else []
        arguments = ("import", *HARBOUR, "--source", source, *options)
        first = server.command(*arguments, path, "--json")
        assert (first.code, first.err) == (0, "")
        assert first.json == EMPTY | {"accepted": 3, "rejections": []}
        assert server.figures(day)["offered"] == 3
        if source == "teams":
            plain = server.command(*arguments, path)
            assert plain.out == "0 accepted, 0 corrected, 3 unchanged, 0 ignored, 0 rejected\n"

    def test_rejected_rows_are_listed_and_the_good_ones_are_in(
        self, server: Product, tmp_path: Path
    ) -> None:
        day = "2026-07-10"
        bad = records.connect(day, 2)
        bad["Queue"]["Duration"] = -5
        text = records.lines([records.connect(day, 1), bad, records.connect(day, 3)])
        path = written(tmp_path, "mixed.jsonl", text + b'{"ContactId": "cut o\n')
        done = server.command(*CONNECT, path)
        assert done.code == 3
        report = done.json
        assert set(report) == {*EMPTY, "rejections"}
        assert (report["accepted"], report["rejected"]) == (2, 2)
        assert [(row["file"], row["line"]) for row in report["rejections"]] == [
            ("mixed.jsonl", 2),
            ("mixed.jsonl", 4),
        ]
        assert all(set(row) == {"file", "line", "reason"} for row in report["rejections"])
        assert server.figures(day)["offered"] == 2
        listed = server.command("quarantine", *HARBOUR, "--json")
        mine = [row for row in listed.json if row["file"] == "mixed.jsonl"]
        assert [(row["line"], row["reason"]) for row in mine] == [
            (row["line"], row["reason"]) for row in report["rejections"]
        ]
        assert "1202555" not in listed.out
        assert "cut o" in server.command("quarantine", *HARBOUR, "--raw").out

    def test_an_unusable_file_among_good_ones(self, server: Product, tmp_path: Path) -> None:
        day = "2026-07-11"
        good = written(tmp_path, "good.jsonl", records.good("amazon-connect", day))
        paths = [
            good,
            written(tmp_path, "empty.jsonl", b""),
            written(tmp_path, "binary.jsonl", os.urandom(4096) + b"\0" * 4096),
            str(tmp_path / "absent.jsonl"),
            str(tmp_path),
        ]
        done = server.command(*CONNECT, *paths)
        assert done.code == 2
        report = done.json
        assert (report["accepted"], report["rejections"]) == (3, [])
        unusable = {Path(one["file"]).name: one["reason"] for one in report["unusable"]}
        assert set(unusable) == {"empty.jsonl", "binary.jsonl", "absent.jsonl", tmp_path.name}
        assert all(unusable.values())
        plain = server.command(*CONNECT[:-1], str(tmp_path / "absent.jsonl"))
        assert (plain.code, plain.err) == (
            2,
            f"{tmp_path / 'absent.jsonl'}: No such file or directory. Nothing of it was stored.\n",
        )

    def test_a_running_server_tells_of_it(self, server: Product, tmp_path: Path) -> None:
        path = written(tmp_path, "new.jsonl", records.good("amazon-connect", "2026-07-12"))
        with server.stream("amira.khan") as stream:
            before = stream.next()["revision"]
            assert server.command(*CONNECT, path).code == 0
            assert stream.next(2)["revision"] > before
        assert server.figures("2026-07-12")["offered"] == 3

    def test_from_a_pipe(self, server: Product) -> None:
        body = records.good("amazon-connect", "2026-07-13")
        done = subprocess.run(
            [sys.executable, "-m", "portal", *CONNECT, "/dev/stdin"],
            cwd=ROOT,
            env=server.environment,
            input=body,
            capture_output=True,
            check=False,
        )
        assert (done.returncode, json.loads(done.stdout)["accepted"]) == (0, 3)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("figures", "--organization", "nowhere"), "no such organisation"),
        (("figures", *HARBOUR, "--from", "yesterday"), "`from` is no time"),
        (("figures", *HARBOUR, "--from", "2026-02-02", "--to", "2026-02-01"), "after `from`"),
        (("figures", *HARBOUR, "--queue", "none such"), "no such queue"),
        (("figures", *HARBOUR, "--threshold", "nan"), "threshold"),
        (("import", *HARBOUR, "--source", "avaya", "/dev/null"), "no such source"),
        (("name-queues", *HARBOUR, "--source", "teams", "x"), "KEY=NAME"),
        (("nonsense",), "invalid choice"),
        ((), "required"),
    ],
)
def test_wrong_use_is_explained(server: Product, arguments: tuple[str, ...], says: str) -> None:
    done = server.command(*arguments)
    assert (done.code, done.out) == (2, "")
    assert says in done.err


def test_help_names_every_command(server: Product) -> None:
    done = server.command("--help")
    assert done.code == 0
    for word in ("organizations", "import", "figures", "quarantine", "rebuild-pages"):
        assert word in done.out


def test_organizations(server: Product) -> None:
    listed = server.command("organizations", "--json").json
    assert [(one["code"], one["name"]) for one in listed] == [
        ("harbour", "Harbour Lane Insurance"),
        ("juniper", "Juniper Street Energy"),
    ]
    assert "harbour          Harbour Lane Insurance" in server.command("organizations").out


def test_a_customer_is_given_room_and_a_code(make: Make) -> None:
    product = make()
    product.start()
    product.stop()
    cove = ("--organization", "cove")
    about = ("--name", "Cove Example", "--time-zone", "Europe/London", "--country", "GB")
    made = product.command("add-organization", *cove, *about, "--json")
    assert (made.code, made.json) == (0, {"code": "cove", "region": "eu"})
    assert product.command("add-organization", *cove, *about).code == 0
    other = ("--name", "Other", *about[2:])
    assert product.command("add-organization", *cove, *other).code == 2
    first, second = (product.command("claim-code", *cove, "--json").json for _ in range(2))
    assert first["organization"] == "cove"
    assert first["code"] != second["code"]
    assert len(first["code"].replace("-", "")) == 24
    assert product.command("claim-code", "--organization", "nowhere").code == 2
    assert product.command("verify-audit", *cove).code == 0


def test_description_is_that_of_the_server(server: Product) -> None:
    printed = server.command("openapi")
    assert printed.json == server.ask("GET", "/api/openapi.json").json


def test_output_that_nobody_reads(server: Product) -> None:
    for command in (["openapi"], ["figures", *HARBOUR, "--json"]):
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "wb") as output:
            done = subprocess.run(
                [sys.executable, "-m", "portal", *command],
                cwd=ROOT,
                env=server.environment,
                stdout=output,
                stderr=subprocess.PIPE,
                check=False,
            )
        assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, b"")


class TestTruth:
    """What operators check with."""

    @staticmethod
    def audit(product: Product) -> Done:
        return product.command("verify-audit", *HARBOUR, "--json")

    def test_pages_and_trail_are_whole(self, server: Product) -> None:
        verified = server.command("rebuild-pages", *HARBOUR, "--verify", "--json")
        assert (verified.code, verified.json["different"]) == (0, [])
        assert self.audit(server).json == {"whole": True, "first_break": None}
        assert "whole" in server.command("verify-audit", *HARBOUR).out

    def test_damage_is_found(self, make: Make, tmp_path: Path) -> None:
        product = make()
        path = written(tmp_path, "a.jsonl", records.good("amazon-connect", "2026-07-20", 20))
        assert product.command(*CONNECT, path).code == 0
        rebuilt = product.command("rebuild-pages", *HARBOUR, "--json")
        assert (rebuilt.code, rebuilt.json["contacts"], rebuilt.json["different"]) == (0, 20, [])
        store = next(product.data.glob("*/switchroom.db"))
        with sqlite3.connect(store) as connection:
            connection.execute(
                "DELETE FROM contacts WHERE rowid IN (SELECT max(rowid) FROM contacts)"
            )
            connection.execute(
                "UPDATE documents SET body = replace(body, '\"accepted\":20', '\"accepted\":21') "
                "WHERE kind = 'audit_entry'"
            )
        connection.close()
        verified = product.command("rebuild-pages", *HARBOUR, "--verify", "--json")
        assert verified.code == 4
        assert verified.json["different"]
        broken: Any = self.audit(product)
        assert (broken.code, broken.json["whole"]) == (4, False)
        first = next(
            n for n, one in enumerate(product.trail("harbour"), 1) if "accepted" in one["facts"]
        )
        assert broken.json["first_break"] == first


class TestSettingUp:
    def test_a_lock_is_ended_by_the_operator(self, server: Product) -> None:
        token, wrong = server.token("oliver.bright"), json.dumps({"token": "0" * 64})
        headers = {"Content-Type": "application/json"}
        path = "/api/organizations/verification/mail/confirm"
        codes = [
            server.ask("POST", path, token=token, body=wrong, headers=headers).json["code"]
            for _ in range(6)
        ]
        assert codes[-1] == "locked"
        unlock = ("unlock-verification", *HARBOUR, "--person", "oliver.bright")
        assert server.command(*unlock).code == 0
        again = server.ask("POST", path, token=token, body=wrong, headers=headers)
        assert again.json["code"] == "link-refused"
        done = server.command(*unlock)
        assert (done.code, done.err) == (2, "switchroom: Nothing is locked there.\n")

    def test_a_tenant_code_names_its_organisation(self, server: Product) -> None:
        path = "/api/organizations/tenant-code/reveal"
        code = server.ask("POST", path, token=server.token("oliver.bright")).json["code"]
        assert server.command("tenant-code", code).out == "harbour\n"
        assert server.command("tenant-code", code[:-1] + "1").code == 2

    def test_who_declined_is_listed_with_their_reason(self, server: Product) -> None:
        token, headers = server.token("noah.reyes"), {"Content-Type": "application/json"}
        body = json.dumps({"number": 1, "why": "Too little is said"})
        answer = server.ask(
            "POST", "/api/policies/verification/decline", token=token, body=body, headers=headers
        )
        assert answer.status == 200
        listed = server.command("support-requests", "--organization", "juniper", "--json")
        (one,) = listed.json
        assert (one["person"], one["why"]) == ("noah.reyes", "Too little is said")


class TestDisclosures:
    def test_a_case_is_entered_refused_and_exported(self, server: Product, tmp_path: Path) -> None:
        juniper = ("--organization", "juniper")
        asked = {
            "requester": "Musterstadt police",
            "reference": "AZ 1/26",
            "basis": "lawful_request",
            "data": ["recordings"],
            "whose": ["customers"],
            "until": "2035-01-01T00:00:00Z",
        }
        file = written(tmp_path, "request.json", json.dumps(asked).encode())
        case = server.command("receive-disclosure", *juniper, file).out.strip()
        assert len(case) == 32
        refusal = written(tmp_path, "no.json", b'{"outcome": "refused", "text": "Not by this law"}')
        entering = ("enter-disclosure", *juniper, "--case", case, "--kind", "decided", refusal)
        assert server.command(*entering).code == 0
        listed = server.command("disclosures", *juniper).out
        assert case in listed
        assert "refused, silent until 2035-01-01" in listed
        assert "police" not in listed
        (exported,) = server.command("disclosures", *juniper, "--json").json
        assert [one["kind"] for one in exported["entries"]] == ["received", "gagged", "decided"]
        assert exported["entries"][0]["requester"] == "Musterstadt police"
        assert exported["entries"][1]["until"].startswith("2035-01-01")

    def test_what_cannot_be_an_entry_is_refused(self, server: Product, tmp_path: Path) -> None:
        for text in (b"no", b"[]", b'{"data": ["everything"]}', b'{"asker": "x"}', b"{}"):
            file = written(tmp_path, "wrong.json", text)
            done = server.command("receive-disclosure", *HARBOUR, file)
            assert done.code == 2
            assert "Traceback" not in done.err
