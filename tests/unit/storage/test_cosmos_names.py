"""Names, heads and indexes of documents in Cosmos DB."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import portal.domain
from portal.adapters.storage.cosmos.container import CreateItem, ReplaceItem
from portal.adapters.storage.cosmos.containers import ASKED_FIELDS, DOCUMENTS
from portal.adapters.storage.cosmos.naming import LONGEST, item_id
from portal.adapters.storage.cosmos.sequences import HEAD_ID, REMEMBERED, Head

PLAIN = re.compile(r"[A-Za-z0-9_.:|@~=+*-]+")
CLOSE = st.text(alphabet=st.sampled_from("ab*:2faé/ %~h\U0001f642"), max_size=255)


def test_plain_names_stay_readable() -> None:
    assert item_id("note", "2026-11-21|n.1:a") == "note:2026-11-21|n.1:a"


@pytest.mark.parametrize(
    "id", ["a/b", "a\\b", "a?b", "a#b", "a%2fb", " a ", "*", "é", "日本", "\n"]
)
def test_everything_else_is_escaped(id: str) -> None:
    assert PLAIN.fullmatch(item_id("note", id))


@given(CLOSE, CLOSE)
def test_names_that_differ_stay_different(one: str, other: str) -> None:
    assert (item_id("note", one) == item_id("note", other)) is (one == other)
    for id in (one, other):
        assert PLAIN.fullmatch(item_id("note", id))
        assert len(item_id("note", id)) <= LONGEST


def test_long_names_that_differ_at_their_end_stay_different() -> None:
    ids = ["é" * 254 + end for end in "ab"]
    assert len({item_id("note", id) for id in ids}) == 2


def test_no_document_has_the_name_of_the_head() -> None:
    assert ":" not in HEAD_ID
    assert ":" in item_id("", "~head")


def test_a_head_remembers_the_last_batches() -> None:
    head = Head()
    for batch in range(REMEMBERED + 1):
        head = head.after(2, f"t{batch}")
    assert (head.last, head.batches) == (2 * (REMEMBERED + 1), REMEMBERED + 1)
    assert not head.knows("t0")
    assert all(head.knows(f"t{batch}") for batch in range(1, REMEMBERED + 1))


def test_a_head_tells_how_far_back_it_remembers() -> None:
    early = Head(batches=5)
    assert Head(batches=5 + REMEMBERED).tells_since(early)
    assert not Head(batches=6 + REMEMBERED).tells_since(early)


def test_a_head_is_created_once_and_replaced_under_its_version() -> None:
    first = Head()
    step = first.step("uk|bay", first.after(1, "t"))
    assert isinstance(step, CreateItem)
    stored = Head.of(step.item | {"_etag": "v1"})
    assert (stored.last, stored.tickets, stored.etag) == (1, ("t",), "v1")
    step = stored.step("uk|bay", stored.after(3, "u"))
    assert isinstance(step, ReplaceItem)
    assert (step.etag, step.item["last"], step.item["tickets"]) == ("v1", 4, ["t", "u"])


def test_every_field_that_is_asked_for_is_indexed() -> None:
    """Another one goes into ASKED_FIELDS, and `python -m portal provision` into infra/."""
    sources = Path(portal.domain.__file__).parent.rglob("*.py")
    conditions = re.compile(r"where=\{([^}]*)\}")
    asked = {
        field
        for source in sources
        for condition in conditions.findall(source.read_text(encoding="utf-8"))
        for field in re.findall(r'"(\w+)":', condition)
    }
    assert asked
    assert asked <= set(ASKED_FIELDS)
    indexed = {path["path"] for path in DOCUMENTS.indexing_policy()["includedPaths"]}
    assert {f"/body/{field}/?" for field in ASKED_FIELDS} <= indexed
