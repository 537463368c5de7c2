"""Actions on messages: what is read of them, and the shape of their answers."""

from typing import Any

import pytest

from bot.channel.incoming import read
from bot.channel.invokes import response
from bot.channel.turn import Form, IncomingKind, InvokeMessage
from tests.fakes.teams import activity


def invoke(name: str, value: Any) -> dict[str, Any]:
    return activity("https://smba.trafficmanager.net/emea/", type="invoke", name=name, value=value)


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<p>Pay &lt;now&gt;</p><p>or else</p>", "Pay <now>\nor else"),
        ("one<br>two", "one\ntwo"),
        ("<b>bold</b> and <i>so</i>", "bold and so"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_a_message_is_read_as_plain_text(html: str, said: str) -> None:
    value = {
        "commandId": "report_message",
        "messagePayload": {"body": {"contentType": "html", "content": html}},
    }
    made = read(invoke("composeExtension/fetchTask", value), "tenant")
    assert (made.kind, made.name) == (IncomingKind.FORM_ASKED, "report_message")
    assert made.text == said


@pytest.mark.parametrize("payload", [None, 1, [], {"body": None}, {"body": {"content": 5}}])
def test_a_malformed_message_is_an_empty_one(payload: Any) -> None:
    made = read(invoke("composeExtension/fetchTask", {"messagePayload": payload}), "tenant")
    assert made.text == ""


def test_what_is_sent_from_a_form_is_its_data() -> None:
    value = {"commandId": "report_message", "data": {"ref": "r", "what": "w"}}
    made = read(invoke("composeExtension/submitAction", value), "tenant")
    assert (made.kind, dict(made.value)) == (IncomingKind.FORM_SENT, {"ref": "r", "what": "w"})


def test_a_dialog_is_answered_as_teams_wants_it() -> None:
    asked = read(invoke("composeExtension/fetchTask", {}), "tenant")
    shown = response(asked, [Form("Title", {"type": "AdaptiveCard"})])
    assert shown.status == 200
    assert shown.body["task"]["type"] == "continue"
    assert shown.body["task"]["value"]["title"] == "Title"
    assert shown.body["task"]["value"]["card"]["content"] == {"type": "AdaptiveCard"}
    told = response(asked, [InvokeMessage("No", 403)])
    assert (told.status, told.body) == (200, {"task": {"type": "message", "value": "No"}})
