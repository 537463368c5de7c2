"""Background work: reads accepted uploads, and takes up those that a killed process left."""

import asyncio
import logging

from portal import logs
from portal.domain.contacts.service import Imports
from portal.domain.shared.errors import Conflict

LOGGER = logging.getLogger(__name__)
LOOK_SECONDS = 5.0


class Worker:
    """Reads uploads one after the other; cancelled, it ends behind the batch being written and
    the next one goes on from there."""

    def __init__(self, imports: Imports) -> None:
        self._imports = imports

    def start(self) -> "asyncio.Task[None]":
        """Begins to work; cancel the task to stop."""
        return asyncio.create_task(self._work(), name="worker")

    async def _work(self) -> None:
        while True:
            busy = False
            try:
                for organization, id in await self._imports.waiting():
                    busy |= await self._read(organization, id)
                if not busy:
                    await self._imports.tidy()
            except Exception as error:  # noqa: BLE001 - the store's trouble must not end the worker
                logs.event(LOGGER, logging.ERROR, "uploads could not be looked at", error=error)
                busy = False
            if not busy:
                await self._imports.accepted(LOOK_SECONDS)

    async def _read(self, organization: str, id: str) -> bool:
        """Reads one upload; False when it has to be tried again later."""
        try:
            await self._imports.run(organization, id)
        except Conflict:
            return False  # another process reads it
        except Exception as error:  # noqa: BLE001 - one bad import must not end the worker
            logs.event(LOGGER, logging.ERROR, "import failed", error=error, import_id=id)
            return False
        return True
