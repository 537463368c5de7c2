"""The product as a process of its own, and clients that know nothing of its insides."""

import contextlib
import http.client
import json
import os
import queue
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar
from urllib.parse import urlencode, urlsplit

from portal.settings import ROOT
from tests.integration.contract import Contract

T = TypeVar("T")
DEADLINE_S = 60
POLL_S = 0.02
SERVE = ("app.py",)
Params = Sequence[tuple[str, str]] | Mapping[str, str] | str


def wait_for(what: Callable[[], T | None], seconds: float = DEADLINE_S) -> T:
    """Polls until there is something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(POLL_S)
    raise AssertionError(f"nothing within {seconds} s")


def environment(data: Path, **variables: str) -> dict[str, str]:
    """Development on that data directory, without sample contacts."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONWARNINGS": "error::ResourceWarning",
        "PORT": "0",
        "SWITCHROOM_ENV": "development",
        "SWITCHROOM_SAMPLE": "off",
        "SWITCHROOM_DATA_DIR": str(data),
    } | variables


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Done(NamedTuple):
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


class Product:
    """One data directory, and the processes that work on it."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.out = folder / "server.out"
        self.environment = environment(self.data, **variables)
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.contract: Contract | None = None
        self._tokens: dict[tuple[str, str | None], str] = {}

    def start(self, *command: str) -> "Product":
        """Starts the server and waits until it says where it is."""
        self.launch(*command)
        self.wait_until_up()
        return self

    def launch(self, *command: str) -> "subprocess.Popen[bytes]":
        """Starts the server without waiting."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.out.open("wb") as out, self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *(command or SERVE)],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
            )
        self._tokens.clear()
        return self.process

    def wait_until_up(self) -> None:
        """Waits for the address on standard output."""
        process = self.process
        assert process is not None

        def said() -> str | None:
            text = self.out.read_text()
            assert process.poll() is None, f"ended with {process.returncode}: {self.logged()}"
            found = [line for line in text.splitlines() if line.startswith("Switchroom is at")]
            return found[0] if found and text.endswith("\n") else None

        self.port = int(wait_for(said).rsplit(":", 1)[1])

    def logged(self) -> str:
        """Standard error of every process that served here."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def stop(self, number: int = signal.SIGTERM, seconds: float = DEADLINE_S) -> int:
        """Ends the server; its exit code."""
        process = self.process
        assert process is not None
        if process.poll() is None:
            process.send_signal(number)
        code = process.wait(seconds)
        self.process = None
        return code

    def cpu_seconds(self) -> float:
        """What the running server has used of the processors since its start."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        """Whatever state it is in, nothing runs afterwards."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    # --- HTTP ---------------------------------------------------------------------------

    @contextlib.contextmanager
    def connection(self) -> Iterator[http.client.HTTPConnection]:
        """A connection of its own."""
        with contextlib.closing(
            http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        ) as made:
            yield made

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Params = (),
        token: str | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        chunked: bool = False,
    ) -> Answer:
        """One request; the answer is held to the description."""
        given = {**(headers or {})}
        if token is not None:
            given["Authorization"] = f"Bearer {token}"
        text = urlencode(query) if not isinstance(query, str) else query
        with self.connection() as connection:
            target = f"{path}?{text}" if text else path
            connection.request(method, target, body, given, encode_chunked=chunked)
            response = connection.getresponse()
            answer = Answer(response.status, dict(response.getheaders()), response.read())
        if self.contract is not None:
            media = answer.headers.get("Content-Type", "").partition(";")[0]
            self.contract.check(method, urlsplit(path).path, answer.status, media, answer.body)
        return answer

    def get(self, path: str, person: str | None = None, query: Params = (), **more: Any) -> Answer:
        """GET as a local person."""
        token = self.token(person) if person else None
        return self.ask("GET", path, query=query, token=token, **more)

    def upload(
        self, source: str, body: Any, *, person: str = "oliver.bright", **query: str
    ) -> Answer:
        """An import over HTTP."""
        asked = {"source": source, **query}
        return self.ask("POST", "/api/imports", query=asked, token=self.token(person), body=body)

    def imported(
        self, source: str, body: Any, *, person: str = "oliver.bright", **query: str
    ) -> Any:
        """An import over HTTP, followed to its end."""
        answer = self.upload(source, body, person=person, **query)
        assert answer.status in {200, 202}, answer
        return self.followed(answer.json["id"], person)

    def followed(self, id: str, person: str = "oliver.bright", seconds: float = DEADLINE_S) -> Any:
        """The status of an import that has ended."""

        def ended() -> Any:
            status = self.get(f"/api/imports/{id}", person).json
            return status if status["state"] in {"completed", "failed"} else None

        return wait_for(ended, seconds)

    def token(self, person: str, organization: str | None = None) -> str:
        """A token of a local person."""
        known = self._tokens.get((person, organization))
        if known is None:
            asked = json.dumps({"person": person, "organization": organization})
            answer = self.ask(
                "POST", "/dev/token", body=asked, headers={"Content-Type": "application/json"}
            )
            assert answer.status == 200, answer
            known = self._tokens[person, organization] = str(answer.json["token"])
        return known

    def stream(self, person: str, path: str = "/api/dashboards/live") -> "Stream":
        """An open event stream."""
        return Stream(self.port, self.token(person), path)

    # --- command line -------------------------------------------------------------------

    def command(self, *arguments: str, **variables: str) -> Done:
        """`python -m portal ...` on the same data."""
        done = subprocess.run(
            [sys.executable, "-m", "portal", *arguments],
            cwd=ROOT,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    # --- what lies on the disk ----------------------------------------------------------

    def trail(self, code: str) -> list[dict[str, Any]]:
        """The audit entries of an organisation, read past the product."""
        path = next(self.data.glob("*/switchroom.db"))
        with contextlib.closing(sqlite3.connect(path)) as connection:
            rows = connection.execute(
                "SELECT body FROM documents WHERE kind = 'audit_entry' AND pk LIKE ? ORDER BY id",
                (f"%|{code}",),
            )
            return [json.loads(body) for (body,) in rows]

    def left(self) -> list[Path]:
        """Uploads that lie on the disk."""
        return [path for path in self.data.glob("*/blobs/**/*") if path.is_file()]

    def figures(self, day: str, person: str = "oliver.bright", **query: str) -> dict[str, Any]:
        """The metrics' values of one day."""
        answer = self.get("/api/dashboards/summary", person, {"from": day, **query})
        assert answer.status == 200, answer
        return {name: metric["value"] for name, metric in answer.json["metrics"].items()}


class Stream:
    """An event stream, read by a thread: the lines of each event as they come."""

    def __init__(self, port: int, token: str, path: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
        self._connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        self.response = self._connection.getresponse()
        self._events: queue.Queue[Any] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        data = None
        with contextlib.suppress(OSError, ValueError, http.client.HTTPException, AttributeError):
            while line := self.response.readline():
                if line.startswith(b"data: "):
                    data = json.loads(line[6:])
                elif line == b"\n" and data is not None:
                    self._events.put(data)
                    data = None
        self._events.put(None)

    def next(self, seconds: float = DEADLINE_S) -> Any:
        """The next event's data; None when the stream has ended."""
        return self._events.get(timeout=seconds)

    def close(self) -> None:
        """Hangs up."""
        connected = self._connection.sock
        if connected is not None:
            with contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)
        self._thread.join(DEADLINE_S)
        self.response.close()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
