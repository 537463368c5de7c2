"""What comes in from Teams and what may be answered, without a word of the Bot Framework.

Everything in an `Incoming` but `sender.aad_object_id`, `place.tenant_id` and the conversation is
text of whoever wrote it. Those three come from the channel, whose token was checked; `value`,
`text`, names and `members` prove nothing about anybody's permission.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class IncomingKind(StrEnum):
    """What happened."""

    MESSAGE = "message"
    MESSAGE_EDITED = "message_edited"
    MESSAGE_DELETED = "message_deleted"
    REACTION = "reaction"
    INSTALLED = "installed"
    REMOVED = "removed"
    MEMBERS_ADDED = "members_added"
    MEMBERS_REMOVED = "members_removed"
    CARD_ACTION = "card_action"
    """A Universal Action of a card (adaptiveCard/action): `value` is the action's own data,
    `verb` its verb; a refresh of the card too. Answer with InvokeCard or InvokeMessage."""
    CARD_SUBMIT = "card_submit"
    """A card's Action.Submit: a message whose `value` is the action's data."""
    SEARCH = "search"
    """composeExtension/query: `name` is the command, `text` what was typed, `value` the query."""
    LINK = "link"
    """composeExtension/queryLink: `text` is the link."""
    FORM_ASKED = "form_asked"
    """composeExtension/fetchTask: somebody chose an action on a message. `name` is the command,
    `text` what the message says as plain text, `value` the whole. Answer with Form."""
    FORM_SENT = "form_sent"
    """composeExtension/submitAction: `value` is what the form's action carries and what was typed,
    `name` the command. Answer with Form."""
    FILE_ANSWERED = "file_answered"
    """fileConsent/invoke: somebody took or declined an offered file; `value` is the whole. Answer
    with messages; the response itself says nothing."""
    SETTINGS = "settings"
    """composeExtension/querySettingUrl and composeExtension/setting."""
    OTHER_INVOKE = "other_invoke"
    """Every other invoke, `name` says which. Unanswered it is told that it is not implemented."""
    OTHER = "other"
    """Events, typing and everything else that asks for no answer; `name` is its type."""


class PlaceKind(StrEnum):
    """Who reads along: one person, a group chat, or a channel of a team."""

    PERSONAL = "personal"
    GROUP = "group"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote. `aad_object_id` is "" where Teams does not say it (other bots, guests of some
    kinds): such a sender is nobody we know. `channel_id` is Teams' own id of them for this bot."""

    channel_id: str
    aad_object_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was written. `team_id` and `channel_id` are "" outside a team."""

    kind: PlaceKind
    conversation_id: str
    tenant_id: str
    team_id: str = ""
    channel_id: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who came or left. `is_bot` says that it is this bot."""

    channel_id: str
    aad_object_id: str
    name: str
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that was attached: what it is called, and the address where Teams says it can be
    fetched for some minutes. Both are the sender's word."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One activity that Teams sent, after it was authenticated.

    `text` is without the bot's own mention, trimmed, at most 28 KiB of UTF-8 of it. `locale` is as
    the client says ("de-DE") or "". `reference` is our own JSON of the conversation, to be stored
    and handed to `outbound` later; it holds no secret. `attachments` are the media types of what
    was attached.
    """

    kind: IncomingKind
    activity_id: str
    text: str
    sender: Sender
    place: Place
    locale: str = ""
    value: Mapping[str, Any] = field(default_factory=dict)
    verb: str = ""
    name: str = ""
    reply_to_id: str = ""
    reference: Mapping[str, Any] = field(default_factory=dict)
    members: tuple[Member, ...] = ()
    attachments: tuple[str, ...] = ()
    files: tuple[SentFile, ...] = ()
    """Of a message to the bot alone."""
    is_refresh: bool = False
    """Whether a card asked by itself (trigger "automatic"), not a person."""
    replay_key: str = ""
    """What names this one happening: 64 hexadecimal digits made of the conversation id, the
    activity id, the kind and, for edits (which keep the id of their message), the time. The same
    activity sent again has the same key, so it is the id of the document that de-duplicates."""


@dataclass(frozen=True, slots=True)
class Say:
    """A plain sentence in the place asked."""

    text: str


@dataclass(frozen=True, slots=True)
class Show:
    """A card in the place asked; `fallback` is what notifications and old clients show."""

    card: Mapping[str, Any]
    fallback: str


@dataclass(frozen=True, slots=True)
class ShowPrivately:
    """A card or a text to the sender alone, in their 1:1 chat with the bot; `notice` is the plain
    line that the place asked gets when it is not that chat. `unreachable` is said there instead
    when the bot cannot write to the sender."""

    notice: str
    unreachable: str
    card: Mapping[str, Any] | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Update:
    """A card in place of the message `activity_id` of the bot in the place asked."""

    activity_id: str
    card: Mapping[str, Any]
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class InvokeCard:
    """The card that replaces the one whose action was chosen, for the one who chose it."""

    card: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class InvokeMessage:
    """A sentence in answer to an action. `status` is the invoke's: 200 shows it as a message, 4xx
    and 5xx as an error."""

    text: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One hit: the card it inserts, and the lines the list shows of it."""

    card: Mapping[str, Any]
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class SearchResults:
    """Hits of a message extension, or the unfurled link; `message` is shown when there is none."""

    results: tuple[SearchResult, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A card in a dialog, for the one who opened it."""

    title: str
    card: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OfferFile:
    """Asks the person of a 1:1 chat whether a file may be put into their OneDrive. `reference`
    comes back with the answer, FILE_ANSWERED; `size` is in bytes."""

    name: str
    size: int
    description: str
    reference: str


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that is in somebody's OneDrive now, as the answer to the offer named it."""

    name: str
    address: str
    unique_id: str
    sort: str


Answer = (
    Say
    | Show
    | ShowPrivately
    | Update
    | InvokeCard
    | InvokeMessage
    | SearchResults
    | Form
    | OfferFile
    | GivenFile
)


class Teams(Protocol):
    """What a turn may ask of Teams besides."""

    async def is_of_tenant(self, incoming: Incoming) -> bool:
        """Whether Teams says that the sender is one of the tenant's own people: no guest, nobody
        anonymous. False when it does not say, or does not answer."""
        ...

    def pieces(self, address: str) -> AsyncIterator[bytes]:
        """A file that was attached, piece by piece. InvalidInput for an address that is not Teams',
        NotFound, Unavailable."""
        ...

    async def deliver(
        self, address: str, shown: str, body: AsyncIterator[bytes], *, size: int
    ) -> None:
        """Puts a file of so many bytes where Teams said it may go; `shown` is where it is seen
        then. InvalidInput for an address that is not Teams', NotFound, Unavailable."""
        ...


class Bot(Protocol):
    """What the channel hands every authenticated activity to."""

    async def turn(self, incoming: Incoming) -> Sequence[Answer]:
        """What to answer, in order; nothing is an answer too. Invokes take the first of InvokeCard,
        InvokeMessage, SearchResults and Form as their answer, the rest is sent beside it."""
        ...

    async def failed(self, incoming: Incoming, correlation_id: str) -> Sequence[Answer]:
        """What to answer when `turn` raised or took too long: a plain sentence with the id that
        support finds it by. Must not fail itself; nothing of the error is told."""
        ...
