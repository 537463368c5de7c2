"""From the JSON of an activity to an `Incoming`: known members only, each of its type, bounded."""

from collections.abc import Mapping
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import msgspec

from bot.channel.turn import (
    Incoming,
    IncomingKind,
    Member,
    Place,
    PlaceKind,
    Sender,
    SentFile,
)

LONGEST_TEXT = 28 * 1024
LONGEST_NAME = 256
LONGEST_ADDRESS = 4096
DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"
MOST_MEMBERS = 200
MOST_ATTACHMENTS = 20
MOST_MENTIONS = 50
PLACES = {
    "personal": PlaceKind.PERSONAL,
    "groupChat": PlaceKind.GROUP,
    "channel": PlaceKind.CHANNEL,
}
KINDS = {
    "messageUpdate": IncomingKind.MESSAGE_EDITED,
    "messageDelete": IncomingKind.MESSAGE_DELETED,
    "messageReaction": IncomingKind.REACTION,
}
INVOKES = {
    "adaptiveCard/action": IncomingKind.CARD_ACTION,
    "composeExtension/query": IncomingKind.SEARCH,
    "composeExtension/queryLink": IncomingKind.LINK,
    "composeExtension/fetchTask": IncomingKind.FORM_ASKED,
    "composeExtension/submitAction": IncomingKind.FORM_SENT,
    "fileConsent/invoke": IncomingKind.FILE_ANSWERED,
    "composeExtension/querySettingUrl": IncomingKind.SETTINGS,
    "composeExtension/setting": IncomingKind.SETTINGS,
}
INSTALLATIONS = {
    "add": IncomingKind.INSTALLED,
    "add-upgrade": IncomingKind.INSTALLED,
    "remove": IncomingKind.REMOVED,
}


def read(activity: dict[str, Any], tenant_id: str) -> Incoming:
    """The activity, which the guard has checked, of that tenant."""
    kind = _kind(activity)
    sender = _object(activity, "from")
    place = _place(activity, tenant_id)
    account = Sender(
        _text(sender, "id", LONGEST_TEXT),
        _text(sender, "aadObjectId"),
        _text(sender, "name"),
    )
    value, verb, name, said = _content(kind, activity)
    return Incoming(
        kind=kind,
        activity_id=activity["id"],
        text=said,
        sender=account,
        place=place,
        locale=_text(activity, "locale", 35),
        value=value,
        verb=verb,
        name=name,
        reply_to_id=_text(activity, "replyToId", LONGEST_TEXT),
        reference=reference(activity, place),
        members=_members(activity, kind),
        attachments=_attachments(activity),
        files=_files(activity) if place.kind is PlaceKind.PERSONAL else (),
        is_refresh=kind is IncomingKind.CARD_ACTION
        and _object(activity, "value").get("trigger") == "automatic",
        replay_key=replay_key(activity),
    )


def replay_key(activity: dict[str, Any]) -> str:
    """What names this happening; an edit keeps its message's id, so its time is part of it."""
    kind = activity["type"]
    at = _text(activity, "timestamp") if kind in KINDS else ""
    parts = (activity["conversation"]["id"], activity["id"], kind, at)
    return sha256(msgspec.json.encode(parts)).hexdigest()


def reference(activity: dict[str, Any], place: Place) -> dict[str, Any]:
    """Our own JSON of the conversation: what `outbound` needs to write to it."""
    return {
        "version": 1,
        "serviceUrl": activity["serviceUrl"],
        "conversation": place.conversation_id,
        "kind": place.kind.value,
        "tenant": place.tenant_id,
        "team": place.team_id,
        "bot": activity["recipient"]["id"],
    }


def _kind(activity: dict[str, Any]) -> IncomingKind:
    kind = KINDS.get(activity["type"], IncomingKind.OTHER)
    match activity["type"]:
        case "message":
            submitted = isinstance(activity.get("value"), dict)
            kind = IncomingKind.CARD_SUBMIT if submitted else IncomingKind.MESSAGE
        case "invoke":
            kind = INVOKES.get(_text(activity, "name"), IncomingKind.OTHER_INVOKE)
        case "installationUpdate":
            kind = INSTALLATIONS.get(_text(activity, "action"), IncomingKind.OTHER)
        case "conversationUpdate" if activity.get("membersAdded"):
            kind = IncomingKind.MEMBERS_ADDED
        case "conversationUpdate" if activity.get("membersRemoved"):
            kind = IncomingKind.MEMBERS_REMOVED
        case "messageUpdate":
            event = _object(activity, "channelData").get("eventType")
            kind = IncomingKind.OTHER if event == "undeleteMessage" else kind
    return kind


