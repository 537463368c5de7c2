"""`python -m bench.turn`: what a turn costs, beside botbuilder as published and the Agents SDK.

Three echo bots in processes of their own take the same messages, one round after the other in
turns; counted is the CPU time of each process (proc(5)), so the load of the machine and the client
do not matter. Everything is as in production but the issuer of keys and the connector, which are
here: each message carries a token signed with RS256, which each bot verifies, and each bot sends
its answer over HTTP. Tokens are new at every turn or, as Teams does it, the same for a while.

    python -m bench.turn [--turns 300] [--rounds 5] [--json FILE] [--agents PYTHON]

Without `--agents` an environment for the Agents SDK is made in .build/agents; when its packages
cannot be had its column is empty.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import venv
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

import aiohttp
import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from bench import turn_world

ROOT: Final = Path(__file__).resolve().parent.parent
AGENTS: Final = (
    "microsoft-agents-hosting-aiohttp==1.9.0",
    "microsoft-agents-hosting-core==1.9.0",
    f"cryptography=={version('cryptography')}",  # without it the SDK refuses every RS256 token
)
AT_ONCE: Final = 8
WARM: Final = 40
OF_STOCK, OF_AGENTS = 0.25, 1.1
OURS, STOCK, AGENTS_SDK = "Switchroom", "botbuilder 4.17.1", "Agents SDK 1.9.0"
FRESH, REPEATED = "a new token each turn", "the same token for a while"


class Teams:
    """Keys, tokens, and a connector that takes everything."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.base = ""
        self.answers = 0

    async def serve(self) -> web.AppRunner:
        """Listens; `base` is the address from then on."""
        application = web.Application()
        application.add_routes(
            [
                web.get("/openid", self._metadata),
                web.get("/keys", self._keys),
                web.post("/{path:v3/.*}", self._take),
            ]
        )
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    async def _metadata(self, _: web.Request) -> web.Response:
        return web.json_response({"jwks_uri": f"{self.base}/keys"})

    async def _keys(self, _: web.Request) -> web.Response:
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        listed = [key | {"kid": "k", "use": "sig", "endorsements": ["msteams"]}]
        return web.json_response({"keys": listed})

    async def _take(self, request: web.Request) -> web.Response:
        said = await request.json()
        assert said["text"].startswith("echo: "), said
        assert request.headers["Authorization"].endswith(turn_world.BOT_TOKEN)
        self.answers += 1
        return web.json_response({"id": f"sent-{self.answers}"}, status=201)

    def token(self, number: int) -> str:
        """A token as the channel signs them; the number makes it another."""
        now = int(time.time())
        claims: dict[str, Any] = {"iss": turn_world.ISSUER, "aud": turn_world.APP}
        claims |= {"iat": now, "nbf": now, "exp": now + 3600, "serviceurl": self.base, "n": number}
        return jwt.encode(claims, self._key, "RS256", headers={"kid": "k"})

    def message(self, number: int) -> bytes:
        """A message as Teams sends it."""
        said = {
            "type": "message",
            "id": f"f:{number}",
            "timestamp": "2026-03-02T10:00:00.000Z",
            "localTimestamp": "2026-03-02T11:00:00.000+01:00",
            "localTimezone": "Europe/Berlin",
            "channelId": "msteams",
            "serviceUrl": self.base,
            "from": {"id": "29:somebody", "name": "Sofia Lindqvist", "aadObjectId": "b" * 36},
            "recipient": {"id": f"28:{turn_world.APP}", "name": "Switchroom"},
            "conversation": {
                "id": "a:chat",
                "conversationType": "personal",
                "tenantId": turn_world.TENANT,
            },
            "channelData": {"tenant": {"id": turn_world.TENANT}},
            "entities": [{"type": "clientInfo", "locale": "en-GB", "country": "GB"}],
            "locale": "en-GB",
            "text": f"dashboard billing yesterday {number}",
            "textFormat": "plain",
        }
        return json.dumps(said).encode()


