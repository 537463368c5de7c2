"""What every document store does; see the port `portal.domain.shared.documents`."""

import asyncio
from typing import Any

import pytest

from portal.domain.shared.documents import (
    MOST_BYTES,
    MOST_WRITES,
    Create,
    Delete,
    Document,
    Documents,
    Replace,
    Upsert,
)
from portal.domain.shared.errors import Conflict, InvalidInput, NotFound, TooLarge
from portal.domain.shared.fields import Category, Field, Kind
from tests.contract.conftest import OpenStore
from tests.fakes.clock import StandingClock

NOTE = Kind(
    "note", tuple(Field(n, Category.OPERATIONAL) for n in ("text", "state", "size", "done"))
)
OTHER = Kind("other", (Field("text", Category.OPERATIONAL),))
BAY, COVE = "uk|bay", "uk|cove"


async def present(documents: Documents, id: str, partition: str = BAY) -> Document:
    document = await documents.get(partition, NOTE, id)
    assert document is not None
    return document


async def ids(documents: Documents, **how: Any) -> list[str]:
    return [d.id for d in (await documents.query(BAY, NOTE, **how)).documents]


async def test_a_created_document_is_read_back_whole(documents: Documents) -> None:
    body = {"text": 'ÿ "quoted" \n €', "state": "open", "size": 2**53, "done": [True, None, 1.5]}
    await documents.batch(BAY, [Create(NOTE, "n-1", body)])
    found = await present(documents, "n-1")
    assert found.body == body
    assert (found.kind, found.id, found.expires_at_ms) == ("note", "n-1", None)
    assert found.etag


async def test_an_absent_document_is_none(documents: Documents) -> None:
    assert await documents.get(BAY, NOTE, "n-1") is None


async def test_creating_a_taken_id_conflicts_and_changes_nothing(documents: Documents) -> None:
    await documents.batch(BAY, [Create(NOTE, "n-1", {"text": "first"})])
    before = await present(documents, "n-1")
    with pytest.raises(Conflict):
        await documents.batch(BAY, [Create(NOTE, "n-1", {"text": "second"})])
    assert await present(documents, "n-1") == before


async def test_creating_again_with_equal_content_conflicts_and_undoes_its_batch(
    documents: Documents,
) -> None:
    """Whoever creates claims the id: the second of two equal claims must not think it is theirs,
    nor have the effect that goes with it (docs/decisions/0010)."""
    claim = Create(NOTE, "n-1", {"text": "handled"})
    await documents.batch(BAY, [claim])
    before = await present(documents, "n-1")
    with pytest.raises(Conflict):
        await documents.batch(BAY, [claim])
    with pytest.raises(Conflict):
        await documents.batch(BAY, [Create(OTHER, "o-1", {"text": "the effect"}), claim])
    assert await present(documents, "n-1") == before
    assert await documents.get(BAY, OTHER, "o-1") is None
    assert len((await documents.changes(BAY)).changes) == 1


async def test_of_equal_claims_at_once_one_takes_effect(documents: Documents) -> None:
    claim = Create(NOTE, "n-1", {"text": "handled"})
    batches = [[claim, Create(OTHER, f"o-{n}", {"text": "the effect"})] for n in range(5)]
    ended = await asyncio.gather(
        *(documents.batch(BAY, batch) for batch in batches), return_exceptions=True
    )
    assert [type(one) for one in ended if one is not None] == [Conflict] * 4
    assert await documents.count(BAY, OTHER) == 1


async def test_replacing_needs_the_version_that_was_read(documents: Documents) -> None:
    await documents.batch(BAY, [Create(NOTE, "n-1", {"text": "first"})])
    first = await present(documents, "n-1")
    await documents.batch(BAY, [Replace(NOTE, "n-1", {"text": "second"}, first.etag)])
    second = await present(documents, "n-1")
    assert second.body == {"text": "second"}
    assert second.etag != first.etag
    with pytest.raises(Conflict):
        await documents.batch(BAY, [Replace(NOTE, "n-1", {"text": "third"}, first.etag)])
    assert await present(documents, "n-1") == second


