"""The least that the web framework can do: the same short answer to everything, on a free port.

What it reaches is the ceiling for any answer of the product in the same run.
"""

import asyncio

from aiohttp import web


async def reply(_: web.Request) -> web.Response:
    """A static answer."""
    return web.Response(body=b"ok")


async def main() -> None:
    """Serves until it is ended; says its port first."""
    application = web.Application()
    application.router.add_get("/", reply)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"listening at http://localhost:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
