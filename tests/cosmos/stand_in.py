"""The Cosmos DB stand-in as a process: `@vercel/cosmosdb-server`, made strict by server.cjs.

It keeps everything in memory, takes any key and ends with whoever started it.
"""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from azure.cosmos.aio import CosmosClient

from portal.adapters.storage.cosmos.connection import Timeouts, connect
from tests.fakes import tls
from tools import node, packages

HERE = Path(__file__).resolve().parent
START_S = 30.0
KEY = "c3dpdGNocm9vbQ=="
"""Base64 as the client asks; the stand-in compares no keys."""


@dataclass(frozen=True)
class StandIn:
    """A running stand-in: where it is, and the certificate it shows with its key."""

    endpoint: str
    certificate: Path
    process: subprocess.Popen[str]


def client(endpoint: str) -> CosmosClient:
    """The official client of a stand-in, as the product makes it."""
    return connect(endpoint, KEY, Timeouts())


@contextmanager
def running(folder: Path) -> Iterator[StandIn]:
    """A stand-in with nothing in it, its certificate and log in the folder. Installs its package
    when it is not there. Raises AssertionError when it does not start."""
    assert packages.install(HERE) == 0, "the stand-in's package cannot be installed"
    certificate = tls.made(folder, "localhost").server
    with (folder / "cosmos.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [str(node.find()), str(HERE / "server.cjs"), str(certificate), str(certificate)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdin is not None
    assert process.stdout is not None
    alarm = threading.Timer(START_S, process.kill)
    alarm.start()
    try:
        port = process.stdout.readline().strip()
        alarm.cancel()
        assert port, f"the stand-in did not start: {(folder / 'cosmos.log').read_text()}"
        yield StandIn(f"https://127.0.0.1:{port}", certificate, process)
    finally:
        alarm.cancel()
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
