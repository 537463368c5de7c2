"""Models of the Bot Framework as JSON, and back as much of an activity as a turn needs.

The framework's own serialiser costs more than the rest of a turn and drops the additional members
of entities, mentions among them.
"""

from datetime import datetime
from enum import Enum
from typing import Any

from botbuilder.schema import Activity, ChannelAccount, ConversationAccount


def to_wire(value: Any) -> Any:
    """The value as what JSON knows; members that are None are left out."""
    if isinstance(value, str | int | float | bool) or value is None:
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, dict):
        return value
    if isinstance(value, list | tuple):
        return [to_wire(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return _members(value)


def _members(model: Any) -> dict[str, Any]:
    held = vars(model)
    found = {
        spec["key"]: to_wire(held[name])
        for name, spec in type(model)._attribute_map.items()  # noqa: SLF001 - msrest's only map
        if held.get(name) is not None
    }
    return {**(held.get("additional_properties") or {}), **found}


def to_activity(received: dict[str, Any]) -> Activity:
    """The activity as the framework sees it: who, where and what kind; never its content, and no
    delivery mode, so that answers go through the connector and nowhere else."""
    conversation, sender, bot = (received[name] for name in ("conversation", "from", "recipient"))
    return Activity(
        type=received["type"],
        id=received["id"],
        channel_id=received["channelId"],
        service_url=received["serviceUrl"],
        from_property=ChannelAccount(id=sender["id"]),
        recipient=ChannelAccount(id=bot["id"], name=_text(bot.get("name"))),
        conversation=ConversationAccount(
            id=conversation["id"],
            conversation_type=_text(conversation.get("conversationType")),
            is_group=True if conversation.get("isGroup") is True else None,
        ),
        locale=_text(received.get("locale")),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
