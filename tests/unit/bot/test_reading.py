import pytest

from bot.reading import (
    COMMANDS,
    LONGEST_TEXT,
    RANGES,
    Command,
    Named,
    Request,
    choose,
    distance,
    is_near,
    read,
)

C = Command


@pytest.mark.parametrize("command", Command)
def test_every_word_of_a_command_is_understood(command: Command) -> None:
    for word in COMMANDS[command]:
        assert read(word).command is command, word
        assert read(f"  {word.upper()} ").command is command, word


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", Request(C.HELP)),
        ("   ", Request(C.HELP)),
        ("!?.", Request(C.HELP)),
        ("dashboard", Request(C.DASHBOARD)),
        ("dashbord", Request(C.DASHBOARD)),
        ("dahsboard", Request(C.DASHBOARD)),
        ("quueues", Request(C.QUEUES)),
        ("setings", Request(C.SETTINGS)),
        ("einstelungen", Request(C.SETTINGS)),
        ("my stats", Request(C.MY_STATS)),
        ("My  Stats today", Request(C.MY_STATS, "", "today")),
        ("who am i", Request(C.WHOAMI)),
        ("who can see", Request(C.WHO_CAN_SEE)),
        ("Who can see the Claims?", Request(C.WHO_CAN_SEE, "claims")),
        ("who cna see new policies today", Request(C.WHO_CAN_SEE, "new policies today")),
        ("wer darf die Claims sehen ?", Request(C.WHO_CAN_SEE, "claims")),
        ("wer sieht Dashboard Kontakte", Request(C.WHO_CAN_SEE, "dashboard kontakte")),
        ("who can see Hans von der Berg", Request(C.WHO_CAN_SEE, "hans von der berg")),
        ("dashboard billing yesterday", Request(C.DASHBOARD, "billing", "yesterday")),
        ("dashboard yesterday billing", Request(C.DASHBOARD, "billing", "yesterday")),
        ("dashboard new policies last 7 days", Request(C.DASHBOARD, "new policies", "last7")),
        ("dashboard for claims yesterdy", Request(C.DASHBOARD, "claims", "yesterday")),
        ("show me the dashboard of claims", Request(C.DASHBOARD, "claims")),
        ("zeig mir bitte die kennzahlen gestern", Request(C.DASHBOARD, "", "yesterday")),
        ("dashboard 2026-10-27", Request(C.DASHBOARD, "", "2026-10-27")),
        ("dashboard 2026-13-27", Request(C.DASHBOARD, "2026-13-27")),
        ("<at>Switchroom</at> queues", Request(C.QUEUES)),
        ('<at id="0">Switch\nroom</at>\n queues', Request(C.QUEUES)),
        ("queues\u200b", Request(C.QUEUES)),
        ("ｄａｓｈｂｏａｒｄ", Request(C.DASHBOARD)),
        ("please tell my alrts", Request(None, guess=C.ALERTS)),
        ("the quick brown fox", Request(None)),
        ("x" * (LONGEST_TEXT + 1), Request(None)),
        ("help " * 100_000, Request(None)),
    ],
)
def test_what_people_write_is_read(text: str, asked: Request) -> None:
    assert read(text) == asked


def test_ranges_are_understood_in_all_their_words() -> None:
    for preset, names in RANGES.items():
        for name in names:
            assert read(f"dashboard claims {name}") == Request(C.DASHBOARD, "claims", preset.value)


def test_a_long_argument_is_cut_off() -> None:
    assert len(read("dashboard " + "q" * 380).queue) == 120


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [("", "", 0), ("ab", "ba", 1), ("abc", "ac", 1), ("abc", "abxc", 1), ("abc", "xyz", 2)],
)
def test_distance_counts_swaps_once_and_stops_at_the_limit(
    one: str, other: str, steps: int
) -> None:
    assert distance(one, other, 1) == steps
    assert distance(other, one, 1) == steps


def test_short_words_forgive_nothing() -> None:
    assert not is_near("mo", "me")
    assert not is_near("hep", "hip")


QUEUES = [Named("q1", "Claims"), Named("q2", "New claims"), Named("q3", "Billing (Leeds)")]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("claims", ["q1"]),
        ("CLAIMS", ["q1"]),
        ("bil", ["q3"]),
        ("leeds billing", ["q3"]),
        ("claim", ["q1"]),
        ("laims", ["q1", "q2"]),
        ("biling", ["q3"]),
        ("nothing like it", []),
        ("", []),
    ],
)
def test_queues_are_chosen_by_whole_name_then_beginning_then_part_then_typo(
    text: str, ids: list[str]
) -> None:
    assert [one.id for one in choose(text, QUEUES)] == ids
