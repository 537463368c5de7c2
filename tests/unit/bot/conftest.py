from dataclasses import replace
from pathlib import Path

import pytest

from bot.opening import opened
from portal.wiring import Services
from tests.fakes import centre
from tests.unit.bot.helpers import Chat, PeopleAndBoth


@pytest.fixture
def chat(services: Services, tmp_path: Path) -> Chat:
    """Sofia's own chat with the bot; `in_` makes other places of it."""
    people = PeopleAndBoth(services.people)
    made = opened(replace(services, people=people), centre.settings(tmp_path))
    return Chat(made.talk, made.drawer)
