"""The answer of an invoke: the body of its response, in the shape that its kind wants."""

from collections.abc import Sequence
from http import HTTPStatus

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.schema import Activity, ActivityTypes

from bot.channel import messages
from bot.channel.turn import (
    Answer,
    Form,
    Incoming,
    IncomingKind,
    InvokeCard,
    InvokeMessage,
    SearchResults,
    ShowPrivately,
)

ACTIONS = frozenset({IncomingKind.CARD_ACTION})
SEARCHES = frozenset({IncomingKind.SEARCH, IncomingKind.LINK})
FORMS = frozenset({IncomingKind.FORM_ASKED, IncomingKind.FORM_SENT})
SILENT = frozenset({IncomingKind.FILE_ANSWERED})
"""What is answered by messages alone."""
OTHERS = frozenset({IncomingKind.SETTINGS, IncomingKind.OTHER_INVOKE})
INVOKES = ACTIONS | SEARCHES | FORMS | SILENT | OTHERS


def leave(context: TurnContext, response: InvokeResponse) -> None:
    """Leaves the answer of an invoke where the adapter looks for it."""
    left = Activity(type=ActivityTypes.invoke_response, value=response)
    context.turn_state[TurnContext._INVOKE_RESPONSE_KEY] = left  # noqa: SLF001 - its only name


def response(incoming: Incoming, answers: Sequence[Answer]) -> InvokeResponse:
    """What the answers come to as the response."""
    found = next((a for a in answers if isinstance(a, InvokeCard | InvokeMessage)), None)
    if incoming.kind in ACTIONS:
        told = next((a.notice for a in answers if isinstance(a, ShowPrivately)), "")
        answer = found or InvokeMessage(told)
        return InvokeResponse(status=HTTPStatus.OK, body=messages.of_action(answer))
    if incoming.kind in SEARCHES:
        hits = next((a for a in answers if isinstance(a, SearchResults)), None)
        if hits is None:
            hits = SearchResults(message=found.text if isinstance(found, InvokeMessage) else "")
        return InvokeResponse(status=HTTPStatus.OK, body=messages.of_search(hits))
    if incoming.kind in SILENT:
        return InvokeResponse(status=HTTPStatus.OK)
    if incoming.kind in FORMS:
        shown = next((a for a in answers if isinstance(a, Form)), None)
        told = found.text if isinstance(found, InvokeMessage) else ""
        return InvokeResponse(status=HTTPStatus.OK, body=messages.of_form(shown or told))
    if isinstance(found, InvokeMessage):
        return InvokeResponse(status=found.status, body={"message": found.text})
    return InvokeResponse(status=HTTPStatus.NOT_IMPLEMENTED)
