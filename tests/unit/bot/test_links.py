import json
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from bot.links import Links, Question, search
from portal.domain.contacts.model import Channel, Direction
from portal.domain.dashboards.model import Definition
from portal.domain.views.model import Filters, Preset

APP = "11111111-2222-4333-8444-555555555555"
LINKS = Links(APP, "https://switchroom.example")
QUESTIONS = [
    Question(),
    Question("q3"),
    Question("q3", "yesterday"),
    Question("", "last30"),
    Question("q12", "2026-10-27"),
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_link_leads_into_the_tab_at_the_same_filter(question: Question) -> None:
    url = LINKS.dashboard(question, "Queue figures")
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc) == ("https", "teams.microsoft.com")
    assert parts.path == f"/l/entity/{APP}/dashboards"
    said = parse_qs(parts.query)
    page = json.loads(said["context"][0])["subEntityId"]
    assert page == (search(question) or "range=today")
    assert said["webUrl"][0].startswith("https://switchroom.example/tab/")
    assert LINKS.read(url) == (question if any(question) else Question("", "today"))


@pytest.mark.parametrize("question", QUESTIONS)
def test_without_an_app_the_address_is_linked(question: Question) -> None:
    local = Links("", "http://localhost:3978")
    url = local.dashboard(question, "Queue figures")
    assert url.startswith("http://localhost:3978/")
    assert local.read(url) == question


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (Filters(), {}),
        (
            Filters(
                Preset.LAST_7_DAYS,
                ("q1", "q2"),
                (Channel.VOICE, Channel.CHAT),
                (Direction.INBOUND,),
                Definition.POSITIVE,
                12.5,
            ),
            {
                "range": ["last7"],
                "queue": ["q1", "q2"],
                "channel": ["voice", "chat"],
                "direction": ["inbound"],
                "definition": ["positive"],
                "threshold": ["12.5"],
            },
        ),
    ],
)
def test_a_link_to_a_saved_view_names_it_and_its_filters(
    filters: Filters, said: dict[str, list[str]]
) -> None:
    """In the words of the tab's address, its defaults left out as the tab does."""
    id = "0123456789abcdef" * 2
    url = LINKS.view(id, filters, "Queue figures")
    page = json.loads(parse_qs(urlsplit(url).query)["context"][0])["subEntityId"]
    assert parse_qs(page) == {"saved": [id], **said}
    read = LINKS.read(url)
    assert read is not None
    assert (read.saved, read.queue) == (id, said.get("queue", [""])[0])


@pytest.mark.parametrize("id", ["x", "../x", "0" * 31, "0" * 33, "A" * 32])
def test_what_is_no_id_of_a_view_names_none(id: str) -> None:
    read = LINKS.read(f"https://switchroom.example/tab/?saved={quote(id)}")
    assert read is not None
    assert read.saved == ""


def test_without_app_and_address_there_is_no_link() -> None:
    nowhere = Links("", "")
    assert nowhere.dashboard(Question(), "x") == nowhere.alerts("x") == ""
    assert nowhere.read("/") is None


def context(value: object) -> str:
    return quote(value if isinstance(value, str) else json.dumps(value))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "dashboard",
        "https://teams.microsoft.com/",
        "https://teams.microsoft.com/l/entity/99999999-2222-4333-8444-555555555555/dashboards",
        f"https://teams.microsoft.com/l/entity/{APP}/other",
        f"https://teams.microsoft.com/l/entity/{APP}/dashboards/x",
        f"http://teams.microsoft.com/l/entity/{APP}/dashboards",
        f"https://teams.microsoft.com.evil.example/l/entity/{APP}/dashboards",
        f"https://evil.example/l/entity/{APP}/dashboards",
        f"https://teams.microsoft.com@evil.example/l/entity/{APP}/dashboards",
        f"https://user:pass@teams.microsoft.com/l/entity/{APP}/dashboards",
        f"https://teams.microsoft.com:444/l/entity/{APP}/dashboards",
        f"https://teams.microsoft.com:x/l/entity/{APP}/dashboards",
        "https://[::1/",
        "https://switchroom.example.evil.example/tab/?queue=q1",
        "https://switchroom.example@evil.example/tab/?queue=q1",
        "https://switchroom.example:8443/tab/?queue=q1",
        "http://switchroom.example/tab/?queue=q1",
        "https://switchroom.example/api/me",
        "javascript:alert(1)",
        "https://switchroom.example/tab/?" + "q" * 5000,
    ],
)
def test_other_links_are_not_ours(url: str) -> None:
    assert LINKS.read(url) is None


@pytest.mark.parametrize(
    "page",
    [
        context("no json"),
        context([1]),
        context({"subEntityId": 7}),
        context({"subEntityId": "queue=../../x&range=bogus"}),
        context({"subEntityId": "queue=q1234567890123"}),
        context({"subEntityId": "from=2026-10-27&to=2026-10-28"}),
        context("[" * 500),
    ],
)
def test_what_a_link_asks_for_is_taken_only_where_it_is_a_question(page: str) -> None:
    url = f"https://teams.microsoft.com/l/entity/{APP}/dashboards?context={page}"
    assert LINKS.read(url) == Question()
