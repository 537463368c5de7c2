from dataclasses import replace
from pathlib import Path

import pytest

from bot.opening import opened
from portal.domain.access.rules import act
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.setting_up import accepted
from tests.unit.bot.helpers import BOTH, Chat, PeopleAndBoth


@pytest.fixture
async def chat(services: Services, tmp_path: Path) -> Chat:
    """Sofia's own chat with the bot; `in_` makes other places of it."""
    people = PeopleAndBoth(services.people)
    both = await people.find(BOTH)
    assert both is not None
    for code in both.holdings:
        await accepted(services, act(both, code))
    made = opened(replace(services, people=people), centre.settings(tmp_path))
    return Chat(made.talk, made.drawer)
