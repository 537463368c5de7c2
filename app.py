"""Switchroom in one process: settings, services, then the HTTP interface with tab and bot.

Or in several that share a store, each with one part of that: SWITCHROOM_ROLES.

`python app.py`, or the same as `python -m portal serve`. Exit code 2 says that the settings are
wrong, 1 that the address is taken or the store cannot be opened. SIGTERM and SIGINT stop it
gracefully: no new requests, the running ones and the batch of an import that is being written are
finished, the stores are closed; the next start goes on behind that batch.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from portal import logs
from portal.domain.shared.errors import Unavailable
from portal.settings import Settings, SettingsError, unknown_variables

if TYPE_CHECKING:
    from aiohttp import web

    from bot.channel.channel import Channel
    from bot.opening import Opened
    from portal.telemetry.azure import ApplicationInsights
    from portal.wiring import Services

FLUSH_SECONDS = 5
"""For answers that are ready to reach clients that read slowly."""

LOGGER = logging.getLogger("app")


async def serve(settings: Settings) -> int:
    """Runs until a signal; the exit code. Raises Unavailable when the store cannot be opened."""
    # Imported here so that wrong settings are told before the frameworks are loaded.
    from portal import wiring
    from portal.worker import LagWatch, RefusalWorker

    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    services = await wiring.build(settings)
    insights = _insights(services, settings)
    if insights is not None:
        services = replace(services, tracer=insights.tracer)
    bot = _bot(services, settings)
    closes = settings.does("worker")
    work = [
        LagWatch(services.measures).start(),
        RefusalWorker(services.refusals, services.clock, closes=closes).start(),
    ]
    if settings.does("worker"):
        work += _work(services, bot)
    try:
        code = await _answer(services, settings, stop, work, bot)
    finally:
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        if bot is not None:
            await bot[0].close()
        await services.close()
        if insights is not None:
            await asyncio.to_thread(insights.close)
    logs.event(LOGGER, logging.INFO, "stopped")
    return code


def _work(services: "Services", bot: "tuple[Channel, Opened] | None") -> "list[asyncio.Task[None]]":
    """What a process does unasked."""
    from portal.domain.incidents.sending import Teams
    from portal.worker import (
        AlertWorker,
        BreakGlassWorker,
        ErasureWorker,
        ForwardWorker,
        IncidentWorker,
        MessageWorker,
        Worker,
    )

    sending = services.sending(bot[0].messenger, bot[1].drawer) if bot else None
    measures = services.measures
    alerts = AlertWorker(services.evaluation, sending, services.clock, measures)
    reports = services.incident_sending(Teams(bot[0].messenger, bot[1].teller) if bot else None)
    incidents = IncidentWorker(services.escalation, reports, services.clock, services.evidence)
    setting_up = services.setting_up
    chats = services.chats(bot[0].messenger, bot[1].writer) if bot else None
    messages = MessageWorker(
        setting_up.messages(chats),
        setting_up.policies,
        setting_up.renewal,
        services.reminding,
        services.clock,
    )
    imports = Worker(services.imports, measures, services.tracer)
    forwards = ForwardWorker(services.forwarding())
    erasures = ErasureWorker(services.erasures)
    unasked = (imports, alerts, incidents, forwards, messages, erasures)
    work = [one.start() for one in unasked]
    if bot is not None:
        telling = services.break_glass_telling(bot[0].messenger, bot[1].askings)
        work.append(BreakGlassWorker(telling).start())
    return work


def _insights(services: "Services", settings: Settings) -> "ApplicationInsights | None":
    """What sends telemetry away; None without an address for it."""
    connection = settings.application_insights()
    if not connection:
        return None
    from portal.telemetry.azure import ApplicationInsights, identity
    from portal.telemetry.metrics import resource

    return ApplicationInsights(
        connection,
        services.measures,
        resource(settings.roles, settings.region),
        traces_a_second=settings.traces_per_second,
        credential=None if settings.is_development else identity(),
    )


def _bot(services: "Services", settings: Settings) -> "tuple[Channel, Opened] | None":
    """The bot's channel, taking turns, and its conversation; None when the bot is off, or when
    this process has nothing to say in Teams."""
    if settings.bot == "off" or settings.roles == "web":
        return None
    from bot.channel import channel
    from bot.opening import opened

    teams = channel.create(
        settings,
        services.clock,
        secrets=services.stores.secrets,
        measures=services.measures,
        refusals=services.refusals,
    )
    conversation = opened(services, settings, teams)
    teams.start(conversation.talk)
    return teams, conversation


async def _answer(
    services: "Services",
    settings: Settings,
    stop: asyncio.Event,
    work: "list[asyncio.Task[None]]",
    bot: "tuple[Channel, Opened] | None",
) -> int:
    """Answers requests until `stop` is set, and finishes those that have begun."""
    from aiohttp import web

    from portal.web import app

    application = app.create(services, settings)
    if bot is not None and settings.does("bot"):
        application.router.add_post("/api/messages", bot[0].handle, name="messages")
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=FLUSH_SECONDS)
    await runner.setup()
    try:
        address = await _listen(runner, settings)
        if address is None:
            return 1
        work.append(asyncio.create_task(_begin(services, settings, application, address)))
        await stop.wait()
        logs.event(LOGGER, logging.INFO, "stopping")
        for site in runner.sites:
            await site.stop()
        if not await app.drain(application, settings.shutdown_seconds):
            logs.event(LOGGER, logging.WARNING, "running requests were cut off")
    finally:
        await runner.cleanup()
    return 0


async def _begin(
    services: "Services", settings: Settings, application: "web.Application", address: str
) -> None:
    """The work of starting, then the word that people may come. Sample data is complete before the
    first word; later starts bring it up to the present beside their work."""
    from portal import seeding
    from portal.web.exchange import STARTED

    wanted = settings.sample == "on"
    try:
        if wanted and await seeding.is_first(services):
            await seeding.seed(services)
            wanted = False
        application[STARTED].set()
        sys.stdout.write(f"Switchroom is at {address}\n")
        sys.stdout.flush()
        if wanted:
            await seeding.seed(services)
    except Exception as error:  # noqa: BLE001 - without sample data the rest still serves
        logs.event(LOGGER, logging.ERROR, "sample data could not be imported", error=error)
        application[STARTED].set()


async def _listen(runner: "web.AppRunner", settings: Settings) -> str | None:
    """Opens the address and answers it; None when it cannot be opened."""
    from aiohttp import web

    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        sys.stderr.write(f"Switchroom cannot listen on {settings.host}:{settings.port}: {reason}\n")
        return None
    port = int(runner.addresses[0][1])
    shown = "localhost" if settings.host in {"127.0.0.1", "::1"} else settings.host
    logs.event(LOGGER, logging.INFO, "listening", port=port, environment=settings.env)
    return f"http://{shown}:{port}"


def event_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the event loop: uvloop where there is one, a third cheaper a request."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


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
    try:
        with asyncio.Runner(loop_factory=event_loop()) as runner:
            return runner.run(serve(settings))
    except Unavailable as error:
        sys.stderr.write(f"Switchroom cannot start: {error.message}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
