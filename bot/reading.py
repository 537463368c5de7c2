"""Reading what people write: commands and ranges by any of their words, small typos forgiven.

Commands of every language are understood in every language: a German reader may write "queues".
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

LONGEST_TEXT = 400
LONGEST_ARGUMENT = 120
MENTION = re.compile(r"<at\b[^>]*>.*?</at>", re.IGNORECASE | re.DOTALL)
POLITE: Final = frozenset(
    (
        *("please", "show", "me", "give", "the", "for", "of", "in", "from", "and"),
        *("bitte", "zeige", "zeig", "mir", "gib", "die", "der", "das", "für", "von", "und"),
    )
)
ARTICLES: Final = frozenset({"the", "die", "der", "das", "den"})


class Command(StrEnum):
    """What can be asked."""

    HELP = "help"
    DASHBOARD = "dashboard"
    QUEUES = "queues"
    MY_STATS = "my_stats"
    ALERTS = "alerts"
    REPORT = "report"
    INCIDENTS = "incidents"
    TRIAGE = "triage"
    NOTICE = "notice"
    SETUP = "setup"
    SETTINGS = "settings"
    WHOAMI = "whoami"
    WHO_CAN_SEE = "who_can_see"


class Preset(StrEnum):
    """Ranges with a name."""

    HOUR = "hour"
    TODAY = "today"
    YESTERDAY = "yesterday"
    LAST_7 = "last7"
    LAST_30 = "last30"


COMMANDS: Final[Mapping[Command, tuple[str, ...]]] = {
    Command.HELP: ("help", "hilfe", "hello", "hi", "hallo", "start", "commands", "menu", "?"),
    Command.DASHBOARD: ("dashboard", "board", "figures", "stats", "kpi", "kennzahlen", "zahlen"),
    Command.QUEUES: ("queues", "queue list", "list queues", "warteschlangen", "schlangen"),
    Command.MY_STATS: (
        "my stats",
        "my figures",
        "mystats",
        "my numbers",
        "meine zahlen",
        "meine kennzahlen",
        "meine werte",
    ),
    Command.ALERTS: ("alerts", "alert", "alarms", "alarm", "alarme", "warnungen"),
    Command.REPORT: (
        "report",
        "report incident",
        "report to security",
        "melden",
        "vorfall melden",
    ),
    Command.INCIDENTS: ("incidents", "my reports", "vorfälle", "meine meldungen"),
    Command.TRIAGE: ("triage", "triage here", "triage hier"),
    Command.NOTICE: ("notice", "privacy notice", "hinweis", "datenschutzhinweis"),
    Command.SETUP: ("setup", "set up", "onboarding", "einrichtung", "einrichten"),
    Command.SETTINGS: ("settings", "preferences", "options", "einstellungen", "optionen"),
    Command.WHOAMI: ("whoami", "who am i", "wer bin ich", "werbinich"),
    Command.WHO_CAN_SEE: (
        "who can see",
        "who may see",
        "who sees",
        "wer kann",
        "wer darf",
        "wer sieht",
    ),
}
RANGES: Final[Mapping[Preset, tuple[str, ...]]] = {
    Preset.HOUR: ("hour", "last hour", "now", "jetzt", "stunde", "letzte stunde"),
    Preset.TODAY: ("today", "heute", "so far"),
    Preset.YESTERDAY: ("yesterday", "gestern"),
    Preset.LAST_7: (
        "last 7 days",
        "last7",
        "7 days",
        "7d",
        "week",
        "last week",
        "letzte 7 tage",
        "7 tage",
        "woche",
        "letzte woche",
    ),
    Preset.LAST_30: (
        "last 30 days",
        "last30",
        "30 days",
        "30d",
        "month",
        "last month",
        "letzte 30 tage",
        "30 tage",
        "monat",
        "letzter monat",
    ),
}


class Request(NamedTuple):
    """What was asked. `command` None: not understood, `guess` is the nearest command if one is
    near. `queue` is what is left when the range is taken out, or whom or what WHO_CAN_SEE is
    about, `range` "" where none was named, else a preset or a day (`2026-03-29`)."""

    command: Command | None
    queue: str = ""
    range: str = ""
    guess: Command | None = None


def normal(text: str) -> str:
    """The text as it is compared: without mentions, compatibility forms, case, marks that cannot
    be seen and doubled space."""
    plain = unicodedata.normalize("NFKC", MENTION.sub(" ", text))
    seen = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in plain)
    return " ".join(seen.casefold().split())


def read(text: str) -> Request:
    """What the text asks for; texts beyond LONGEST_TEXT ask for nothing."""
    if len(text) > LONGEST_TEXT:
        return Request(None)
    words = normal(text).strip(" .!,;:").split()
    if not words:
        return Request(Command.HELP)
    command, rest = _command(words)
    if command is None:
        return Request(None, guess=_guess(words))
    if command is Command.WHO_CAN_SEE:
        return Request(command, _subject(rest)[:LONGEST_ARGUMENT])
    if command is Command.DASHBOARD or rest:
        queue, chosen = _range(rest)
        return Request(command, queue[:LONGEST_ARGUMENT], chosen)
    return Request(command)


def _command(words: Sequence[str]) -> tuple[Command | None, list[str]]:
    """The command the words begin with, exactly first, then with typos, and what follows."""
    for near in (False, True):
        for count in (3, 2, 1):
            head = " ".join(words[:count])
            if len(words) < count:
                continue
            for command, names in COMMANDS.items():
                if any(is_near(head, name) if near else head == name for name in names):
                    return command, list(words[count:])
    if words[0] in POLITE and len(words) > 1:
        return _command(words[1:])
    return None, []


def _guess(words: Sequence[str]) -> Command | None:
    """A command one of the words means."""
    for word in words[:10]:
        for command, names in COMMANDS.items():
            if len(word) > 2 and any(is_near(word, name) for name in names):
                return command
    return None


def _subject(words: Sequence[str]) -> str:
    """Whom or what is asked about: without an article before it, or what German puts behind it."""
    left = " ".join(words).rstrip(" ?").split()
    if left[-1:] == ["sehen"]:
        left.pop()
    return " ".join(left[1:] if left and left[0] in ARTICLES else left)


def _range(words: Sequence[str]) -> tuple[str, str]:
    """The queue and the range among the arguments: the range stands at either end."""
    left = [word for word in words if word not in POLITE]
    for count in range(min(3, len(left)), 0, -1):
        for part, rest in ((left[-count:], left[:-count]), (left[:count], left[count:])):
            chosen = range_of(" ".join(part))
            if chosen:
                return " ".join(rest), chosen
    return " ".join(left), ""


def range_of(text: str) -> str:
    """The range of these words: a preset, a day, or "" for none."""
    for preset, names in RANGES.items():
        if text in names:
            return preset.value
    if is_day(text):
        return text
    for preset, names in RANGES.items():
        if any(len(name) > 4 and is_near(text, name) for name in names):
            return preset.value
    return ""


def is_day(text: str) -> bool:
    """Whether the text is a calendar day such as 2026-03-29."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        return False
    try:
        return 1971 <= date.fromisoformat(text).year <= 2199
    except ValueError:
        return False