async def test_every_write_changes_the_version_even_of_equal_content(documents: Documents) -> None:
    seen = set()
    for _ in range(3):
        await documents.batch(BAY, [Upsert(NOTE, "n-1", {"text": "same"})])
        seen.add((await present(documents, "n-1")).etag)
    assert len(seen) == 3


async def test_replacing_what_is_gone_is_not_found(documents: Documents) -> None:
    with pytest.raises(NotFound):
        await documents.batch(BAY, [Replace(NOTE, "n-1", {"text": "x"}, "0" * 16)])


async def test_upserting_writes_whatever_is_there(documents: Documents) -> None:
    await documents.batch(BAY, [Upsert(NOTE, "n-1", {"text": "first", "state": "open"})])
    await documents.batch(BAY, [Upsert(NOTE, "n-1", {"text": "second"})])
    assert (await present(documents, "n-1")).body == {"text": "second"}


async def test_deleting_needs_the_version_that_was_read(documents: Documents) -> None:
    await documents.batch(BAY, [Create(NOTE, "n-1", {"text": "first"})])
    first = await present(documents, "n-1")
    await documents.batch(BAY, [Upsert(NOTE, "n-1", {"text": "second"})])
    with pytest.raises(Conflict):
        await documents.batch(BAY, [Delete(NOTE, "n-1", first.etag)])
    second = await present(documents, "n-1")
    await documents.batch(BAY, [Delete(NOTE, "n-1", second.etag)])
    assert await documents.get(BAY, NOTE, "n-1") is None
    with pytest.raises(NotFound):
        await documents.batch(BAY, [Delete(NOTE, "n-1", second.etag)])


async def test_a_deleted_id_can_be_created_again(documents: Documents) -> None:
    await documents.batch(BAY, [Create(NOTE, "n-1", {"text": "first"})])
    gone = await present(documents, "n-1")
    await documents.batch(BAY, [Delete(NOTE, "n-1", gone.etag)])
    await documents.batch(BAY, [Create(NOTE, "n-1", {"text": "again"})])
    assert (await present(documents, "n-1")).body == {"text": "again"}


@pytest.mark.parametrize(
    ("last", "refusal"),
    [
        (Create(NOTE, "n-0", {"text": "taken"}), Conflict),
        (Replace(NOTE, "n-0", {"text": "stale"}, "f" * 16), Conflict),
        (Replace(NOTE, "n-9", {"text": "absent"}, "f" * 16), NotFound),
        (Delete(NOTE, "n-0", "f" * 16), Conflict),
        (Upsert(NOTE, "n/9", {"text": "bad id"}), InvalidInput),
        (Upsert(NOTE, "n-9", {"colour": "undeclared"}), InvalidInput),
        (Upsert(NOTE, "n-9", {"text": "x" * MOST_BYTES}), TooLarge),
    ],
)
async def test_a_batch_takes_effect_whole_or_not_at_all(
    documents: Documents, last: Any, refusal: type[Exception]
) -> None:
    await documents.batch(BAY, [Create(NOTE, "n-0", {"text": "there"})])
    before = await present(documents, "n-0")
    writes = [
        Create(NOTE, "n-1", {"text": "new"}),
        Upsert(OTHER, "o-1", {"text": "other"}),
        last,
    ]
    with pytest.raises(refusal):
        await documents.batch(BAY, writes)
    assert await ids(documents) == ["n-0"]
    assert await documents.get(BAY, OTHER, "o-1") is None
    assert await present(documents, "n-0") == before
    assert len((await documents.changes(BAY)).changes) == 1


async def test_a_batch_takes_so_many_writes_and_no_more(documents: Documents) -> None:
    writes = [Create(NOTE, f"n-{n:03}", {"size": n}) for n in range(MOST_WRITES + 1)]
    with pytest.raises(InvalidInput):
        await documents.batch(BAY, writes)
    assert await ids(documents) == []
    await documents.batch(BAY, writes[:-1])
    assert await documents.count(BAY, NOTE) == MOST_WRITES


