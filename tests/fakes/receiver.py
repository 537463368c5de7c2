"""A system outside that hears of incidents: an HTTPS server on loopback which takes nothing that
the Standard Webhooks specification 1.0.0 would not let it take."""

import base64
import binascii
import hmac
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

WINDOW_S = 300


class Taken(NamedTuple):
    """A delivery that was accepted."""

    id: str
    body: str
    media: str


class Wrong(Exception):  # noqa: N818 - it says what is wrong
    """Why a delivery is refused."""


def verified(secret: str, headers: dict[str, str], body: bytes, now_s: float) -> str:
    """The id of a delivery that is signed with the secret, now. Raises Wrong. This is what
    docs/integrations.md shows receivers to do."""
    id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not id or "." in id or not at.isdecimal() or abs(now_s - int(at)) > WINDOW_S:
        raise Wrong("id or time")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = hmac.digest(key, f"{id}.{at}.".encode() + body, sha256)
    for one in headers.get("webhook-signature", "").split(" "):
        version, _, text = one.partition(",")
        try:
            given = base64.b64decode(text, validate=True)
        except binascii.Error:
            continue
        if version == "v1" and hmac.compare_digest(given, wanted):
            return id
    raise Wrong("signature")


@dataclass
class Receiver:
    """What it was told. `answers` are statuses (with headers) for the next deliveries instead of
    204; `seen` counts every delivery by id, `refused` says why some were not taken."""

    url: str = ""
    secret: str = ""
    now_s: Callable[[], float] = time.time
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    raw: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    before: Callable[[], object] = lambda: None
    after: Callable[[], object] = lambda: None

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        """Its answer. A delivery whose id was taken before is answered alike, and not taken."""
        self.raw.append((headers, body))
        self.before()
        try:
            id = verified(self.secret, headers, body, self.now_s())
        except Wrong as wrong:
            self.refused.append(str(wrong))
            return 401, {}
        self.seen.append(id)
        if self.answers:
            return self.answers.pop(0)
        if id not in {one.id for one in self.taken}:
            self.taken.append(Taken(id, body.decode(), headers["content-type"]))
        self.after()
        return 204, {}


@contextmanager
def listening(server_pem: Path, now_s: Callable[[], float] = time.time) -> Iterator[Receiver]:
    """The receiver, on a free port of 127.0.0.1; the certificate is the caller's."""
    receiver = Receiver(now_s=now_s)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more = receiver.take(headers, body)
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server_pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    receiver.url = f"https://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
