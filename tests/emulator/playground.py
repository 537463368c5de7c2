"""The Teams client emulator as a process, and a client of its HTTP interface.

The emulator is `@microsoft/m365agentsplayground`, locked in package-lock.json beside this file. It
plays the people of `.m365agentsplayground.yml`: user-id-0 is Sofia Lindqvist, a supervisor.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tools import node, packages

HERE = Path(__file__).resolve().parent
CONFIGURATION = ".m365agentsplayground.yml"
CLI = HERE / "node_modules" / "@microsoft" / "m365agentsplayground" / "cli.js"
START_S = 30.0
REPLY_S = 15.0
SUPERVISOR, AGENT, REPRESENTATIVE = "user-id-0", "user-id-1", "user-id-2"
PERSONAL, GROUP, CHANNEL = "personal-chat", "group-chat", "channel-service"
BOT = {"id": "28:switchroom", "name": "Switchroom"}
CARD = "application/vnd.microsoft.card.adaptive"


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(endpoint: str, folder: Path) -> Iterator[str]:
    """The emulator, started in the folder against the bot at `endpoint`; its address. Installs its
    package when it is not there."""
    assert packages.install(HERE) == 0, "the emulator's package cannot be installed"
    shutil.copy(HERE / CONFIGURATION, folder)
    port = free_port()
    words = [str(node.find()), str(CLI), "start", "-e", endpoint, "-c", "msteams"]
    process = subprocess.Popen(
        [*words, "-p", str(port), "--disable-telemetry"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TEAMSAPPTESTER_BROWSER": "none"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(process, f"http://127.0.0.1:{port}/_internal/v1/config")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    """Until it answers. Its own words about a bad configuration are in devTools/*.log."""
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - loopback
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the emulator did not start")


class Client:
    """One who uses the emulated Teams. `seen` is everything the bot wrote, in order, `connector`
    where it writes."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base
        self.connector = f"{base}/_connector"
        self._news = asyncio.Event()
        self.seen: list[dict[str, Any]] = []

    async def listen(self, stream: aiohttp.ClientWebSocketResponse) -> None:
        """Keeps what the stream brings, until it ends."""
        async for one in stream:
            told = one.json()
            if told.get("message", {}).get("from", {}).get("id") == BOT["id"]:
                self.seen.append(told)
                self._news.set()

    async def say(self, text: str, where: str = PERSONAL, who: str = SUPERVISOR) -> None:
        """Writes to the bot; in a group or channel with a mention of it."""
        said: dict[str, Any] = {"from": {"id": who}, "text": text, "textFormat": "plain"}
        if where != PERSONAL:
            mention = f"<at>{BOT['name']}</at>"
            said["text"] = f"{mention} {text}"
            said["mentions"] = [{"type": "mention", "mentioned": BOT, "text": mention}]
        await self._post(f"_conversation/v1/conversations/{where}/messages", said)

    async def install(self, where: str = PERSONAL) -> None:
        """Adds the bot."""
        await self._post(f"_debug/conversation/{where}/installation", {})

    async def press(
        self, message: dict[str, Any], action: dict[str, Any], *, automatic: bool = False
    ) -> dict[str, Any]:
        """Chooses an Action.Execute of a card; the answer of the invoke."""
        asked = {
            "name": "adaptiveCard/action",
            "from": {"id": SUPERVISOR},
            "conversation": {"id": message["actionConversationId"]},
            "replyToId": message["message"]["messageId"],
            "value": {"action": action, "trigger": "automatic" if automatic else "manual"},
        }
        return await self._post("_conversation/v1/invoke", asked)

    async def search(self, command: str, text: str) -> dict[str, Any]:
        """Types into the message extension; the answer of the invoke."""
        asked = {
            "name": "composeExtension/query",
            "from": {"id": SUPERVISOR},
            "conversation": {"id": PERSONAL},
            "value": {"commandId": command, "parameters": [{"name": "search", "value": text}]},
        }
        return await self._post("_conversation/v1/invoke", asked)

    async def reply(
        self, is_it: Callable[[dict[str, Any]], bool] = lambda _: True
    ) -> dict[str, Any]:
        """The first message of the bot of that kind, awaited."""
        async with asyncio.timeout(REPLY_S):
            while True:
                found = next((one for one in self.seen if is_it(one)), None)
                if found is not None:
                    return found
                self._news.clear()
                await self._news.wait()

    async def card(self, where: str = PERSONAL) -> tuple[dict[str, Any], dict[str, Any]]:
        """The first message in that place that is a card, and the card."""
        message = await self.reply(lambda one: card_of(one) is not None and place_of(one) == where)
        card = card_of(message)
        assert card is not None
        return message, card

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self._session.post(f"{self._base}/{path}", json=body) as answer:
            text = await answer.text()
            assert answer.status == 200, text
            return await answer.json() if text else {}


def card_of(message: dict[str, Any]) -> dict[str, Any] | None:
    """The adaptive card of a message, or None."""
    attached = message["message"].get("attachments") or []
    return next((one["content"] for one in attached if one["contentType"] == CARD), None)


def place_of(message: dict[str, Any]) -> str:
    """The conversation of a message; a thread is that of its channel."""
    return str(message["actionConversationId"]).partition(";")[0]


@asynccontextmanager
async def client(base: str) -> AsyncIterator[Client]:
    """A client that hears what the bot writes."""
    async with aiohttp.ClientSession() as session:
        path = "_ws_conversation/v1/conversations/stream"
        async with session.ws_connect(f"{base}/{path}") as stream:
            made = Client(session, base)
            hearing = asyncio.create_task(made.listen(stream))
            yield made
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
