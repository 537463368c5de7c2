"""The Blob Storage stand-in as a process: Azurite, its files in a folder of the test's own.

It is reached over TLS and with tokens, as the service is: it checks their audience, issuer and
lifetime, and not their signature.
"""

import base64
import json
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from azure.core.credentials import AccessToken

from tests.fakes import tls
from tools import node, packages

HERE = Path(__file__).resolve().parent
CLI = HERE / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
START_S = 30.0
ACCOUNT = "switchroomtests"
KEY = "c3dpdGNocm9vbS1henVyaXRlLXRlc3Qta2V5"
AUDIENCE = "https://storage.azure.com"


@dataclass(frozen=True)
class StandIn:
    """A running stand-in, and what its clients need to trust it."""

    endpoint: str
    options: Mapping[str, Any]

    def container(self, name: str) -> str:
        """The address of a container."""
        return f"{self.endpoint}/{name}"


class Identity:
    """A credential as the SDK wants it, with a token that lives from `begin` for an hour."""

    def __init__(self, *, begins_in_s: float = -60, audience: str = AUDIENCE) -> None:
        self._begins_in_s = begins_in_s
        self._audience = audience

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        assert scopes == (f"{AUDIENCE}/.default",)
        begin = int(time.time() + self._begins_in_s)
        claims = {"iat": begin, "nbf": begin, "exp": begin + 3600, "aud": self._audience}
        claims["iss"] = "https://sts.windows.net/6f2b1d0c-7c1e-4f0e-9a55-0d5f2c3b4a10/"
        parts = ({"alg": "RS256", "typ": "JWT"}, claims)
        token = ".".join(_part(json.dumps(one).encode()) for one in parts)
        return AccessToken(f"{token}.{_part(b'not looked at')}", int(time.time()) + 3600)

    async def close(self) -> None:
        pass

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@contextmanager
def running(folder: Path) -> Iterator[StandIn]:
    """A stand-in with nothing in it. Installs its package when it is not there. Raises
    AssertionError when it does not start."""
    assert packages.install(HERE) == 0, "the stand-in's package cannot be installed"
    trusted = tls.made(folder, "localhost")
    words = [str(node.find()), str(CLI), "--blobHost", "127.0.0.1", "--blobPort", "0"]
    words += ["--oauth", "basic", "--cert", str(trusted.server), "--key", str(trusted.server)]
    process = subprocess.Popen(
        [*words, "-l", str(folder), "--skipApiVersionCheck", "--disableTelemetry", "--silent"],
        env={"AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}", "HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    giving_up = threading.Timer(START_S, process.kill)
    giving_up.start()
    try:
        endpoint = _address(process)
        giving_up.cancel()
        options = {"connection_verify": str(trusted.authority)}
        yield StandIn(f"{endpoint}/{ACCOUNT}", options)
    finally:
        giving_up.cancel()
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _address(process: subprocess.Popen[str]) -> str:
    """Where it says that it listens."""
    assert process.stdout is not None
    for line in process.stdout:
        if "successfully" in line:
            return f"https://localhost:{line.rstrip().rpartition(':')[2]}"
    raise AssertionError("the stand-in did not start")