async def test_an_empty_batch_does_nothing(documents: Documents) -> None:
    await documents.batch(BAY, [])
    assert (await documents.changes(BAY)).changes == ()


@pytest.mark.parametrize("id", ["", "a/b", "a\\b", "a?b", "a#b", "x" * 256, "\ud800"])
async def test_ids_are_refused_that_a_store_could_not_keep(documents: Documents, id: str) -> None:
    with pytest.raises(InvalidInput):
        await documents.batch(BAY, [Upsert(NOTE, id, {"text": "x"})])
    assert await documents.get(BAY, NOTE, id) is None


@pytest.mark.parametrize("id", ["a", "x" * 255, "a b|c:d.e~f", "é-日本-🙂", "'--", '"', "%_"])
async def test_other_ids_are_kept_as_they_are(documents: Documents, id: str) -> None:
    await documents.batch(BAY, [Create(NOTE, id, {"text": "x"})])
    assert (await present(documents, id)).id == id
    assert await ids(documents) == [id]


@pytest.mark.parametrize("write", [Create, Upsert])
async def test_an_undeclared_field_is_refused(documents: Documents, write: Any) -> None:
    with pytest.raises(InvalidInput, match="colour"):
        await documents.batch(BAY, [write(NOTE, "n-1", {"text": "x", "colour": "red"})])


async def test_an_undeclared_field_is_refused_in_a_replacement(documents: Documents) -> None:
    await documents.batch(BAY, [Create(NOTE, "n-1", {"text": "x"})])
    etag = (await present(documents, "n-1")).etag
    with pytest.raises(InvalidInput, match="colour"):
        await documents.batch(BAY, [Replace(NOTE, "n-1", {"colour": "red"}, etag)])


