"""Switchroom in one process: settings, services, then the HTTP interface with the tab.

`python app.py`, or the same as `python -m portal serve`. Exit code 2 says that the settings are
wrong and 1 that the address is taken; SIGTERM and SIGINT stop it gracefully: no new requests, the
running ones and the accepted work are finished, the stores are closed.
"""

import asyncio
import logging
import signal
import sys
from typing import TYPE_CHECKING

from portal import logs
from portal.settings import Settings, SettingsError, unknown_variables

if TYPE_CHECKING:
    from aiohttp import web

FLUSH_SECONDS = 5
"""For answers that are ready to reach clients that read slowly."""

LOGGER = logging.getLogger("app")


async def serve(settings: Settings) -> int:
    """Runs until a signal; the exit code."""
    # Imported here so that wrong settings are told before the frameworks are loaded.
    from aiohttp import web

    from portal import seeding, wiring
    from portal.web import app
    from portal.worker import Worker

    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    services = await wiring.build(settings)
    worker = Worker(services.imports)
    background = [worker.start()]
    try:
        if settings.sample == "on":
            seed = asyncio.create_task(seeding.seed(services), name="sample")
            background.append(seed)
            if await seeding.is_first(services):
                await _either(seed, stop)
        application = app.create(services, settings)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=FLUSH_SECONDS)
        await runner.setup()
        try:
            port = await _listen(runner, settings)
            if port is None:
                return 1
            await stop.wait()
            logs.event(LOGGER, logging.INFO, "stopping")
            for site in runner.sites:
                await site.stop()
            if not await app.drain(application, settings.shutdown_seconds):
                logs.event(LOGGER, logging.WARNING, "running requests were cut off")
        finally:
            await runner.cleanup()
    finally:
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        await services.close()
    logs.event(LOGGER, logging.INFO, "stopped")
    return 0


async def _either(task: "asyncio.Task[None]", stop: asyncio.Event) -> None:
    """Waits for the task, or for the signal to stop. Raises what the task raises."""
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if task.done():
        task.result()


async def _listen(runner: "web.AppRunner", settings: Settings) -> int | None:
    """Opens the address and says where it is; None when it cannot be opened."""
    from aiohttp import web

    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        sys.stderr.write(f"Switchroom cannot listen on {settings.host}:{settings.port}: {reason}\n")
        return None
    port = int(runner.addresses[0][1])
    shown = "localhost" if settings.host in {"127.0.0.1", "::1"} else settings.host
    sys.stdout.write(f"Switchroom is at http://{shown}:{port}\n")
    sys.stdout.flush()
    logs.event(LOGGER, logging.INFO, "listening", port=port, environment=settings.env)
    return port


def main() -> int:
    """The exit code of the process."""
    try:
        settings = Settings.load()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    logs.configure(settings.log_level, readable=None if settings.is_development else False)
    for name in unknown_variables():
        logs.event(LOGGER, logging.WARNING, "unknown setting ignored", setting=name)
    return asyncio.run(serve(settings))


if __name__ == "__main__":
    sys.exit(main())
