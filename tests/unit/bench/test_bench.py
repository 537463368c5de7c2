"""The benchmarks on few contacts: every part runs, and both sides compute the same figures."""

import asyncio
import json
from pathlib import Path

import pytest

from bench import load, queries, report, serving, store
from bench.generate import columns
from bench.raw_contacts import RawContacts
from bench.report import Line

CONTACTS = 6000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds a filled store, which no test changes."""
    folder = tmp_path_factory.mktemp("bench")

    async def fill() -> None:
        services, days = await store.filled(folder, CONTACTS, lambda _: None)
        assert sum(day.contacts for day in days) == CONTACTS
        await services.close()

    asyncio.run(fill())
    return folder


async def test_product_and_peer_compute_equal_figures(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "REPETITIONS", 1)
    services, _ = await store.filled(folder, CONTACTS, lambda _: None)
    raw = RawContacts(tmp_path / "raw.duckdb")
    try:
        raw.load(store.generated(CONTACTS))
        lines = await queries.measure(services, raw, store.generated(CONTACTS))
    finally:
        raw.close()
        await services.close()
    assert [line.name[:2] for line in lines] == ["Q1", "Q2", "Q3"]


async def test_a_filled_store_is_used_again_and_for_no_other_number(folder: Path) -> None:
    services, days = await store.filled(folder, CONTACTS, pytest.fail)
    await services.close()
    assert sum(day.contacts for day in days) == CONTACTS
    with pytest.raises(ValueError, match="another number of contacts"):
        store.known(folder, CONTACTS + 1)


async def test_the_client_counts_answers_of_the_product(folder: Path) -> None:
    found = await serving.measure(folder, requests=130, rounds=1)
    assert [line.value > 0 for line in found] == [True] * 4


def test_the_client_reads_how_long_an_answer_is() -> None:
    assert load.length(b"http/1.1 200 ok\r\ncontent-length: 12\r\nserver: x") == 12
    assert load.length(b"http/1.1 304 not modified\r\nserver: x") == 0


def test_a_line_says_whether_its_target_is_met() -> None:
    met = Line("a", 1.0, "ms", "DuckDB", 5.0, 5.0, 5)
    missed = Line("b", 14_000.0, "answers/s", "bare aiohttp", 28_000.0, 0.5, 15_000)
    text = report.text([met, missed])
    assert "5 met" in text
    assert "15,000 missed" in text
    assert json.dumps([met._asdict(), missed._asdict()])


def test_peer_gets_every_contact_of_the_columns(tmp_path: Path) -> None:
    raw = RawContacts(tmp_path / "raw.duckdb")
    raw.load(list(columns(CONTACTS)))
    assert raw.rows("SELECT count(DISTINCT id) AS n FROM contacts") == [{"n": CONTACTS}]
    raw.close()
