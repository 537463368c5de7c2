"""The bot's conversation, put together from the services of this process."""

from typing import NamedTuple

from bot.askings import AskingDrawer
from bot.channel.turn import Teams
from bot.context import Desk
from bot.links import Links
from bot.notices import Drawer
from bot.references import References
from bot.talk import Talk
from bot.tellings import Teller
from bot.writing import Writer
from portal.domain.alerts.places import Places
from portal.settings import Settings
from portal.wiring import Services


class Opened(NamedTuple):
    """The conversation, and what draws messages for the worker: of alerts, of incidents, of
    communications, of requests to see identities."""

    talk: Talk
    drawer: Drawer
    teller: Teller
    writer: Writer
    askings: AskingDrawer


def opened(services: Services, settings: Settings, teams: Teams | None = None) -> Opened:
    """The conversation on these services. Without `teams` no file is fetched, and nobody is let in
    for being of the tenant."""
    references = References(services.directory, services.clock)
    here = f"http://localhost:{settings.port}" if settings.is_development else ""
    links = Links(settings.teams_app_id, settings.public_url or here)
    drawer = Drawer(references, links, services.clock)
    desk = Desk(
        people=services.people,
        newcomers=services.newcomers,
        organizations=services.directory,
        dashboards=services.dashboards,
        views=services.views,
        management=services.management,
        break_glass=services.break_glass,
        alerts=services.alerts,
        notices=services.notices,
        conversations=services.conversations,
        places=Places(
            services.directory, services.documents, services.activities, services.conversations
        ),
        activities=services.activities,
        incidents=services.incidents,
        handling=services.handling,
        copies=services.incident_copies,
        evidence=services.evidence,
        drafts=services.drafts,
        references=references,
        links=links,
        refusals=services.refusals,
        verification=services.setting_up.verification,
        policies=services.setting_up.policies,
        setup=services.setting_up.setup,
        informing=services.informing,
        clock=services.clock,
        teams=teams,
    )
    askings = AskingDrawer(references, links)
    teller = Teller(references, links, services.clock)
    return Opened(Talk(desk, drawer, askings), drawer, teller, Writer(desk), askings)
