"""One turn: ask the bot, then send what it answers.

An invoke is answered by its response, which waits for nothing that is sent besides.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from time import perf_counter
from typing import Any
from weakref import WeakValueDictionary

from botbuilder.core import TurnContext
from botbuilder.schema import Activity, ActivityTypes, Attachment

from bot.channel import messages
from bot.channel.connector import Connector, OutcomeUnknown, Rejected
from bot.channel.invokes import INVOKES, leave, response
from bot.channel.turn import (
    Answer,
    Bot,
    GivenFile,
    Incoming,
    OfferFile,
    PlaceKind,
    Say,
    Show,
    ShowPrivately,
    Update,
)
from portal.domain.alerts.ports import Busy, Gone
from portal.logs import CORRELATION_ID, event
from portal.measures import Measures

LOGGER = logging.getLogger(__name__)
TURN_SECONDS = 10.0
END_SECONDS = 14.0
"""For the bot, and for the turn with everything it sends: Teams gives a turn 15 seconds before it
sends the activity again."""
REMEMBERED = 4096
SENT = Say | Show | ShowPrivately | Update | OfferFile | GivenFile


class Handler:
    """Turns with one bot. Chats with single persons are remembered by tenant and person."""

    def __init__(self, bot: Bot, connector: Connector, measures: Measures | None = None) -> None:
        self._measures = measures or Measures()
        self._bot = bot
        self._connector = connector
        self._chats: OrderedDict[tuple[str, str, str], str] = OrderedDict()
        self._following: set[asyncio.Task[None]] = set()
        self._order: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def turn(self, incoming: Incoming, context: TurnContext) -> None:
        """Asks the bot and sends its answers, those beside an invoke's own after the turn. A bot
        that fails or takes too long answers what it says to that; trouble with the connector is
        logged, the turn ends."""
        end = asyncio.get_running_loop().time() + END_SECONDS
        answers = await self._answers(incoming)
        if incoming.kind not in INVOKES:
            await self._deliver_all(incoming, context, answers, end, nullcontext())
            return
        leave(context, response(incoming, answers))
        if any(isinstance(answer, SENT) for answer in answers):
            following = self._follow(incoming, context, answers, end)
            task = asyncio.create_task(following)
            self._following.add(task)
            task.add_done_callback(self._following.discard)

    async def close(self) -> None:
        """Ends what is still being sent after invokes."""
        running = list(self._following)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _follow(
        self, incoming: Incoming, context: TurnContext, answers: Sequence[Answer], end: float
    ) -> None:
        """Sends what an invoke brought besides its response, in the order of the invokes of its
        conversation: the card of the last one is the card that stays."""
        here = incoming.place.conversation_id
        order = self._order.get(here)
        if order is None:
            order = self._order[here] = asyncio.Lock()
        try:
            await self._deliver_all(incoming, context, answers, end, order)
        except Exception as error:  # noqa: BLE001 - nobody waits for this; it is told in the log
            event(LOGGER, logging.ERROR, "answers not delivered", error=error)

    async def _deliver_all(
        self,
        incoming: Incoming,
        context: TurnContext,
        answers: Sequence[Answer],
        end: float,
        order: AbstractAsyncContextManager[None],
    ) -> None:
        """Sends the answers, inside of `order`, until `end` of the loop's clock."""
        try:
            async with asyncio.timeout_at(end), order:
                for answer in answers:
                    try:
                        await self._deliver(incoming, context, answer)
                    except (Gone, Rejected) as error:
                        event(LOGGER, logging.WARNING, "answer not delivered", error=error)
        except (Busy, OutcomeUnknown, TimeoutError) as error:
            # The next would wait as long, and Teams waits for this turn to end.
            event(LOGGER, logging.WARNING, "answers not delivered", error=error)

    async def _answers(self, incoming: Incoming) -> Sequence[Answer]:
        kind, begun = incoming.kind.value, perf_counter()
        try:
            async with asyncio.timeout(TURN_SECONDS):
                answers = await self._bot.turn(incoming)
            self._measures.turns.record(perf_counter() - begun, (kind, "answered"))
            return answers
        except Exception as error:  # noqa: BLE001 - logged with its frames; the person hears of it
            event(LOGGER, logging.ERROR, "turn failed", error=error, state=incoming.kind.value)
        self._measures.turns.record(perf_counter() - begun, (kind, "failed"))
        return await self._bot.failed(incoming, CORRELATION_ID.get() or "")

    async def _deliver(self, incoming: Incoming, context: TurnContext, answer: Answer) -> None:
        try:
            await self._send(incoming, context, answer)
        except Rejected as error:
            if not isinstance(answer, Show):
                raise
            # A card that Teams does not take, one that is too large for instance.
            event(LOGGER, logging.ERROR, "card refused", error=error, status=error.status)
            await context.send_activity(_said(answer.fallback))

    async def _send(self, incoming: Incoming, context: TurnContext, answer: Answer) -> None:
        match answer:
            case Say(text):
                await context.send_activity(_said(text))
            case Show(card, fallback):
                await context.send_activity(_shown(card, fallback))
            case Update(activity_id, card, fallback):
                message = _shown(card, fallback)
                message.id = activity_id
                await context.update_activity(message)
            case OfferFile() | GivenFile():
                await context.send_activity(_file(answer))
            case ShowPrivately():
                await self._send_privately(incoming, context, answer)
            case _:
                pass  # the answer of an invoke, which goes with the response

    async def _send_privately(
        self, incoming: Incoming, context: TurnContext, answer: ShowPrivately
    ) -> None:
        """To the person's own chat; the place asked learns only that."""
        if incoming.place.kind is PlaceKind.PERSONAL:
            message = _private(answer)
            await context.send_activity(message)
            return
        where = str(incoming.reference["serviceUrl"])
        # The response of an invoke gave the notice, before anybody could know that it holds.
        notice = "" if incoming.kind in INVOKES else answer.notice
        try:
            chat = await self._chat(incoming, where)
            await self._connector.send(where, chat, _private_message(answer))
        except (Gone, Rejected):
            self._chats.pop(_chat_key(incoming), None)
            notice = answer.unreachable
        if notice:
            await context.send_activity(_said(notice))

    async def _chat(self, incoming: Incoming, where: str) -> str:
        key = _chat_key(incoming)
        chat = self._chats.get(key)
        if chat is None:
            bot, who = str(incoming.reference["bot"]), incoming.sender.channel_id
            chat = await self._connector.personal_chat(where, bot, who, incoming.place.tenant_id)
            self._chats[key] = chat
            if len(self._chats) > REMEMBERED:
                self._chats.popitem(last=False)
        return chat


def _chat_key(incoming: Incoming) -> tuple[str, str, str]:
    place, reference = incoming.place, incoming.reference
    return place.tenant_id, incoming.sender.channel_id, str(reference["bot"])


def _said(text: str) -> Activity:
    return Activity(type=ActivityTypes.message, text=text, text_format="plain")


def _shown(card: Any, fallback: str) -> Activity:
    attached = Attachment(content_type=messages.CARD, content=card)
    return Activity(type=ActivityTypes.message, summary=fallback, attachments=[attached])


def _file(answer: OfferFile | GivenFile) -> Activity:
    told = messages.of_file(answer)
    attached = Attachment(
        content_type=told["contentType"],
        name=told["name"],
        content=told["content"],
        content_url=told.get("contentUrl"),
    )
    return Activity(type=ActivityTypes.message, summary=answer.name, attachments=[attached])


def _private(answer: ShowPrivately) -> Activity:
    return _said(answer.text) if answer.card is None else _shown(answer.card, answer.text)


def _private_message(answer: ShowPrivately) -> dict[str, Any]:
    if answer.card is None:
        return messages.of_text(answer.text)
    return messages.of_card(answer.card, answer.text)
