"""The official Key Vault client for JavaScript, as a process that asks the stand-in."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.vault.stand_in import VaultStandIn
from tools import node, packages

HERE = Path(__file__).resolve().parent
SECONDS = 60


class Told(NamedTuple):
    """What each step gave or how it was refused, and what tokens were asked for."""

    answers: list[dict[str, Any]]
    scopes: list[Any]

    def gave(self, place: int) -> Any:
        """What that step gave; AssertionError when it was refused."""
        assert "gave" in self.answers[place], self.answers[place]
        return self.answers[place]["gave"]

    def refused(self, place: int) -> dict[str, Any]:
        """How that step was refused."""
        refused: dict[str, Any] = self.answers[place]["refused"]
        return refused


class SecondClient(NamedTuple):
    """The client, installed; see client.mjs for the steps it knows."""

    program: Path

    async def ask(self, vault: VaultStandIn, *steps: tuple[Any, ...]) -> Told:
        """Does the steps in turn, in a process that ends with them."""
        asked = {
            "url": vault.url,
            "port": vault.port,
            "authority": str(vault.authority),
            "token": vault.token().token,
            "steps": steps,
        }
        process = await asyncio.create_subprocess_exec(
            self.program,
            HERE / "client.mjs",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(SECONDS):
                out, err = await process.communicate(json.dumps(asked).encode())
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0, err.decode()
        return Told(**json.loads(out))


@contextmanager
def installed() -> Iterator[SecondClient]:
    """Installs its packages when they are not there. AssertionError when they cannot be had."""
    assert packages.install(HERE) == 0, "the client's packages cannot be installed"
    yield SecondClient(node.find())
