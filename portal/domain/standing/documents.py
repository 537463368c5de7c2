"""What standings are stored as, and back; what anybody wrote is sealed."""

import base64
from typing import Any

from portal.domain.organizations.service import Tenancy
from portal.domain.organizations.standing import State
from portal.domain.shared.documents import Body, Document
from portal.domain.shared.fields import Category, Erase, Field, Kind, Subject
from portal.domain.standing.model import Act, Appeal, Change, Outcome, Reason, Standing

OPERATIONAL = Category.OPERATIONAL
CHANGE = Kind(
    "standing_change",
    (
        Field("version", OPERATIONAL),
        Field("act", OPERATIONAL),
        Field("state", OPERATIONAL),
        Field("reason", OPERATIONAL),
        Field("text", Category.FREE_TEXT, Subject.ORGANIZATION, Erase.SHRED, sealed=True),
        Field("by", Category.IDENTIFIER, Subject.MEMBER),
        Field("at_ms", OPERATIONAL),
    ),
)
APPEAL = Kind(
    "standing_appeal",
    (
        Field("against", OPERATIONAL),
        Field("text", Category.FREE_TEXT, Subject.MEMBER, Erase.SHRED, sealed=True),
        Field("by", Category.IDENTIFIER, Subject.MEMBER),
        Field("at_ms", OPERATIONAL),
        Field("outcome", OPERATIONAL),
        Field("answer", Category.FREE_TEXT, Subject.ORGANIZATION, Erase.SHRED, sealed=True),
        Field("decided_by", Category.IDENTIFIER, Subject.MEMBER),
        Field("decided_at_ms", OPERATIONAL),
    ),
)


def standing_body(of: Standing, tenancy: Tenancy) -> Body:
    """A standing for the store."""
    sealed = _sealed(tenancy, f"standing|{of.version}", of.text)
    return of._asdict() | {"state": of.state.value, "reason": of.reason.value, "text": sealed}


def standing(document: Document | None, tenancy: Tenancy) -> Standing:
    """A stored standing; without one the organisation is active."""
    if document is None:
        return Standing()
    body: dict[str, Any] = dict(document.body)
    body["text"] = _opened(tenancy, f"standing|{body['version']}", body["text"])
    return Standing(**body | {"state": State(body["state"]), "reason": Reason(body["reason"])})


def change_id(version: int) -> str:
    """Where the step to that version lies."""
    return f"{version:08d}"


def change_body(of: Change, tenancy: Tenancy) -> Body:
    """A step for the store."""
    sealed = _sealed(tenancy, f"standing change|{of.version}", of.text)
    return of._asdict() | {
        "act": of.act.value,
        "state": of.state.value,
        "reason": of.reason.value,
        "text": sealed,
    }


def change(document: Document, tenancy: Tenancy) -> Change:
    """A stored step."""
    body: dict[str, Any] = dict(document.body)
    body["text"] = _opened(tenancy, f"standing change|{body['version']}", body["text"])
    body |= {"act": Act(body["act"]), "state": State(body["state"])}
    return Change(**body | {"reason": Reason(body["reason"])})


def appeal_body(of: Appeal, tenancy: Tenancy) -> Body:
    """An appeal for the store."""
    body = of._asdict() | {
        "against": of.against.value,
        "outcome": of.outcome.value,
        "text": _sealed(tenancy, f"appeal|{of.id}", of.text),
        "answer": _sealed(tenancy, f"appeal answer|{of.id}", of.answer),
    }
    del body["id"]
    return body


def appeal(document: Document, tenancy: Tenancy) -> Appeal:
    """A stored appeal."""
    id, body = document.id, dict(document.body)
    body |= {
        "against": State(body["against"]),
        "outcome": Outcome(body["outcome"]),
        "text": _opened(tenancy, f"appeal|{id}", body["text"]),
        "answer": _opened(tenancy, f"appeal answer|{id}", body["answer"]),
    }
    return Appeal(id, **body)


def _sealed(tenancy: Tenancy, context: str, text: str) -> str:
    keyring = tenancy.keyring
    return base64.b64encode(keyring.seal(keyring.own_key, context, text.encode())).decode()


def _opened(tenancy: Tenancy, context: str, sealed: str) -> str:
    keyring = tenancy.keyring
    return keyring.open(keyring.own_key, context, base64.b64decode(sealed)).decode()
