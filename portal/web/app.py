"""The HTTP application: routes, guards and middleware around the services."""

import asyncio

from aiohttp import web

from portal.settings import Settings
from portal.web import routes, static
from portal.web.draining import Running
from portal.web.exchange import (
    CONFIRMED,
    MEASURES,
    METRICS,
    REMEMBERED,
    RUNNING,
    SCRAPER,
    SERVICES,
    SETTINGS,
    STARTED,
    STOPPING,
    TAGS,
    TRACER,
)
from portal.web.middleware import add_headers, around
from portal.web.remembering import Confirmed, Remembered, Tags
from portal.web.scraping import Metrics
from portal.wiring import Services


def create(services: Services, settings: Settings) -> web.Application:
    """The application; it does not own the services. Whoever runs it sets STARTED when the work
    of starting is done. In a process that is not `web` it says how the process is, no more."""
    application = web.Application(middlewares=[around])
    application[SERVICES] = services
    application[SETTINGS] = settings
    application[STARTED] = asyncio.Event()
    application[STOPPING] = asyncio.Event()
    application[REMEMBERED] = Remembered()
    application[CONFIRMED] = Confirmed()
    application[TAGS] = Tags()
    application[RUNNING] = Running()
    application[MEASURES] = services.measures
    if services.tracer is not None:
        application[TRACER] = services.tracer
    application[METRICS] = Metrics(services.measures, settings.roles, settings.region)
    application[SCRAPER] = settings.scraper_token()
    application.on_response_prepare.append(add_headers)
    if settings.does("web"):
        application.add_routes(routes.routes(development=settings.is_development))
        application.add_routes(static.routes(development=settings.is_development))
    else:
        application.add_routes(routes.of_every_role())
    return application


async def drain(application: web.Application, seconds: float) -> bool:
    """Tells event streams and readiness that the process stops, and waits for running requests;
    False when some still run after that many seconds. Close the listening sockets before."""
    application[STOPPING].set()
    return await application[RUNNING].finished(seconds)
