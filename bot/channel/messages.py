"""Answers as activities and as the bodies of invokes, in the shapes that Teams documents."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from bot.channel.turn import (
    Form,
    GivenFile,
    InvokeCard,
    InvokeMessage,
    OfferFile,
    SearchResult,
    SearchResults,
)

CARD = "application/vnd.microsoft.card.adaptive"
MESSAGE = "application/vnd.microsoft.activity.message"
ERROR = "application/vnd.microsoft.error"
CONSENT = "application/vnd.microsoft.teams.card.file.consent"
GIVEN = "application/vnd.microsoft.teams.card.file.info"
PREVIEW = "application/vnd.microsoft.card.thumbnail"
ANGLES = str.maketrans({"<": "‹", ">": "›"})
"""Previews are read as HTML by some clients."""


def attachment(card: Mapping[str, Any]) -> dict[str, Any]:
    """A card as an attachment."""
    return {"contentType": CARD, "content": card}


def of_card(card: Mapping[str, Any], fallback: str) -> dict[str, Any]:
    """A message that is a card; `fallback` is its notification."""
    return {"type": "message", "summary": fallback, "attachments": [attachment(card)]}


def of_file(file: OfferFile | GivenFile) -> dict[str, Any]:
    """A file as an attachment: asked for ("Message requesting permission to upload"), or there
    ("Notifying the user about an uploaded file")."""
    if isinstance(file, GivenFile):
        content = {"uniqueId": file.unique_id, "fileType": file.sort}
        return {
            "contentType": GIVEN,
            "contentUrl": file.address,
            "name": file.name,
            "content": content,
        }
    context = {"ref": file.reference}
    asked = {"description": file.description, "sizeInBytes": file.size}
    asked |= {"acceptContext": context, "declineContext": context}
    return {"contentType": CONSENT, "name": file.name, "content": asked}


def of_text(text: str) -> dict[str, Any]:
    """A message that is plain text: nothing in it becomes a link, a mention or bold."""
    return {"type": "message", "text": text, "textFormat": "plain"}


def of_action(answer: InvokeCard | InvokeMessage) -> dict[str, Any]:
    """The answer to a card's action (Universal Actions, "Response format")."""
    if isinstance(answer, InvokeCard):
        return {"statusCode": 200, "type": CARD, "value": answer.card}
    if answer.status < HTTPStatus.BAD_REQUEST:
        return {"statusCode": 200, "type": MESSAGE, "value": answer.text}
    told = {"code": str(answer.status), "message": answer.text}
    return {"statusCode": answer.status, "type": ERROR, "value": told}


def of_search(answer: SearchResults) -> dict[str, Any]:
    """The answer to a message extension's query or link."""
    if not answer.results:
        return {"composeExtension": {"type": "message", "text": answer.message}}
    return {
        "composeExtension": {
            "type": "result",
            "attachmentLayout": "list",
            "attachments": results(answer.results),
        }
    }


def of_form(answer: Form | str) -> dict[str, Any]:
    """The answer to an action on a message: a dialog with a card, or a sentence."""
    if isinstance(answer, str):
        return {"task": {"type": "message", "value": answer}}
    shown = {"title": answer.title, "height": "medium", "width": "medium"}
    return {"task": {"type": "continue", "value": shown | {"card": attachment(answer.card)}}}


def results(found: Sequence[SearchResult]) -> list[dict[str, Any]]:
    """Hits as attachments with their previews."""
    return [
        {
            **attachment(one.card),
            "preview": {
                "contentType": PREVIEW,
                "content": {
                    "title": one.title.translate(ANGLES),
                    "text": one.text.translate(ANGLES),
                },
            },
        }
        for one in found
    ]
