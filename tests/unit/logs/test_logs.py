import io
import json
import logging
from typing import Any

import pytest

from portal import logs

SECRET = "amira@customer.example"
LOGGER = logging.getLogger("tests.logs")


@pytest.fixture
def stream() -> io.StringIO:
    target = io.StringIO()
    logs.configure("INFO", readable=False, stream=target)
    return target


def one(stream: io.StringIO) -> dict[str, Any]:
    (line,) = stream.getvalue().splitlines()
    record = json.loads(line)
    assert isinstance(record, dict)
    return record


def test_a_record_is_one_json_object_with_its_fields(stream: io.StringIO) -> None:
    token = logs.CORRELATION_ID.set("c0ffee00")
    logs.event(LOGGER, logging.INFO, "import finished", source="genesys", rows=12)
    logs.CORRELATION_ID.reset(token)
    said = one(stream)
    assert said.pop("time")
    assert said == {
        "level": "INFO",
        "logger": "tests.logs",
        "message": "import finished",
        "correlation_id": "c0ffee00",
        "source": "genesys",
        "rows": 12,
    }


def test_fields_outside_the_list_are_not_written(stream: io.StringIO) -> None:
    LOGGER.info("x", extra={"fields": {"customer": SECRET, "rows": SECRET, "status": 200}})
    said = one(stream)
    assert said["status"] == 200
    assert SECRET not in json.dumps(said)


def test_arguments_of_messages_are_not_written(stream: io.StringIO) -> None:
    LOGGER.warning("unexpected data from %s", SECRET)
    assert one(stream)["message"] == "unexpected data from %s"


def test_an_object_as_message_is_named_by_its_type(stream: io.StringIO) -> None:
    LOGGER.warning(ValueError(SECRET))
    assert one(stream)["message"] == "ValueError"


def test_errors_are_written_without_their_words(stream: io.StringIO) -> None:
    def fail() -> None:
        try:
            json.loads("{" + SECRET)
        except ValueError as error:
            raise KeyError(SECRET) from error

    try:
        fail()
    except KeyError as error:
        logs.event(LOGGER, logging.ERROR, "failed", error=error)
    said = one(stream)
    assert SECRET not in json.dumps(said)
    first, second = said["errors"]
    assert first["type"] == "builtins.KeyError"
    assert second["type"] == "json.decoder.JSONDecodeError"
    assert all(frame.startswith("tests/") for frame in first["frames"] + second["frames"])
    assert "fail" in first["frames"][-1]


def test_lower_levels_are_left_out(stream: io.StringIO) -> None:
    logs.event(LOGGER, logging.DEBUG, "detail")
    assert stream.getvalue() == ""


def test_text_for_a_terminal_holds_the_same() -> None:
    target = io.StringIO()
    logs.configure("INFO", readable=True, stream=target)
    logs.event(LOGGER, logging.INFO, "listening", port=3978)
    assert target.getvalue().rstrip().endswith("INFO    listening  port=3978")
