"""The text that a scraper gets, read by Prometheus's own parser."""

import re
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from portal.measures import SECONDS, Measures
from portal.settings import ROOT
from portal.telemetry.metrics import resource
from portal.telemetry.prometheus import Text

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def measures() -> Measures:
    return Measures()


@pytest.fixture
def text(measures: Measures) -> Iterator[Text]:
    made = Text(measures, resource("all", "eu"))
    yield made
    made.close()


def samples(text: Text) -> Samples:
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(text.render().decode())
        for one in family.samples
    }


def test_a_process_that_did_nothing_says_who_it_is(text: Text) -> None:
    found = {name for name, _ in samples(text)}
    assert {"target_info", "switchroom_process_start_seconds"} == found


def test_counters_carry_their_labels_and_go_on(text: Text, measures: Measures) -> None:
    key = ("switchroom_imports_total", (("source", "genesys"), ("state", "completed")))
    measures.imports.add("genesys", "completed")
    assert samples(text)[key] == 1
    measures.imports.add("genesys", "completed", by=2)
    assert samples(text)[key] == 3


def test_durations_are_a_histogram(text: Text, measures: Measures) -> None:
    for seconds in (0.002, 0.2, 200.0):
        measures.requests.record(seconds, ("dashboard_summary", "2xx"))
    found = samples(text)
    name = "switchroom_http_request_duration_seconds"
    labels = (("operation", "dashboard_summary"), ("status", "2xx"))

    def below(bound: str) -> float:
        return found[f"{name}_bucket", tuple(sorted((*labels, ("le", bound))))]

    assert [below(str(bound)) for bound in SECONDS][:4] == [0, 1, 1, 1]
    assert (below("0.25"), below("30.0"), below("+Inf")) == (2, 2, 3)
    assert found[f"{name}_count", labels] == 3
    assert found[f"{name}_sum", labels] == pytest.approx(200.202)


def test_store_charges_appear_once_the_store_tells_them(text: Text, measures: Measures) -> None:
    assert not [name for name, _ in samples(text) if "store" in name]
    measures.charges = lambda: {"documents.get": (3, 4.5)}
    found = samples(text)
    assert found["switchroom_store_requests_total", (("operation", "documents.get"),)] == 3
    assert found["switchroom_store_charge_total", (("operation", "documents.get"),)] == 4.5


def everything() -> Measures:
    """Measures with something under every name."""
    measures = Measures()
    for histogram in measures.histograms:
        histogram.record(0.1, tuple("x" for _ in histogram.name.labels))
    for counter in measures.counters[:-2]:
        counter.add(*("x" for _ in counter.name.labels))
    for gauge in measures.gauges:
        gauge.set(1)
    measures.charges = lambda: {"x": (1, 1.0)}
    return measures


def test_what_is_measured_is_what_is_documented() -> None:
    made = Text(everything(), resource("all", "eu"))
    families = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in text_string_to_metric_families(made.render().decode())
    }
    made.close()
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(switchroom_\w+)` \|", text, re.MULTILINE))
    assert documented == families - {"target_info"}


def test_documented_labels_are_those_that_are_told() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    measures = everything()
    names = [one.name for one in measures.histograms]
    names += [one.name for one in measures.counters]
    names += [one.name for one in measures.gauges]
    told = sorted(", ".join(f"`{label}`" for label in name.labels) for name in names)
    rows = re.findall(r"^\| `switchroom_\w+` \| ([^|]*) \|", text, re.MULTILINE)
    assert sorted(row.strip() for row in rows) == told
