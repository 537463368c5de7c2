"""Background work: reads accepted uploads, looks at alerts and at the clocks of incidents, sends
what waits, and takes up what a killed process left; watches how late the event loop comes back."""

import asyncio
import logging
from contextlib import nullcontext

from portal import logs
from portal.domain.access.refusals import SETTLE_SECONDS, Refusals
from portal.domain.alerts.evaluation import Evaluation
from portal.domain.alerts.sending import Sending, Sent
from portal.domain.break_glass.service import Telling
from portal.domain.communications.sending import Sending as Messages
from portal.domain.contacts.imports import Import
from portal.domain.contacts.service import Imports
from portal.domain.incidents.escalation import Escalation
from portal.domain.incidents.evidence import Evidence
from portal.domain.incidents.forwarding import Forwarding
from portal.domain.incidents.sending import IncidentSending
from portal.domain.informing.reminding import Reminding
from portal.domain.policies.service import Policies
from portal.domain.shared.clock import Clock
from portal.domain.shared.errors import Conflict
from portal.domain.standing.erasure import Erasures
from portal.domain.verification.renewal import Renewal
from portal.measures import Measures
from portal.tracing import Tracer

LOGGER = logging.getLogger(__name__)
LOOK_SECONDS = 5.0
TIDY_SECONDS = 600.0
"""Leftovers are rare, and listing files is paid for."""
EVALUATE_MS = 60_000
SWEEP_MS = 600_000
MESSAGE_SECONDS = 2.0
ERASE_SECONDS = 60.0
LAG_SECONDS = 0.5


class Worker:
    """Reads uploads one after the other; cancelled, it ends behind the batch being written and
    the next one goes on from there."""

    def __init__(
        self, imports: Imports, measures: Measures | None = None, tracer: Tracer | None = None
    ) -> None:
        self._imports = imports
        self._measures = measures or Measures()
        self._tracer = tracer
        self._tidy_at = 0.0

    def start(self) -> "asyncio.Task[None]":
        """Begins to work; cancel the task to stop."""
        return asyncio.create_task(self._work(), name="worker")

    async def _work(self) -> None:
        while True:
            busy = False
            try:
                for organization, id in await self._imports.waiting():
                    busy |= await self._read(organization, id)
                if not busy and asyncio.get_running_loop().time() >= self._tidy_at:
                    self._tidy_at = asyncio.get_running_loop().time() + TIDY_SECONDS
                    await self._imports.tidy()
            except Exception as error:  # noqa: BLE001 - the store's trouble must not end the worker
                logs.event(LOGGER, logging.ERROR, "uploads could not be looked at", error=error)
                busy = False
            if not busy:
                await self._imports.accepted(LOOK_SECONDS)

    async def _read(self, organization: str, id: str) -> bool:
        """Reads one upload; False when it has to be tried again later."""
        try:
            with self._tracer.span("import") if self._tracer else nullcontext() as span:
                done = await self._imports.run(organization, id)
                if span is not None:
                    span.tell(source=done.source, state=done.state.value, rows=done.taken)
            self._count(done)
        except Conflict:
            return False  # another process reads it
        except Exception as error:  # noqa: BLE001 - one bad import must not end the worker
            logs.event(LOGGER, logging.ERROR, "import failed", error=error, import_id=id)
            return False
        return True

    def _count(self, done: Import) -> None:
        self._measures.imports.add(done.source, done.state.value)
        report = done.report
        for outcome in ("accepted", "corrected", "unchanged", "ignored", "rejected"):
            self._measures.rows.add(done.source, outcome, by=getattr(report, outcome))


