"""What the echo bots of `bench.turn` share: the ids, the addresses they are given, how they say
their port. Imports nothing of the project, because other environments run it too."""

import json
import sys
from typing import Any, NamedTuple

APP = "11111111-2222-4333-8444-555555555555"
TENANT = "66666666-7777-4888-9999-000000000000"
BOT_TOKEN = "a token that somebody got before"
ISSUER = "https://api.botframework.com"
PATH = "/api/messages"


class Places(NamedTuple):
    """Where the signing keys are."""

    metadata_url: str
    keys_url: str


def places() -> Places:
    """From the command line."""
    return Places(*sys.argv[1:3])


def say_port(port: int) -> None:
    """Tells whoever started this process that it listens."""
    sys.stdout.write(json.dumps({"port": port}) + "\n")
    sys.stdout.flush()


async def listen(application: Any) -> None:
    """Serves the aiohttp application on a free loopback port until the process is ended."""
    import asyncio

    from aiohttp import web

    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    say_port(runner.addresses[0][1])
    await asyncio.Event().wait()
