"""What a process counts of itself: requests, imports, messages, turns, the lag of its event loop.

Plain numbers in memory, written by whoever does the work and read by `portal.telemetry`, which
alone knows OpenTelemetry. One record costs well under a microsecond, so that it is always on; an
instrument of the OpenTelemetry SDK costs several, a tenth of a confirmed answer (decision 0011).

Labels are words of the code: names of operations, sources, outcomes. None is personal and none
names an organisation. A label that grows beyond MOST_SERIES values becomes "other".
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter, time
from typing import Final, NamedTuple

MOST_SERIES: Final = 500
OTHER: Final = "other"
SECONDS: Final = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
)  # fmt: skip
"""Upper bounds of the classes of a duration, in seconds."""
STATUS_CLASSES: Final = ("0xx", "1xx", "2xx", "3xx", "4xx", "5xx")

Labels = tuple[str, ...]


class Name(NamedTuple):
    """How a measure is called, what it says, in which unit (UCUM), and by which labels."""

    name: str
    says: str
    unit: str
    labels: Labels = ()


class Counter:
    """Something that is only ever added to."""

    def __init__(self, name: str, says: str, unit: str, *labels: str) -> None:
        self.name: Final = Name(name, says, unit, labels)
        self._values: dict[Labels, float] = {}

    def add(self, *labels: str, by: float = 1) -> None:
        """Adds `by`, at least 0, under these labels."""
        values = self._values
        if labels not in values and len(values) >= MOST_SERIES:
            labels = (OTHER,) * len(labels)
        values[labels] = values.get(labels, 0) + by

    def read(self) -> Mapping[Labels, float]:
        """The sums so far."""
        return dict(self._values)


class Gauge:
    """Something that is as it is: set, or asked for when it is read."""

    def __init__(self, name: str, says: str, unit: str) -> None:
        self.name: Final = Name(name, says, unit)
        self._value: float | None = None

    def set(self, value: float) -> None:
        """How it stands now."""
        self._value = value

    def read(self) -> Mapping[Labels, float]:
        """How it stood last; nothing before it was ever set."""
        return {} if self._value is None else {(): self._value}


class Spread(NamedTuple):
    """Durations so far: how many in each class (one more than SECONDS), and their sum."""

    counts: Sequence[int]
    sum: float

    @property
    def total(self) -> int:
        """How many there were."""
        return sum(self.counts)


class Histogram:
    """Durations in classes."""

    def __init__(self, name: str, says: str, *labels: str) -> None:
        self.name: Final = Name(name, says, "s", labels)
        self._cells: dict[Labels, list[float]] = {}

    def record(self, seconds: float, labels: Labels = ()) -> None:
        """One more duration under these labels."""
        cell = self._cells.get(labels)
        if cell is None:
            cell = self._new(labels)
        cell[bisect_left(SECONDS, seconds)] += 1
        cell[-1] += seconds

    @contextmanager
    def timed(self, *labels: str) -> Iterator[None]:
        """Records how long the body takes, also when it raises."""
        begun = perf_counter()
        try:
            yield
        finally:
            self.record(perf_counter() - begun, labels)

    def read(self) -> Mapping[Labels, Spread]:
        """The durations so far."""
        cells = list(self._cells.items())
        return {
            labels: Spread(tuple(int(count) for count in cell[:-1]), cell[-1])
            for labels, cell in cells
        }

    def _new(self, labels: Labels) -> list[float]:
        if len(self._cells) >= MOST_SERIES:
            labels = (OTHER,) * len(labels)
        return self._cells.setdefault(labels, [0.0] * (len(SECONDS) + 2))


Charges = Callable[[], Mapping[str, tuple[int, float]]]
"""What a store was charged so far: by operation, how many requests and how many request units."""


class Measures:
    """Everything that one process counts. docs/operations.md says the same for people."""

    def __init__(self) -> None:
        self.requests: Final = Histogram(
            "http.request.duration", "Requests by operation and class of status", "operation",
            "status",
        )  # fmt: skip
        self.refusals: Final = Counter(
            "guard.refusals", "Requests and activities that were not let in", "{refusal}", "guard",
            "reason",
        )  # fmt: skip
        self.turns: Final = Histogram(
            "bot.turn.duration", "Turns of the bot by kind and outcome", "kind", "outcome"
        )
        self.imports: Final = Counter(
            "imports", "Imports that ended, by source and state", "{import}", "source", "state"
        )
        self.rows: Final = Counter(
            "imports.rows", "Rows of imports that ended, by source and what became of them",
            "{row}", "source", "outcome",
        )  # fmt: skip
        self.batches: Final = Histogram(
            "imports.batch.duration", "Batches of contacts stored, by source", "source"
        )
        self.settling: Final = Histogram(
            "pages.settle.duration", "Merging changed days into their pages"
        )
        self.settled: Final = Counter("pages.settled", "Days merged into their pages", "{day}")
        self.messages: Final = Counter(
            "outbox.messages", "Messages on their way out, by outcome of a try", "{message}",
            "outcome",
        )  # fmt: skip
        self.waiting: Final = Gauge(
            "outbox.waiting", "Messages that wait to be sent, tried before or not", "{message}"
        )
        self.pumping: Final = Counter(
            "verification.alarms", "Suspicions that codes are sent for money", "{alarm}"
        )
        self.lag: Final = Histogram(
            "event_loop.lag", "How much later than asked for the event loop came back"
        )
        self.started: Final = Gauge("process.start", "When the process began, as Unix time", "s")
        self.started.set(time())
        self.charges: Charges | None = None
        """Given by a store that charges for requests."""

    @property
    def histograms(self) -> tuple[Histogram, ...]:
        """Everything that is a spread of durations."""
        return (self.requests, self.turns, self.batches, self.settling, self.lag)

    @property
    def counters(self) -> tuple[Counter, ...]:
        """Everything that only grows; what the store charged is among it."""
        return (
            self.refusals, self.imports, self.rows, self.settled, self.messages, self.pumping,
            *self._charged(),
        )  # fmt: skip

    @property
    def gauges(self) -> tuple[Gauge, ...]:
        """Everything that is as it is."""
        return (self.started, self.waiting)

    def _charged(self) -> tuple[Counter, Counter]:
        requests = Counter("store.requests", "Requests to Cosmos", "{request}", "operation")
        units = Counter("store.charge", "Request units charged by Cosmos", "{RU}", "operation")
        for operation, (count, charge) in (self.charges() if self.charges else {}).items():
            requests.add(operation, by=count)
            units.add(operation, by=charge)
        return requests, units