class Served(NamedTuple):
    """A bot's process."""

    name: str
    process: Process
    url: str

    def cpu_seconds(self) -> float:
        """User and system time so far (proc(5), fields 14 and 15 of stat)."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8")
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def served(name: str, command: Sequence[str], teams: Teams) -> AsyncIterator[Served]:
    """A bot that is ready."""
    words = [*command, f"{teams.base}/openid", f"{teams.base}/keys"]
    process = await asyncio.create_subprocess_exec(*words, stdout=PIPE, cwd=ROOT)
    try:
        assert process.stdout is not None
        port = json.loads(await process.stdout.readline())["port"]
        yield Served(name, process, f"http://127.0.0.1:{port}{turn_world.PATH}")
    finally:
        process.kill()
        await process.wait()


class Sender:
    """Sends messages with numbers that never come again."""

    def __init__(self, teams: Teams, session: aiohttp.ClientSession) -> None:
        self._teams = teams
        self._session = session
        self._number = 0

    async def cost(self, bot: Served, turns: int, *, fresh: bool) -> float:
        """CPU milliseconds of the bot for a turn."""
        numbers = range(self._number, self._number + turns)
        self._number += turns
        tokens = [self._teams.token(n if fresh else -1) for n in (numbers if fresh else [0])]
        left = iter(list(enumerate(numbers)))
        before, answered = bot.cpu_seconds(), self._teams.answers

        async def send() -> None:
            for index, number in left:
                headers = {
                    "Authorization": f"Bearer {tokens[index % len(tokens)]}",
                    "Content-Type": "application/json",
                }
                body = self._teams.message(number)
                async with self._session.post(bot.url, data=body, headers=headers) as answer:
                    assert answer.status in {200, 201, 202}, (bot.name, await answer.text())

        await asyncio.gather(*(send() for _ in range(AT_ONCE)))
        assert self._teams.answers - answered == turns, bot.name
        return (bot.cpu_seconds() - before) * 1000 / turns


async def measure(turns: int, rounds: int, agents: str | None) -> dict[str, dict[str, list[float]]]:
    """Milliseconds by kind of token, bot and round."""
    commands = {
        OURS: [sys.executable, "-m", "bench.turn_ours"],
        STOCK: [sys.executable, "-m", "bench.turn_stock"],
    }
    if agents:
        commands[AGENTS_SDK] = [agents, str(ROOT / "bench" / "turn_agents.py")]
    teams = Teams()
    runner = await teams.serve()
    found: dict[str, dict[str, list[float]]] = {FRESH: {}, REPEATED: {}}
    async with AsyncExitStack() as stack, aiohttp.ClientSession() as session:
        bots = [
            await stack.enter_async_context(served(name, command, teams))
            for name, command in commands.items()
        ]
        sender = Sender(teams, session)
        for bot in bots:
            await sender.cost(bot, WARM, fresh=True)
        for _ in range(rounds):
            for kind, costs in found.items():
                for bot in bots:
                    cost = await sender.cost(bot, turns, fresh=kind == FRESH)
                    costs.setdefault(bot.name, []).append(cost)
    await runner.cleanup()
    return found


def agents_python() -> str | None:
    """A Python with the Agents SDK, made when there is none; None when it cannot be had."""
    folder = ROOT / ".build" / "agents"
    python, complete = folder / "bin" / "python", folder / "complete"
    if not complete.exists() or complete.read_text(encoding="utf-8") != "\n".join(AGENTS):
        venv.create(folder, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", *AGENTS]
        if subprocess.run(command, check=False).returncode:
            return None
        complete.write_text("\n".join(AGENTS), encoding="utf-8")
    return str(python)


def report(found: dict[str, dict[str, list[float]]]) -> dict[str, Any]:
    """Medians, ratios of medians, and whether the goals are met."""
    lines: dict[str, Any] = {}
    for kind, costs in found.items():
        medians = {name: statistics.median(values) for name, values in costs.items()}
        ours = medians[OURS]
        line: dict[str, Any] = {
            "cpu_ms_per_turn": {name: round(value, 3) for name, value in medians.items()},
            "spread_ms": {name: [round(min(v), 3), round(max(v), 3)] for name, v in costs.items()},
            "of_stock": round(ours / medians[STOCK], 3),
            "of_stock_goal": OF_STOCK,
            "of_stock_met": ours <= OF_STOCK * medians[STOCK],
        }
        if AGENTS_SDK in medians:
            line["of_agents"] = round(ours / medians[AGENTS_SDK], 3)
            line["of_agents_goal"] = OF_AGENTS
            line["of_agents_met"] = ours <= OF_AGENTS * medians[AGENTS_SDK]
        lines[kind] = line
    return lines


def main() -> int:
    """The exit code: 0 when every goal that could be measured is met."""
    parser = argparse.ArgumentParser(description="What a turn of the bot costs.")
    parser.add_argument("--turns", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--agents")
    asked = parser.parse_args()
    agents = asked.agents or agents_python()
    lines = report(asyncio.run(measure(asked.turns, asked.rounds, agents)))
    machine = {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": sys.version.split()[0],
        "turns": asked.turns,
        "rounds": asked.rounds,
    }
    text = json.dumps({"machine": machine, "echo_turn": lines}, indent=2)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n", encoding="utf-8")
    goals = [line[name] for line in lines.values() for name in line if name.endswith("_met")]
    return 0 if all(goals) else 1


if __name__ == "__main__":
    sys.exit(main())