def _place(activity: dict[str, Any], tenant_id: str) -> Place:
    conversation, data = activity["conversation"], _object(activity, "channelData")
    # What is not said to be one person's chat is taken for one where others read along.
    kind = PLACES.get(_text(conversation, "conversationType"), PlaceKind.GROUP)
    return Place(
        kind,
        conversation["id"],
        tenant_id,
        _text(_object(data, "team"), "id", LONGEST_TEXT),
        _text(_object(data, "channel"), "id", LONGEST_TEXT),
    )


def _content(
    kind: IncomingKind, activity: dict[str, Any]
) -> tuple[Mapping[str, Any], str, str, str]:
    """Value, verb, name and text of the activity."""
    value = _object(activity, "value")
    if kind is IncomingKind.CARD_ACTION:
        action = _object(value, "action")
        return _object(action, "data"), _text(action, "verb"), _text(activity, "name"), ""
    if kind is IncomingKind.SEARCH:
        return value, "", _text(value, "commandId"), _searched(value)
    if kind is IncomingKind.LINK:
        return value, "", _text(activity, "name"), _text(value, "url", 2048)
    if kind is IncomingKind.FORM_ASKED:
        body = _object(_object(value, "messagePayload"), "body")
        return value, "", _text(value, "commandId"), _plain(_text(body, "content", LONGEST_TEXT))
    if kind is IncomingKind.FORM_SENT:
        return _object(value, "data"), "", _text(value, "commandId"), ""
    name = _text(activity, "name") or activity["type"]
    return value, "", name, _without_mention(activity)


class _Words(HTMLParser):
    """What a message says, without its markup."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in {"br", "div", "li", "p", "tr"}:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def _plain(html: str) -> str:
    words = _Words()
    words.feed(html)
    words.close()
    return "".join(words.said).strip()


def _searched(value: dict[str, Any]) -> str:
    parameters = value.get("parameters")
    for one in parameters if isinstance(parameters, list) else ():
        if isinstance(one, dict) and _text(one, "name") not in {"", "initialRun"}:
            return _text(one, "value", LONGEST_TEXT).strip()
    return ""


def _without_mention(activity: dict[str, Any]) -> str:
    """What was written, without the mentions of this bot, 50 different ones at most."""
    said = _text(activity, "text", LONGEST_TEXT)
    entities = activity.get("entities")
    mentions: dict[str, None] = {}
    for entity in entities if said and isinstance(entities, list) else ():
        if len(mentions) == MOST_MENTIONS:
            break
        if not isinstance(entity, dict) or entity.get("type") != "mention":
            continue
        if _object(entity, "mentioned").get("id") == activity["recipient"]["id"]:
            mentions[_text(entity, "text", LONGEST_TEXT)] = None
    for written in mentions:
        said = said.replace(written, " ") if written else said
    return said.strip()


def _members(activity: dict[str, Any], kind: IncomingKind) -> tuple[Member, ...]:
    names = {
        IncomingKind.MEMBERS_ADDED: "membersAdded",
        IncomingKind.MEMBERS_REMOVED: "membersRemoved",
    }
    listed = activity.get(names[kind]) if kind in names else None
    bot = activity["recipient"]["id"]
    return tuple(
        Member(
            _text(one, "id", LONGEST_TEXT),
            _text(one, "aadObjectId"),
            _text(one, "name"),
            one.get("id") == bot,
        )
        for one in (listed[:MOST_MEMBERS] if isinstance(listed, list) else ())
        if isinstance(one, dict)
    )


def _attachments(activity: dict[str, Any]) -> tuple[str, ...]:
    listed = activity.get("attachments")
    return tuple(
        _text(one, "contentType")
        for one in (listed[:MOST_ATTACHMENTS] if isinstance(listed, list) else ())
        # Teams repeats every message as HTML beside it; that is nobody's attachment.
        if isinstance(one, dict) and _text(one, "contentType") != "text/html"
    )


def _files(activity: dict[str, Any]) -> tuple[SentFile, ...]:
    listed = activity.get("attachments")
    found = [
        SentFile(
            _text(one, "name", LONGEST_ADDRESS),
            _text(_object(one, "content"), "downloadUrl", LONGEST_ADDRESS),
        )
        for one in (listed[:MOST_ATTACHMENTS] if isinstance(listed, list) else ())
        if isinstance(one, dict) and one.get("contentType") == DOWNLOAD
    ]
    return tuple(one for one in found if one.address)


def _object(of: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = of.get(name)
    return value if isinstance(value, dict) else {}


def _text(of: Mapping[str, Any], name: str, longest: int = LONGEST_NAME) -> str:
    value = of.get(name)
    return value[:longest] if isinstance(value, str) else ""
