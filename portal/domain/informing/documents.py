"""What informing people leaves in the store. Who confirmed what and when is sealed, and found by a
blind index of the person."""

import base64
import json

from portal.domain.informing.model import Audience, Edition, Known, Terms, Text, Way, Word
from portal.domain.shared.documents import Body, Document
from portal.domain.shared.fields import Category, Erase, Field, Kind, Subject
from portal.domain.shared.sealing import Keyring

OPERATIONAL = Category.OPERATIONAL
TERMS_ID = "informing"
EDITION = Kind(
    "informing_edition",
    (
        Field("number", OPERATIONAL),
        Field("texts", Category.FREE_TEXT, Subject.ORGANIZATION, Erase.DELETE, sealed=True),
        Field("published_by", Category.IDENTIFIER, Subject.MEMBER, Erase.KEEP),
        Field("published_at_ms", OPERATIONAL),
    ),
)
TERMS = Kind(
    "informing_terms",
    (
        Field("version", OPERATIONAL),
        Field("number", OPERATIONAL),
        Field("audience", Category.CONFIGURATION),
        Field("required", Category.CONFIGURATION),
    ),
)
KNOWN = Kind(
    "informing_person",
    (
        Field("words", Category.FREE_TEXT, Subject.MEMBER, Erase.DELETE, sealed=True),
        Field("asked", OPERATIONAL),
        Field("asks", OPERATIONAL),
        Field("asked_at_ms", OPERATIONAL),
    ),
)


def known_id(person: str, keyring: Keyring) -> str:
    """Where what is known of somebody is."""
    return keyring.blind("informing", person).hex()


def edition_body(of: Edition, keyring: Keyring) -> Body:
    """An edition for the store."""
    plain = json.dumps({one: list(text) for one, text in of.texts.items()}).encode()
    sealed = keyring.seal(keyring.own_key, f"informing|{of.number}", plain)
    return of._asdict() | {"texts": base64.b64encode(sealed).decode()}


def edition(body: Body, keyring: Keyring) -> Edition:
    """A stored edition. Unavailable when it was tampered with."""
    sealed = base64.b64decode(body["texts"])
    plain = json.loads(keyring.open(keyring.own_key, f"informing|{body['number']}", sealed))
    texts = {one: Text(*text) for one, text in plain.items()}
    return Edition(body["number"], texts, body["published_by"], body["published_at_ms"])


def terms_body(of: Terms) -> Body:
    """Terms for the store."""
    return of._asdict() | {"audience": of.audience.value}


def terms(body: Body) -> Terms:
    """Stored terms."""
    return Terms(**{**body, "audience": Audience(body["audience"])})


def known_body(of: Known, keyring: Keyring) -> Body:
    """What is known of somebody, for the store."""
    words = [[one.number, one.at_ms, one.way.value, one.text_hash] for one in of.words]
    plain = json.dumps([of.person, words]).encode()
    id = known_id(of.person, keyring)
    sealed = keyring.seal(keyring.own_key, f"informing|person|{id}", plain)
    return {
        "words": base64.b64encode(sealed).decode(),
        "asked": of.asked,
        "asks": of.asks,
        "asked_at_ms": of.asked_at_ms,
    }


def known(document: Document, keyring: Keyring) -> Known:
    """What is stored of somebody. Unavailable when it was tampered with."""
    body, context = document.body, f"informing|person|{document.id}"
    person, words = json.loads(
        keyring.open(keyring.own_key, context, base64.b64decode(body["words"]))
    )
    said = tuple(Word(number, at_ms, Way(way), hashed) for number, at_ms, way, hashed in words)
    return Known(person, said, body["asked"], body["asks"], body["asked_at_ms"])
