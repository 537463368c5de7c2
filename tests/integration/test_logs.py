"""Nothing of what people send reaches the logs, whatever they send and wherever they put it."""

import json
import socket
from pathlib import Path

from tests.integration.canaries import CANARIES, MAIL, NAME, NUMBER, WORD, canary_records
from tests.integration.conftest import Make
from tests.integration.product import Product

ACR = "oliver.bright"
SIGN_IN = "POST /dev/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def test_canaries_stay_out_of_every_output(make: Make, tmp_path: Path) -> None:
    product = make(SWITCHROOM_LOG_LEVEL="DEBUG", **{f"SWITCHROOM_{WORD.upper()}": NUMBER}).start()
    for source, body in canary_records().items():
        options = {"queue_extensions": "610"} if source == "three-cx" else {}
        for file in (body, NAME.encode() + NUMBER.encode()):
            answer = product.upload(source, file, file_name=f"{NAME} {NUMBER}.json", **options)
            assert answer.status in {200, 202, 422}
        path = tmp_path / f"{WORD}-{source}.txt"
        path.write_bytes(body)
        done = product.command("import", "--organization", "harbour", "--source", source, str(path))
        assert done.code == 3, done
        assert not [canary for canary in CANARIES if canary in done.err], done.err
    token = product.token(ACR)
    signature = token.rpartition(".")[2]
    addresses = (
        f"/api/dashboards/summary?queue={NUMBER}&channel={WORD}",
        f"/api/contacts?cursor={WORD}&agent={WORD}",
        f"/api/imports/{WORD}",
        f"/api/{WORD}?{WORD}={WORD}",
        f"/{WORD}",
        f"/tab/{WORD}.html",
        f"/api/me?organization={WORD}",
        f"/api/me?token={token}",
    )
    for address in addresses:
        for given in (token, f"{WORD}.{WORD}.{WORD}"):
            product.ask(
                "GET",
                address,
                token=given,
                headers={
                    "X-Correlation-Id": f"{WORD} {NUMBER}",
                    "User-Agent": WORD,
                    "Referer": f"https://{WORD}.example/",
                    "Cookie": f"a={WORD}",
                    "If-None-Match": WORD,
                },
            )
    malformed(product)
    for person in (WORD, MAIL):
        product.ask(
            "POST",
            "/dev/token",
            body=json.dumps({"person": person}),
            headers={"Content-Type": "application/json"},
        )
    assert product.stop() == 0
    said = product.logged() + product.out.read_text()
    assert len(said.splitlines()) > 30, "the log must have been written to be searched"
    for canary in (*CANARIES, signature, token[:40]):
        assert canary not in said, [line for line in said.splitlines() if canary in line][:3]
    for line in product.logged().splitlines():
        record = json.loads(line)
        assert set(record) >= {"time", "level", "logger", "message", "correlation_id"}
        if record["level"] in {"ERROR", "CRITICAL"}:
            assert record["logger"] == "aiohttp.server", record
            assert record["errors"][0]["type"].startswith("aiohttp.http_exceptions."), record


def malformed(product: Product) -> None:
    """Bytes that are no HTTP, and senders that hang up."""
    for request in (
        f"{WORD} {NUMBER}\r\n\r\n",
        f"GET /{WORD} HTTP/9.9\r\n\r\n",
        f"GET /api/me HTTP/1.1\r\n{WORD}\r\n\r\n",
        f"GET /api/me HTTP/1.1\r\nHost: x\r\n{WORD}: {'x' * 9000}\r\n\r\n",
        f"GET /api/me HTTP/1.1\r\nHost: x\r\nContent-Length: {WORD}\r\n\r\n",
        f"{SIGN_IN}Transfer-Encoding: chunked\r\n\r\n{WORD}\r\n",
        f"{SIGN_IN}Content-Length: 500\r\n\r\n{WORD}",
    ):
        with socket.create_connection(("127.0.0.1", product.port)) as line:
            line.sendall(request.encode())
            line.shutdown(socket.SHUT_WR)
            with line.makefile("rb") as answer:
                answer.read()
    assert product.get("/healthz").status == 200