async def test_a_document_of_the_largest_size_is_kept(documents: Documents) -> None:
    around = len('{"text":""}')
    body = {"text": "é" * ((MOST_BYTES - around) // 2)}
    await documents.batch(BAY, [Create(NOTE, "n-1", body)])
    assert (await present(documents, "n-1")).body == body


async def test_size_is_counted_in_bytes(documents: Documents) -> None:
    with pytest.raises(TooLarge):
        await documents.batch(BAY, [Create(NOTE, "n-1", {"text": "é" * (MOST_BYTES // 2)})])


async def test_size_is_counted_over_the_batch(documents: Documents) -> None:
    half = {"text": "x" * (MOST_BYTES // 2)}
    with pytest.raises(TooLarge):
        await documents.batch(BAY, [Create(NOTE, "n-1", half), Create(NOTE, "n-2", half)])
    assert await ids(documents) == []


@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1, float("nan"), float("inf"), "\ud800"])
async def test_what_would_not_come_back_as_it_was_is_refused(
    documents: Documents, value: Any
) -> None:
    for body in ({"size": value}, {"done": [{"deep": value}]}):
        with pytest.raises(InvalidInput):
            await documents.batch(BAY, [Create(NOTE, "n-1", body)])
    assert await ids(documents) == []


@pytest.mark.parametrize("value", [2**53, -(2**53), 0, 1.5, -1e-7, True, None, "", {"a": [1]}])
async def test_other_values_come_back_as_they_were(documents: Documents, value: Any) -> None:
    await documents.batch(BAY, [Create(NOTE, "n-1", {"size": value})])
    found = (await present(documents, "n-1")).body["size"]
    assert (found, type(found)) == (value, type(value))


async def test_an_expired_document_is_absent_everywhere(
    documents: Documents, clock: StandingClock
) -> None:
    later = clock.now_ms() + 60_000
    await documents.batch(BAY, [Create(NOTE, "n-1", {"text": "brief"}, later)])
    await documents.batch(BAY, [Create(NOTE, "n-2", {"text": "lasting"})])
    etag = (await present(documents, "n-1")).etag
    assert (await present(documents, "n-1")).expires_at_ms == later
    clock.pass_time(seconds=60)
    assert await documents.get(BAY, NOTE, "n-1") is None
    assert await ids(documents) == ["n-2"]
    assert await ids(documents, newest_first=True) == ["n-2"]
    assert await documents.count(BAY, NOTE) == 1
    assert [c.id for c in (await documents.changes(BAY)).changes] == ["n-2"]
    for write in (Replace(NOTE, "n-1", {"text": "x"}, etag), Delete(NOTE, "n-1", etag)):
        with pytest.raises(NotFound):
            await documents.batch(BAY, [write])


@pytest.mark.parametrize("seconds", [-10_000, 0, 1, 2**31, 10**11])
async def test_a_document_may_expire_long_ago_or_long_from_now(
    documents: Documents, clock: StandingClock, seconds: int
) -> None:
    end = clock.now_ms() + seconds * 1000
    await documents.batch(BAY, [Create(NOTE, "n-1", {"text": "x"}, end)])
    found = await documents.get(BAY, NOTE, "n-1")
    assert (found and found.expires_at_ms) == (end if seconds > 0 else None)


async def test_an_expired_id_can_be_created_again(
    documents: Documents, clock: StandingClock
) -> None:
    await documents.batch(BAY, [Create(NOTE, "n-1", {"text": "old"}, clock.now_ms() + 1)])
    clock.pass_time(seconds=1)
    await documents.batch(BAY, [Create(NOTE, "n-1", {"text": "new"})])
    assert (await present(documents, "n-1")).body == {"text": "new"}
    with pytest.raises(Conflict):
        await documents.batch(BAY, [Create(NOTE, "n-1", {"text": "newer"})])


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("limit", [1, 3, 7, 100])
async def test_paging_gives_every_document_once_in_order(
    documents: Documents, newest_first: bool, limit: int
) -> None:
    expected = [f"n-{n:02}" for n in range(7)]
    await documents.batch(BAY, [Create(NOTE, id, {"text": id}) for id in reversed(expected)])
    if newest_first:
        expected.reverse()
    found: list[str] = []
    cursor = None
    while True:
        page = await documents.query(
            BAY, NOTE, cursor=cursor, limit=limit, newest_first=newest_first
        )
        assert len(page.documents) <= limit
        found.extend(d.id for d in page.documents)
        cursor = page.next
        if cursor is None:
            break
    assert found == expected


async def test_paging_goes_on_while_documents_come_and_go(documents: Documents) -> None:
    await documents.batch(BAY, [Create(NOTE, f"n-{n}", {"size": n}) for n in range(4)])
    page = await documents.query(BAY, NOTE, limit=2)
    await documents.batch(
        BAY,
        [
            Delete(NOTE, "n-1", page.documents[1].etag),
            Create(NOTE, "n-15", {"size": 15}),
        ],
    )
    rest = await documents.query(BAY, NOTE, cursor=page.next, limit=10)
    assert [d.id for d in rest.documents] == ["n-15", "n-2", "n-3"]


async def test_where_narrows_by_equality_of_fields(documents: Documents) -> None:
    bodies: list[dict[str, Any]] = [
        {"state": "open", "size": 1},
        {"state": "open", "size": 2},
        {"state": "closed", "size": 1},
        {"size": 1},
        {"state": None, "size": "1"},
    ]
    await documents.batch(BAY, [Create(NOTE, f"n-{n}", b) for n, b in enumerate(bodies)])
    assert await ids(documents, where={"state": "open"}) == ["n-0", "n-1"]
    assert await ids(documents, where={"state": "open", "size": 1}) == ["n-0"]
    assert await ids(documents, where={"size": 1}) == ["n-0", "n-2", "n-3"]
    assert await ids(documents, where={"size": "1"}) == ["n-4"]
    assert await ids(documents, where={"state": "OPEN"}) == []
    narrowed = await documents.query(BAY, NOTE, where={"size": 1}, limit=2)
    assert [d.id for d in narrowed.documents] == ["n-0", "n-2"]
    rest = await documents.query(BAY, NOTE, where={"size": 1}, limit=2, cursor=narrowed.next)
    assert ([d.id for d in rest.documents], rest.next) == (["n-3"], None)


async def test_where_refuses_undeclared_fields(documents: Documents) -> None:
    with pytest.raises(InvalidInput):
        await documents.query(BAY, NOTE, where={"colour": "red"})


async def test_kinds_and_partitions_do_not_see_each_other(documents: Documents) -> None:
    await documents.batch(BAY, [Create(NOTE, "same", {"text": "bay"})])
    await documents.batch(COVE, [Create(NOTE, "same", {"text": "cove"})])
    await documents.batch(BAY, [Create(OTHER, "same", {"text": "other"})])
    assert (await present(documents, "same")).body == {"text": "bay"}
    assert (await present(documents, "same", COVE)).body == {"text": "cove"}
    assert await documents.count(BAY, NOTE) == 1
    bay = (await present(documents, "same")).etag
    with pytest.raises(Conflict):
        await documents.batch(COVE, [Delete(NOTE, "same", bay)])
    assert [c.body["text"] for c in (await documents.changes(COVE)).changes] == ["cove"]
    for stranger in ("uk|ba", "uk|bay2", "uk|", "UK|BAY", "uk|b%"):
        assert await documents.get(stranger, NOTE, "same") is None
        assert (await documents.query(stranger, NOTE)).documents == ()
        assert (await documents.changes(stranger)).changes == ()


async def test_the_feed_tells_the_newest_state_in_the_order_of_the_writes(
    documents: Documents,
) -> None:
    await documents.batch(BAY, [Create(NOTE, "n-1", {"text": "a"}), Create(OTHER, "o", {})])
    await documents.batch(BAY, [Create(NOTE, "n-2", {"text": "b"})])
    await documents.batch(BAY, [Upsert(NOTE, "n-1", {"text": "c"})])
    told = (await documents.changes(BAY)).changes
    assert [(c.kind, c.id, c.body.get("text")) for c in told] == [
        ("other", "o", None),
        ("note", "n-2", "b"),
        ("note", "n-1", "c"),
    ]


async def test_the_feed_goes_on_where_it_was_left(
    documents: Documents, open_store: OpenStore
) -> None:
    await documents.batch(BAY, [Create(NOTE, f"n-{n}", {"size": n}) for n in range(5)])
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        part = await documents.changes(BAY, after=cursor, limit=2)
        seen.extend(c.id for c in part.changes)
        cursor = part.cursor
    assert seen == [f"n-{n}" for n in range(5)]
    assert await documents.changes(BAY, after=cursor) == ((), cursor)
    await documents.batch(COVE, [Create(NOTE, "elsewhere", {"size": 0})])
    await documents.batch(BAY, [Upsert(NOTE, "n-2", {"size": 22})])
    reopened = (await open_store()).documents
    assert [c.id for c in (await reopened.changes(BAY, after=cursor)).changes] == ["n-2"]


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 30, "٣"])
async def test_the_feed_refuses_cursors_that_are_not_its_own(
    documents: Documents, cursor: str
) -> None:
    with pytest.raises(InvalidInput):
        await documents.changes(BAY, after=cursor)


async def test_of_twenty_writers_with_one_version_one_wins(
    documents: Documents, open_store: OpenStore
) -> None:
    await documents.batch(BAY, [Create(NOTE, "n-1", {"size": -1})])
    etag = (await present(documents, "n-1")).etag
    stores = [documents, (await open_store()).documents]

    async def swap(size: int) -> bool:
        try:
            await stores[size % 2].batch(BAY, [Replace(NOTE, "n-1", {"size": size}, etag)])
        except Conflict:
            return False
        return True

    won = await asyncio.gather(*map(swap, range(20)))
    assert sum(won) == 1
    assert (await present(documents, "n-1")).body == {"size": won.index(True)}


async def test_of_twenty_creators_of_one_id_one_wins(documents: Documents) -> None:
    async def create(size: int) -> bool:
        try:
            await documents.batch(BAY, [Create(NOTE, "n-1", {"size": size})])
        except Conflict:
            return False
        return True

    won = await asyncio.gather(*map(create, range(20)))
    assert sum(won) == 1
    assert (await present(documents, "n-1")).body == {"size": won.index(True)}