def is_range(text: str) -> bool:
    """Whether the text is a range as `read` answers one."""
    return text in set(Preset) or is_day(text)


def is_near(text: str, name: str) -> bool:
    """Whether the text is the name with at most one typo, two from eight letters on."""
    if text == name:
        return True
    if len(name) < 4:
        return False
    return distance(text, name, most := 2 if len(name) >= 8 else 1) <= most


def distance(one: str, other: str, most: int) -> int:
    """How many letters were added, lost, changed or swapped with their neighbour (optimal string
    alignment); `most` + 1 for everything beyond `most`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


class Named(NamedTuple):
    """Something to choose by name."""

    id: str
    name: str


def choose(text: str, choices: Iterable[Named], *, most: int = 6) -> tuple[Named, ...]:
    """Which of the choices the text may mean: one when it is clear, several when not, none when
    nothing is near. The whole name wins over its beginning, that over a part, that over typos."""
    wanted = normal(text)
    named = [(normal(one.name), one) for one in choices]
    tests = (
        lambda name: name == wanted,
        lambda name: name.startswith(wanted),
        lambda name: all(word in name for word in wanted.split()),
        lambda name: is_near(wanted, name) or any(is_near(wanted, w) for w in name.split()),
    )
    for fits in tests:
        found = tuple(one for name, one in named if wanted and fits(name))
        if found:
            return found[:most]
    return ()
