"""Deep links into the tab at the same filter, and reading them back when somebody posts one."""

import json
import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from bot.reading import Preset, is_day
from portal.domain.dashboards.model import Definition
from portal.domain.views.model import Filters
from portal.domain.views.model import Preset as Saved

ENTITY: Final = "dashboards"
TEAMS_HOSTS: Final = frozenset({"teams.microsoft.com", "teams.cloud.microsoft"})
QUEUE: Final = re.compile(r"q\d{1,9}", re.ASCII)
VIEW: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
LONGEST: Final = 2048
RANGES: Final[Mapping[Saved, Preset]] = {
    Saved.TODAY: Preset.TODAY,
    Saved.YESTERDAY: Preset.YESTERDAY,
    Saved.LAST_7_DAYS: Preset.LAST_7,
    Saved.LAST_30_DAYS: Preset.LAST_30,
}
"""The ranges of saved views by the bot's and the tab's names of them."""


class Question(NamedTuple):
    """What a link shows: queue "" is all, range "" is today; `saved` is the id of the saved view
    that it names, "" for none."""

    queue: str = ""
    range: str = ""
    saved: str = ""


class Links:
    """Links of one installation, "" where nothing is known to lead to. Without a Teams app id they
    lead to `home`, the service's own address, such as `https://switchroom.example`; on this machine
    that is the local Teams page."""

    def __init__(self, app_id: str, home: str) -> None:
        self._app_id = app_id.lower()
        self._home = home.rstrip("/")

    def dashboard(self, question: Question, label: str) -> str:
        """The dashboard at that question."""
        return self._link(search(question), label)

    def view(self, id: str, filters: Filters, label: str) -> str:
        """The dashboard with a saved view and its filters."""
        return self._link(_view(id, filters), label)

    def access(self, label: str) -> str:
        """The page of who may see what."""
        return self._link("view=access", label)

    def break_glass(self, id: str, label: str) -> str:
        """A request to see identities, where it is decided."""
        return self._link(f"view=access&section=break-glass&request={id}", label)

    def alerts(self, label: str) -> str:
        """The page of alerts."""
        return self._link("view=alerts", label)

    def policies(self, label: str) -> str:
        """The page of policies."""
        return self._link("view=policies", label)

    def standing(self, label: str) -> str:
        """How the organisation stands, and appealing."""
        return self._link("view=standing", label)

    def setup(self, step: str, label: str) -> str:
        """Setting the organisation up, at that step; "" for where it stands."""
        return self._link(f"view=setup&section=steps{step and f'&step={step}'}", label)

    def notice(self, label: str) -> str:
        """What the organisation tells its people."""
        return self._link("view=notice", label)

    def report(self, id: str, label: str) -> str:
        """An own report."""
        return self._link(f"view=incidents&report={id}", label)

    def incident(self, id: str, label: str) -> str:
        """An incident, for those who handle it."""
        return self._link(f"view=incidents&incident={id}", label)

    def _link(self, page: str, label: str) -> str:
        if not self._app_id:
            return self._home and f"{self._home}/" + (f"?{page}" if page else "")
        web = self._home and f"{self._home}/tab/" + (f"?{page}" if page else "")
        context = json.dumps({"subEntityId": page or "range=today"}, separators=(",", ":"))
        said = {"webUrl": web, "label": label, "context": context}
        query = urlencode({n: text for n, text in said.items() if text}, quote_via=quote)
        return f"https://teams.microsoft.com/l/entity/{self._app_id}/{ENTITY}?{query}"

    def read(self, url: str) -> Question | None:
        """The question of one of our own links, None for every other text. What it asks for is
        authorised by nobody yet."""
        try:
            parts = urlsplit(url[: LONGEST + 1])
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            return None
        if len(url) > LONGEST or parts.username is not None or parts.password is not None:
            return None
        if parts.scheme == "https" and host in TEAMS_HOSTS and port in {None, 443}:
            ours = self._app_id and parts.path.lower() == f"/l/entity/{self._app_id}/{ENTITY}"
            return _question(_context(parts.query)) if ours else None
        origin = urlsplit(self._home)
        same = (parts.scheme, host, port) == (origin.scheme, origin.hostname, origin.port)
        here = bool(self._home) and same and parts.path in {"", "/", "/tab/"}
        return _question(parts.query) if here else None


def search(question: Question) -> str:
    """The question as the tab's address says it."""
    said: dict[str, str] = {}
    if is_day(question.range):
        said = {"from": question.range, "to": question.range}
    elif question.range in {Preset.YESTERDAY, Preset.LAST_7, Preset.LAST_30}:
        said = {"range": question.range}
    if question.queue:
        said["queue"] = question.queue
    return urlencode(said)


def _view(id: str, filters: Filters) -> str:
    """A saved view as the tab's address says it: what is the default anyway is left out."""
    usual = Filters()
    said = [("saved", id)]
    if filters.range is not usual.range:
        said.append(("range", RANGES[filters.range].value))
    said += [("queue", one) for one in filters.queues]
    said += [("channel", one.value) for one in filters.channels]
    said += [("direction", one.value) for one in filters.directions]
    if filters.definition is not Definition.STRICT:
        said.append(("definition", filters.definition.value))
    if filters.threshold_s != usual.threshold_s:
        said.append(("threshold", f"{filters.threshold_s:g}"))
    return urlencode(said)


def _context(query: str) -> str:
    try:
        context = json.loads(_first(_values(query), "context") or "{}")
    except (ValueError, RecursionError):
        return ""
    page = context.get("subEntityId") if isinstance(context, dict) else None
    return page if isinstance(page, str) else ""


def _question(text: str) -> Question:
    """The filters that cards can show; every other one is left out."""
    values = _values(text)
    queue, named = _first(values, "queue"), _first(values, "range")
    day = _first(values, "from")
    chosen = named if named in set(Preset) else ""
    if not chosen and is_day(day) and day == _first(values, "to"):
        chosen = day
    saved = _first(values, "saved")
    return Question(
        queue if QUEUE.fullmatch(queue) else "", chosen, saved if VIEW.fullmatch(saved) else ""
    )


def _values(text: str) -> Mapping[str, list[str]]:
    try:
        return parse_qs(text, max_num_fields=50)
    except ValueError:
        return {}


def _first(values: Mapping[str, list[str]], name: str) -> str:
    return values.get(name, [""])[0]
