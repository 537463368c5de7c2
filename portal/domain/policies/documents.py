"""What policies leave in the store."""

import base64
from typing import NamedTuple

from portal.domain.policies.model import Said, Word
from portal.domain.shared.documents import Body, Document
from portal.domain.shared.fields import Category, Erase, Field, Kind, Subject
from portal.domain.shared.sealing import Keyring

OPERATIONAL, IDENTIFIER = Category.OPERATIONAL, Category.IDENTIFIER
WORD = Kind(
    "policy_word",
    (
        Field("policy", IDENTIFIER),
        Field("number", OPERATIONAL),
        Field("person", IDENTIFIER, Subject.MEMBER, Erase.KEEP),
        Field("said", OPERATIONAL),
        Field("at_ms", OPERATIONAL),
        Field("text_hash", OPERATIONAL),
        Field("request", IDENTIFIER),
    ),
)
REQUEST = Kind(
    "support_request",
    (
        Field("policy", IDENTIFIER),
        Field("number", OPERATIONAL),
        Field("person", IDENTIFIER, Subject.MEMBER, Erase.KEEP),
        Field("why", Category.FREE_TEXT, Subject.MEMBER, Erase.DELETE, sealed=True),
        Field("at_ms", OPERATIONAL),
    ),
)
TOLD = Kind("policy_told", (Field("at_ms", OPERATIONAL),))
"""That everybody of the organisation was told of a version."""


class Request(NamedTuple):
    """A request to support."""

    id: str
    policy: str
    number: int
    person: str
    why: str
    at_ms: int


def word_id(policy: str, number: int, person: str) -> str:
    """Where somebody's word on a version is."""
    return f"{policy}|{number}|{person}"


def word_body(policy: str, person: str, of: Word) -> Body:
    """A word for the store."""
    return of._asdict() | {"policy": policy, "person": person, "said": of.said.value}


def word(body: Body) -> Word:
    """A stored word."""
    return Word(
        body["number"], Said(body["said"]), body["at_ms"], body["text_hash"], body["request"]
    )


def request_body(of: Request, keyring: Keyring) -> Body:
    """A request for the store."""
    sealed = keyring.seal(keyring.own_key, f"support request|{of.id}", of.why.encode())
    body = of._asdict() | {"why": base64.b64encode(sealed).decode()}
    del body["id"]
    return body


def request(document: Document, keyring: Keyring) -> Request:
    """A stored request. Unavailable when it was tampered with."""
    sealed = base64.b64decode(document.body["why"])
    why = keyring.open(keyring.own_key, f"support request|{document.id}", sealed).decode()
    return Request(document.id, **{**document.body, "why": why})
