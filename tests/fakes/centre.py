"""The services on a store with one day of sample contacts, at a moment that tests decide."""

import asyncio
import io
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from portal import wiring
from portal.domain.access.model import Actor, Person, Role
from portal.domain.access.rules import act, acting_as
from portal.domain.alerts.model import Notice
from portal.domain.alerts.ports import Gone, Message
from portal.domain.contacts.imports import Wanted
from portal.sample import generate
from portal.sample.organizations import QUEUE_NAMES
from portal.settings import Settings
from portal.wiring import Services
from tests.fakes.clock import NOON_MS, StandingClock

DAY_MS = 24 * 3600 * 1000
NOW_MS = NOON_MS + 3 * DAY_MS + 2 * 3600 * 1000
"""2026-10-28T14:00:00Z, a Wednesday."""


def settings(folder: Path) -> Settings:
    """Development on that folder, without sample contacts of its own."""
    return Settings(
        env="development",
        region="eu",
        data_dir=folder / "data",
        key_file=folder / "data.key",
        sample="off",
    )


async def services(folder: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch) -> Services:
    """The services of that folder at the clock's moment."""
    monkeypatch.setattr(wiring, "SystemClock", lambda: clock)
    return await wiring.build(settings(folder))


async def fill(folder: Path) -> None:
    """Imports the day of NOW_MS and the day before for both organisations into an empty folder."""
    with pytest.MonkeyPatch.context() as patch:
        built = await services(folder, StandingClock(NOW_MS), patch)
        for code in ("harbour", "juniper"):
            actor = acting_as(Role.OPERATOR, "sample", "Sample", code)
            for day in generate.days(code, until_ms=NOW_MS)[-2:]:
                for file in generate.files(code, day, until_ms=NOW_MS):
                    wanted = Wanted(
                        file.source, file.name, tuple(sorted(file.queue_extensions)), settle=False
                    )
                    content = io.BytesIO(file.content)
                    await built.imports.import_file(wanted, content, len(file.content), actor=actor)
            for source in ("amazon-connect", "genesys", "teams", "three-cx"):
                await built.imports.name_queues(source, QUEUE_NAMES[code], actor=actor)
            await built.imports.settle(actor=actor)
        await built.close()


def filled(folder: Path) -> Path:
    """A folder that `fill` has filled; to be copied."""
    asyncio.run(fill(folder))
    return folder


def copied(template: Path, folder: Path) -> Path:
    """The filled folder again, to be changed."""
    shutil.copytree(template, folder, dirs_exist_ok=True)
    return folder


async def actor(built: Services, slug: str, organization: str | None = None) -> Actor:
    """A local person in an organisation, their home by default."""
    person = await built.people.find(slug)
    assert isinstance(person, Person)
    return act(person, organization or person.organizations[0])


class Killed(BaseException):
    """The process ends here."""


class Ledger:
    """A messenger that writes down what reaches Teams. `trouble` is raised instead of the next
    answers; `after` is raised when the message was taken already."""

    def __init__(self) -> None:
        self.visible: dict[str, dict[str, Any]] = {}
        self.trouble: list[BaseException] = []
        self.after: list[BaseException] = []
        self.left: set[str] = set()
        self.gone: set[str] = set()

    async def send(self, reference: Any, card: Any, text: str) -> str:
        if self.trouble:
            raise self.trouble.pop(0)
        if reference["conversation"] in self.gone:
            raise Gone
        id = f"m{len(self.visible) + 1}"
        self.visible[id] = {"to": reference["conversation"], "card": card, "text": text}
        if self.after:
            raise self.after.pop(0)
        return id

    async def update(self, reference: Any, activity_id: str, card: Any, text: str) -> None:
        self.visible[activity_id] |= {"card": card, "text": text}

    async def is_member(self, reference: Any, aad_object_id: str) -> bool:
        return aad_object_id not in self.left


class PlainComposer:
    """Draws nothing but which message it is."""

    async def compose(self, notice: Notice) -> Message:
        return Message({"id": notice.delivery.id}, notice.queue_name)


def texts(value: Any) -> Sequence[str]:
    """Every text that a card shows, in order."""
    found: list[str] = []
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in {"text", "title", "label"} and isinstance(inner, str):
                found.append(inner)
            else:
                found += texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            found += texts(inner)
    return found