class AlertWorker:
    """Looks at every alert once a minute and sends waiting messages in between. Without `sending`
    (no bot) messages wait until there is one, or until they are too old."""

    def __init__(
        self,
        evaluation: Evaluation,
        sending: Sending | None,
        clock: Clock,
        measures: Measures | None = None,
    ) -> None:
        self._measures = measures or Measures()
        self._evaluation = evaluation
        self._sending = sending
        self._clock = clock
        self._looked_ms = 0

    def start(self) -> "asyncio.Task[None]":
        """Begins to work; cancel the task to stop."""
        return asyncio.create_task(self._work(), name="alerts")

    async def round(self) -> None:
        """One look, if it is time, and one sending. What goes wrong is logged, never raised."""
        now_ms = self._clock.now_ms()
        if now_ms - self._looked_ms >= EVALUATE_MS:
            self._looked_ms = now_ms
            try:
                for failure in (await self._evaluation.look()).failures:
                    logs.event(LOGGER, logging.ERROR, "alert not looked at", error=failure)
            except Exception as error:  # noqa: BLE001 - the next look is in a minute
                logs.event(LOGGER, logging.ERROR, "alerts could not be looked at", error=error)
        if self._sending is None:
            return
        try:
            told = await self._sending.send()
            self._count(told)
            if self._looked_ms == now_ms:
                self._measures.waiting.set(await self._sending.waiting())
        except Exception as error:  # noqa: BLE001 - what waits is tried again
            logs.event(LOGGER, logging.ERROR, "alerts could not be sent", error=error)
            return
        for failure in told.failures:
            logs.event(LOGGER, logging.WARNING, "alert put off", error=failure)

    def _count(self, told: Sent) -> None:
        for outcome in ("sent", "dropped", "put_off"):
            self._measures.messages.add(outcome, by=getattr(told, outcome))

    async def _work(self) -> None:
        while True:
            await self.round()
            await asyncio.sleep(LOOK_SECONDS)


class IncidentWorker:
    """Looks at the clocks of incidents once a minute and sends waiting messages in between."""

    def __init__(
        self,
        escalation: Escalation,
        sending: IncidentSending,
        clock: Clock,
        evidence: Evidence | None = None,
    ) -> None:
        self._evidence = evidence
        self._swept_ms = 0
        self._escalation = escalation
        self._sending = sending
        self._clock = clock
        self._looked_ms = 0

    def start(self) -> "asyncio.Task[None]":
        """Begins to work; cancel the task to stop."""
        return asyncio.create_task(self._work(), name="incidents")

    async def round(self) -> None:
        """One look, if it is time, and one sending. What goes wrong is logged, never raised."""
        now_ms = self._clock.now_ms()
        if now_ms - self._looked_ms >= EVALUATE_MS:
            self._looked_ms = now_ms
            try:
                for failure in (await self._escalation.look()).failures:
                    logs.event(LOGGER, logging.ERROR, "incident not looked at", error=failure)
            except Exception as error:  # noqa: BLE001 - the next look is in a minute
                logs.event(LOGGER, logging.ERROR, "incidents could not be looked at", error=error)
        if self._evidence is not None and now_ms - self._swept_ms >= SWEEP_MS:
            self._swept_ms = now_ms
            await self._sweep(self._evidence)
        try:
            told = await self._sending.send()
        except Exception as error:  # noqa: BLE001 - what waits is tried again
            logs.event(LOGGER, logging.ERROR, "incidents could not be told", error=error)
            return
        for failure in told.failures:
            logs.event(LOGGER, logging.WARNING, "telling of an incident put off", error=failure)

    async def _work(self) -> None:
        while True:
            await self.round()
            await asyncio.sleep(LOOK_SECONDS)

    async def _sweep(self, evidence: Evidence) -> None:
        try:
            for failure in (await evidence.sweep()).failures:
                logs.event(LOGGER, logging.ERROR, "a file could not be removed", error=failure)
        except Exception as error:  # noqa: BLE001 - the next sweep finds the same
            logs.event(LOGGER, logging.ERROR, "files could not be swept", error=error)


class BreakGlassWorker:
    """Tells representatives of partners who ask to see identities, and what became of it."""

    def __init__(self, telling: Telling) -> None:
        self._telling = telling

    def start(self) -> "asyncio.Task[None]":
        """Begins to work; cancel the task to stop."""
        return asyncio.create_task(self._work(), name="break-glass")

    async def round(self) -> None:
        """One look. What goes wrong is logged, never raised."""
        try:
            told = await self._telling.send()
        except Exception as error:  # noqa: BLE001 - the next look is soon
            logs.event(LOGGER, logging.ERROR, "requests could not be told", error=error)
            return
        for failure in told.failures:
            logs.event(LOGGER, logging.WARNING, "telling of a request put off", error=failure)

    async def _work(self) -> None:
        while True:
            await self.round()
            await asyncio.sleep(LOOK_SECONDS)


