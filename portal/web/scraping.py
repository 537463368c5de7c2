"""The process's measures as text, for whoever scrapes them."""

import asyncio
from collections.abc import Callable

from portal.measures import Measures


class Metrics:
    """Makes what makes the text when it is first asked for: reading OpenTelemetry takes a process
    some time, and many are never scraped."""

    def __init__(self, measures: Measures, role: str, region: str) -> None:
        self._measures = measures
        self._role = role
        self._region = region
        self._render: Callable[[], bytes] | None = None
        self._making = asyncio.Lock()

    async def text(self) -> bytes:
        """Everything so far, in Prometheus's text format 0.0.4."""
        async with self._making:
            if self._render is None:
                self._render = await asyncio.to_thread(self._made)
            return await asyncio.to_thread(self._render)

    def _made(self) -> Callable[[], bytes]:
        from portal.telemetry import metrics, prometheus

        who = metrics.resource(self._role, self._region)
        return prometheus.Text(self._measures, who).render
