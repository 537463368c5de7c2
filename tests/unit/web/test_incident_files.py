import hashlib
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from aiohttp import web
from aiohttp.test_utils import TestClient

from tests.unit.web.test_incidents import changed, got, report

Client = TestClient[web.Request, web.Application]
SignIn = Callable[..., Awaitable[dict[str, str]]]
PDF = b"%PDF-1.7\n" + b"<script>alert(1)</script>\n" * 400
NAME = "Rechnung für Zoë.pdf"


async def kept(
    product: Client,
    headers: dict[str, str],
    *,
    name: str = NAME,
    content: bytes = PDF,
    media: str = "application/octet-stream",
    status: int = 201,
) -> dict[str, Any]:
    sent = headers | {"X-Switchroom-File-Name": quote(name), "Content-Type": media}
    answer = await product.post("/api/incidents/files", data=content, headers=sent)
    assert answer.status == status, await answer.text()
    made: dict[str, Any] = await answer.json()
    return made


async def test_a_file_is_sent_with_a_report_and_saved_by_both_sides(
    product: Client, token: SignIn
) -> None:
    amira, tomas = await token("amira.khan"), await token("tomas.silva")
    file = await kept(product, amira)
    assert (file["name"], file["size"], file["entry"]) == (NAME, len(PDF), 0)
    assert file["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert (await got(product, "/api/incidents/files", amira))["files"] == [file]
    id = (await report(product, amira, files=[file["id"]]))["id"]
    assert (await got(product, "/api/incidents/files", amira))["files"] == []
    for headers, path, content in (
        (amira, "own/", "own/files"),
        (tomas, "", "evidence"),
    ):
        (listed,) = (await got(product, f"/api/incidents/{path}{id}", headers))["files"]
        assert (listed["id"], listed["entry"]) == (file["id"], 1)
        answer = await product.get(f"/api/incidents/{content}/{file['id']}", headers=headers)
        assert (answer.status, await answer.read()) == (200, PDF)
    await got(product, f"/api/incidents/evidence/{file['id']}", amira, 403)
    other = await token("sofia.lindqvist")
    await got(product, f"/api/incidents/own/files/{file['id']}", other, 404)


async def test_a_file_is_saved_and_never_shown(product: Client, token: SignIn) -> None:
    amira = await token("amira.khan")
    file = await kept(product, amira)
    await report(product, amira, files=[file["id"]])
    answer = await product.get(f"/api/incidents/own/files/{file['id']}", headers=amira)
    headers = answer.headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == (
        f'attachment; filename="evidence-{file["id"][:8]}.pdf"; '
        "filename*=UTF-8''Rechnung%20f%C3%BCr%20Zo%C3%AB.pdf"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Length"] == str(len(PDF))


async def test_what_is_not_taken_is_said_with_its_reason(product: Client, token: SignIn) -> None:
    amira = await token("amira.khan")
    for name, content, media, code in (
        ("a.exe", PDF, "application/octet-stream", "file-sort"),
        ("../a.pdf", PDF, "application/octet-stream", "file-name"),
        ("a.pdf", b"MZ" + PDF, "application/octet-stream", "file-content"),
        ("a.pdf", b"", "application/octet-stream", "file-empty"),
        ("a.pdf", PDF, "text/html", "file-sort"),
    ):
        said = await kept(product, amira, name=name, content=content, media=media, status=422)
        assert (said["code"], list(said["fields"])) == (code, ["file"])
    answer = await product.post("/api/incidents/files", data=PDF, headers=amira)
    assert (answer.status, (await answer.json())["code"]) == (422, "file-name")
    bad = amira | {"X-Switchroom-File-Name": "%ff%fe.pdf"}
    answer = await product.post("/api/incidents/files", data=PDF, headers=bad)
    assert (answer.status, (await answer.json())["code"]) == (422, "file-name")
    assert (await got(product, "/api/incidents/files", amira))["files"] == []


async def test_a_file_that_waits_is_removed_by_its_owner(product: Client, token: SignIn) -> None:
    amira, sofia = await token("amira.khan"), await token("sofia.lindqvist")
    file = await kept(product, amira)
    path = f"/api/incidents/files/{file['id']}"
    assert (await product.delete(path, headers=sofia)).status == 404
    assert (await product.delete(path, headers=amira)).status == 200
    assert (await product.delete(path, headers=amira)).status == 404


async def test_an_answer_and_a_message_carry_files(product: Client, token: SignIn) -> None:
    amira, tomas = await token("amira.khan"), await token("tomas.silva")
    id = (await report(product, amira))["id"]
    first, second = await kept(product, amira), await kept(product, tomas)
    said = {"files": [first["id"]]}
    own = await changed(product, "POST", f"/api/incidents/own/{id}/answers", amira, said)
    assert [one["entry"] for one in own["files"]] == [2]
    words = {"kind": "message", "text": "See this", "files": [second["id"]]}
    detail = await changed(product, "POST", f"/api/incidents/{id}/words?version=2", tomas, words)
    assert [(one["entry"], one["from_reporter"]) for one in detail["files"]] == [
        (2, True),
        (3, False),
    ]
    nothing = await changed(
        product, "POST", f"/api/incidents/own/{id}/answers", amira, {"text": ""}, 422
    )
    assert "text" in nothing["fields"]


async def test_a_draft_is_kept_taken_up_and_sent(product: Client, token: SignIn) -> None:
    amira, sofia = await token("amira.khan"), await token("sofia.lindqvist")
    standing = await got(product, "/api/incidents/draft", amira)
    assert standing == {"draft": None, "files": []}
    said = {"what": "to jo@example.com", "category": "phishing", "severity": "high"}
    draft = await changed(product, "PUT", "/api/incidents/draft", amira, said)
    assert (draft["what"], draft["masked"], draft["source"]) == ("to [email]", 1, "tab")
    file = await kept(product, amira)
    standing = await got(product, "/api/incidents/draft", amira)
    assert standing == {"draft": draft, "files": [file]}
    assert (await got(product, "/api/incidents/draft", sofia))["draft"] is None
    await report(product, amira, files=[file["id"]], of_draft=True)
    standing = await got(product, "/api/incidents/draft", amira)
    assert standing == {"draft": None, "files": []}
    await changed(product, "PUT", "/api/incidents/draft", amira, said)
    assert (await product.delete("/api/incidents/draft", headers=amira)).status == 200
    assert (await got(product, "/api/incidents/draft", amira))["draft"] is None