class ForwardWorker:
    """Tells systems outside of incidents."""

    def __init__(self, forwarding: Forwarding) -> None:
        self._forwarding = forwarding

    def start(self) -> "asyncio.Task[None]":
        """Begins to work; cancel the task to stop."""
        return asyncio.create_task(self._work(), name="forwards")

    async def round(self) -> None:
        """One sending. What goes wrong is logged, never raised."""
        try:
            told = await self._forwarding.send()
        except Exception as error:  # noqa: BLE001 - what waits is tried again
            logs.event(LOGGER, logging.ERROR, "systems could not be told", error=error)
            return
        for failure in told.failures:
            logs.event(LOGGER, logging.WARNING, "telling of a system put off", error=failure)
        if told.dead:
            logs.event(LOGGER, logging.WARNING, "telling of systems given up", count=told.dead)

    async def _work(self) -> None:
        while True:
            await self.round()
            await asyncio.sleep(MESSAGE_SECONDS)


class MessageWorker:
    """Sends mail, SMS and notices; once a minute tells of policies that were published, of
    verifications that are to be renewed and of what people have to read."""

    def __init__(
        self,
        messages: Messages,
        policies: Policies,
        renewal: Renewal,
        reminding: Reminding,
        clock: Clock,
    ) -> None:
        self._messages = messages
        self._reminding = reminding
        self._policies = policies
        self._renewal = renewal
        self._clock = clock
        self._looked_ms = 0

    def start(self) -> "asyncio.Task[None]":
        """Begins to work; cancel the task to stop."""
        return asyncio.create_task(self._work(), name="messages")

    async def round(self) -> None:
        """One sending. What goes wrong is logged, never raised."""
        try:
            await self._look()
            told = await self._messages.send()
        except Exception as error:  # noqa: BLE001 - what waits is tried again
            logs.event(LOGGER, logging.ERROR, "messages could not be sent", error=error)
            return
        for failure in told.failures:
            logs.event(LOGGER, logging.WARNING, "message put off", error=failure)

    async def _look(self) -> None:
        now_ms = self._clock.now_ms()
        if now_ms - self._looked_ms < EVALUATE_MS:
            return
        self._looked_ms = now_ms
        await self._policies.announce()
        await self._renewal.look()
        await self._reminding.look()

    async def _work(self) -> None:
        while True:
            await self.round()
            await asyncio.sleep(MESSAGE_SECONDS)


class ErasureWorker:
    """Begins the erasure of terminated organisations when it is due, and carries it out."""

    def __init__(self, erasures: Erasures) -> None:
        self._erasures = erasures

    def start(self) -> "asyncio.Task[None]":
        """Begins to work; cancel the task to stop."""
        return asyncio.create_task(self._work(), name="erasures")

    async def round(self) -> None:
        """One look. What goes wrong is logged, never raised: the next one goes on there."""
        try:
            await self._erasures.look()
        except Exception as error:  # noqa: BLE001 - what is left is tried again
            logs.event(LOGGER, logging.ERROR, "erasure put off", error=error)

    async def _work(self) -> None:
        while True:
            await self.round()
            await asyncio.sleep(ERASE_SECONDS)


class RefusalWorker:
    """Stores refusals that are counted in this process only; with `closes`, also ends once a
    minute the windows in which refusals were counted, whichever process did."""

    def __init__(self, refusals: Refusals, clock: Clock, *, closes: bool) -> None:
        self._refusals = refusals
        self._clock = clock
        self._closes = closes
        self._looked_ms = 0

    def start(self) -> "asyncio.Task[None]":
        """Begins to work; cancel the task to stop."""
        return asyncio.create_task(self._work(), name="refusals")

    async def round(self) -> None:
        """One look. What goes wrong is logged, never raised: what is owed stays owed."""
        try:
            await self._refusals.settle()
            now_ms = self._clock.now_ms()
            if self._closes and now_ms - self._looked_ms >= EVALUATE_MS:
                self._looked_ms = now_ms
                await self._refusals.close_windows()
        except Exception as error:  # noqa: BLE001 - the next look is soon
            logs.event(LOGGER, logging.ERROR, "refusals not audited", error=error)

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(SETTLE_SECONDS)
            await self.round()


class LagWatch:
    """Measures how much later than asked for the event loop comes back: whoever holds it up holds
    up every request."""

    def __init__(self, measures: Measures, *, seconds: float = LAG_SECONDS) -> None:
        self._measures = measures
        self._seconds = seconds

    def start(self) -> "asyncio.Task[None]":
        """Begins to watch; cancel the task to stop."""
        return asyncio.create_task(self._watch(), name="lag")

    async def _watch(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            wanted = clock() + self._seconds
            await asyncio.sleep(self._seconds)
            self._measures.lag.record(max(clock() - wanted, 0.0))
