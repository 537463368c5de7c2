"""Whatever JSON comes in, it is refused or read; nothing else happens."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channel import guard, incoming
from bot.channel.refusal import Refused
from bot.channel.turn import Incoming, IncomingKind
from bot.channel.wire import to_activity, to_wire
from tests.fakes import teams

HERE = "https://smba.trafficmanager.net/emea/"
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
TYPES = st.sampled_from(
    [
        "message",
        "messageUpdate",
        "messageDelete",
        "messageReaction",
        "installationUpdate",
        "conversationUpdate",
        "invoke",
        "event",
        "typing",
    ]
)
NAMES = st.sampled_from(
    [
        "adaptiveCard/action",
        "composeExtension/query",
        "composeExtension/queryLink",
        "composeExtension/setting",
        "task/fetch",
    ]
)
MEMBERS = st.sampled_from(
    [
        "action",
        "attachments",
        "channelData",
        "conversation",
        "entities",
        "from",
        "locale",
        "membersAdded",
        "membersRemoved",
        "recipient",
        "replyToId",
        "text",
        "timestamp",
        "value",
    ]
)


def received(said: Any) -> Incoming | None:
    """What is read of it; None when it is refused."""
    try:
        parsed = guard.parse(msgspec.json.encode(said))
        envelope = guard.check(parsed, teams.urls(), teams.TENANT)
    except Refused:
        return None
    to_wire(to_activity(envelope.activity))
    return incoming.read(envelope.activity, envelope.tenant_id)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_any_json_is_refused(said: Any) -> None:
    assert received(said) is None


@settings(max_examples=700, deadline=None)
@given(TYPES, NAMES, st.dictionaries(MEMBERS, JSON, min_size=1, max_size=4))
def test_an_activity_with_other_members_is_refused_or_read(
    kind: str, name: str, changes: dict[str, Any]
) -> None:
    said = teams.activity(HERE) | {"type": kind, "name": name} | changes
    read = received(said)
    if read is not None:
        assert isinstance(read.kind, IncomingKind)
        assert read.place.tenant_id == teams.TENANT
        assert len(read.replay_key) == 64
        assert msgspec.json.encode(read.reference)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_replay_keys_are_of_one_happening_each(conversation: str, id: str) -> None:
    def key(**changes: Any) -> str:
        return incoming.replay_key(teams.activity(HERE, **changes))

    here = {"id": conversation}
    first = key(conversation=here, id=id)
    assert first == key(conversation=here, id=id, text="other words")
    assert first != key(conversation=here, id=f"{id}x")
    assert first != key(conversation={"id": f"{conversation}x"}, id=id)
    assert first != key(conversation=here, id=id, type="messageDelete")


def test_ids_cannot_be_moved_into_each_other() -> None:
    first = teams.activity(HERE, conversation={"id": "a"}, id="b\0c")
    second = teams.activity(HERE, conversation={"id": "a\0b"}, id="c")
    assert incoming.replay_key(first) != incoming.replay_key(second)
