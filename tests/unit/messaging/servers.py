"""Strict stand-ins on loopback: an SMTP server that insists on TLS, and Azure's services."""

import asyncio
import base64
import hmac
import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Server = TypeVar("Server", bound=ThreadingHTTPServer)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that vouches for itself, and it with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    alone, both = folder / "ca.pem", folder / "server.pem"
    alone.write_bytes(made.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    both.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return alone, both


class Smtp:
    """An SMTP server (aiosmtpd) that takes nothing before STARTTLS. `answers` overrides what it
    says to MAIL and RCPT; `password` is what AUTH must bring, "" for no need to; without `tls` it
    offers no STARTTLS; `implicit` speaks TLS from the first byte."""

    def __init__(
        self, server_pem: Path, password: str = "", *, tls: bool = True, implicit: bool = False
    ) -> None:
        self.mails: list[bytes] = []
        self.recipients: list[str] = []
        self.encrypted: list[bool] = []
        self.answers: dict[str, str] = {}
        self._password = password
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(server_pem)
        self._controller = _Loopback(
            self,
            hostname="127.0.0.1",
            ssl_context=context if implicit else None,
            tls_context=context if tls and not implicit else None,
            require_starttls=tls and not implicit,
            authenticator=self._authenticate if password else None,
            auth_required=bool(password),
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._controller.port

    def start(self) -> None:
        """Listens, in a thread of its own."""
        self._controller.start()

    def close(self) -> None:
        """Ends it."""
        self._controller.stop()

    def _authenticate(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        mechanism: str,
        data: LoginPassword,
    ) -> AuthResult:
        return AuthResult(success=data.password == self._password.encode(), handled=False)

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes the sender, unless told to answer something else."""
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 ok"

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes a recipient, unless told to answer something else."""
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        self.recipients.append(address)
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Takes the mail."""
        assert isinstance(envelope.content, bytes)
        self.mails.append(envelope.content)
        self.encrypted.append(session.ssl is not None or self._controller.ssl_context is not None)
        return "250 taken"


class _Loopback(Controller):
    """A controller at whichever port is free."""

    def __init__(self, handler: Smtp, **options: Any) -> None:
        super().__init__(handler, port=0, **options)

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = int(self.server.sockets[0].getsockname()[1])
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def smtp(
    server_pem: Path, password: str = "", *, tls: bool = True, implicit: bool = False
) -> Iterator[Smtp]:
    """A running SMTP server."""
    server = Smtp(server_pem, password, tls=tls, implicit=implicit)
    server.start()
    try:
        yield server
    finally:
        server.close()


class Azure(ThreadingHTTPServer):
    """A resource of Azure Communication Services as its reference describes it: every request is
    signed with the key, or carries `token`. `status` overrides the answer."""

    def __init__(self, key: bytes, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.key = key
        self.token = ""
        self.sent: list[tuple[str, str]] = []
        self.taken: set[str] = set()
        self.refused: list[str] = []
        self.status = 0

    @property
    def endpoint(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def sign(self, text: str) -> str:
        """The signature of a request's text."""
        return base64.b64encode(hmac.new(self.key, text.encode(), "sha256").digest()).decode()


class AzureHandler(BaseHTTPRequestHandler):
    """Checks what all of them check, and hands on what passed."""

    server: Azure
    paths: tuple[str, ...] = ()

    def taken(self, said: dict[str, Any]) -> None:
        """Answers a request that is in order."""
        raise NotImplementedError

    def do_GET(self) -> None:
        self._do()

    def do_POST(self) -> None:
        self._do()

    def _do(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self._fault(body)
        if fault:
            self.server.refused.append(fault)
            self._answer(401, {"error": {"code": "Denied", "message": fault}})
            return
        if self.server.status:
            self._answer(self.server.status, {"error": {"code": "No"}})
            return
        self.taken(json.loads(body or b"{}"))

    def _fault(self, body: bytes) -> str:
        if not any(re.fullmatch(one, self.path) for one in self.paths):
            return "path"
        if self.server.token:
            right = self.headers["Authorization"] == f"Bearer {self.server.token}"
            return "" if right else "token"
        content = base64.b64encode(sha256(body).digest()).decode()
        if self.headers["x-ms-content-sha256"] != content:
            return "content"
        date, host = self.headers["x-ms-date"], self.headers["Host"]
        parsedate_to_datetime(date)
        signature = self.server.sign(f"{self.command}\n{self.path}\n{date};{host};{content}")
        wanted = (
            f"HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}"
        )
        return "" if self.headers["Authorization"] == wanted else "signature"

    def _answer(self, status: int, said: dict[str, Any]) -> None:
        body = b"" if status == 204 else json.dumps(said).encode()
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "17")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's
        """Says nothing."""


class Mails(Azure):
    """Azure's mail service: takes what has the documented fields; a domain that is not connected
    and an address that is none are refused."""

    def __init__(self, key: bytes) -> None:
        super().__init__(key, _MailHandler)
        self.said: list[dict[str, Any]] = []
        self.became = "Running"


class _MailHandler(AzureHandler):
    server: Mails
    paths = (r"/emails:send\?api-version=2023-03-31",)

    def taken(self, said: dict[str, Any]) -> None:
        """Takes a mail."""
        operation = str(UUID(self.headers["Operation-Id"]))
        fields = {"senderAddress", "content", "recipients", "headers", "replyTo", "attachments"}
        assert set(said) <= {*fields, "userEngagementTrackingDisabled"}
        assert set(said["content"]) <= {"subject", "plainText", "html"}
        assert said["content"]["subject"]
        (to,) = said["recipients"]["to"]
        assert set(to) <= {"address", "displayName"}
        if not said["senderAddress"].endswith("@connected.example"):
            self._answer(404, {"error": {"code": "DomainNotLinked", "message": to["address"]}})
            return
        if "@" not in to["address"]:
            self._answer(400, {"error": {"code": "BadRequest", "message": to["address"]}})
            return
        self.server.sent.append((to["address"], said["content"]["plainText"]))
        self.server.said.append(said | {"operation": operation})
        self._answer(202, {"id": operation, "status": self.server.became})


class Calls(Azure):
    """Azure's calling service: a call is connecting until it was asked after `rings` times, takes
    words once it is connected, and is over when it is ended, or when
    who answered `hangs_up` after the words."""

    def __init__(self, key: bytes) -> None:
        super().__init__(key, _CallHandler)
        self.rings = 1
        self.answers = True
        self.asked = 0
        self.state = "unknown"
        self.said: list[dict[str, Any]] = []
        self.spoken: list[dict[str, Any]] = []
        self.ended: list[str] = []
        self.hangs_up = False


class _CallHandler(AzureHandler):
    server: Calls
    paths = (
        r"/calling/callConnections\?api-version=2023-10-15",
        r"/calling/callConnections/call-1(:play|:terminate)?\?api-version=2023-10-15",
    )

    def taken(self, said: dict[str, Any]) -> None:
        """Makes a call, tells of it, speaks or ends it."""
        path, server = self.path.partition("?")[0], self.server
        if path == "/calling/callConnections":
            UUID(self.headers["Repeatability-Request-ID"])
            parsedate_to_datetime(self.headers["Repeatability-First-Sent"])
            (target,) = said["targets"]
            assert set(target) == {"kind", "phoneNumber"}
            assert target["kind"] == "phoneNumber"
            assert said["callbackUri"].startswith("https://")
            assert set(said["callIntelligenceOptions"]) == {"cognitiveServicesEndpoint"}
            if not said["sourceCallerIdNumber"]["value"].startswith("+1202"):
                self._answer(403, {"error": {"code": "No", "message": str(target)}})
                return
            if not target["phoneNumber"]["value"].startswith("+"):
                self._answer(400, {"error": {"code": "No", "message": str(target)}})
                return
            server.said.append(said)
            server.state = "connecting"
            self._answer(201, {"callConnectionId": "call-1", "callConnectionState": "connecting"})
        elif path.endswith(":play"):
            if server.state != "connected":
                self._answer(409, {"error": {"code": "8501"}})
                return
            (source,) = said["playSources"]
            assert set(source) == {"kind", "text"}
            assert source["kind"] == "text"
            server.spoken.append(source["text"])
            server.state = "disconnected" if server.hangs_up else "connected"
            self._answer(202, {})
        elif path.endswith(":terminate"):
            server.ended.append("call-1")
            server.state = "disconnected"
            self._answer(204, {})
        else:
            server.asked += 1
            if server.state == "connecting" and server.asked > server.rings:
                server.state = "connected" if server.answers else "disconnected"
            self._answer(200, {"callConnectionId": "call-1", "callConnectionState": server.state})


class Sms(Azure):
    """Azure's SMS service: version and shape are checked, and a repeatability id is taken once."""

    def __init__(self, key: bytes) -> None:
        super().__init__(key, _SmsHandler)
        self.of_recipient = 202


class _SmsHandler(AzureHandler):
    server: Sms
    paths = (r"/sms\?api-version=2021-03-07",)

    def taken(self, said: dict[str, Any]) -> None:
        """Takes a message."""
        (one,) = said["smsRecipients"]
        assert set(said) == {"from", "smsRecipients", "message", "smsSendOptions"}
        repeated = str(UUID(one["repeatabilityRequestId"]))
        parsedate_to_datetime(one["repeatabilityFirstSent"])
        if repeated not in self.server.taken and self.server.of_recipient == 202:
            self.server.sent.append((one["to"], said["message"]))
        self.server.taken.add(repeated)
        status = self.server.of_recipient
        result = {"to": one["to"], "httpStatusCode": status, "successful": status == 202}
        self._answer(202, {"value": [result]})


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """The server while it runs."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
