"""What access is stored as, and back. What people wrote and what people are called is sealed."""

import base64
import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TypeVar

from portal.domain.access.grants import (
    BreakGlass,
    Grant,
    Holder,
    HolderKind,
    Member,
    OwnRole,
    Stage,
    Terms,
    Words,
)
from portal.domain.access.model import Board, Detail, Permission, Scope
from portal.domain.shared import contact_data
from portal.domain.shared.documents import Body
from portal.domain.shared.fields import Category, Erase, Field, Kind, Purpose, Subject
from portal.domain.shared.sealing import Keyring

OPERATIONAL, IDENTIFIER = Category.OPERATIONAL, Category.IDENTIFIER
CONFIGURATION = Category.CONFIGURATION
E = TypeVar("E", bound=StrEnum)

REVISION = Kind("access_revision", (Field("revision", OPERATIONAL),))
"""One for an organisation: every change of its access replaces it, which gives them an order."""
GRANT = Kind(
    "access_grant",
    (
        Field("version", OPERATIONAL),
        Field("holder_kind", OPERATIONAL),
        Field("holder", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("role", CONFIGURATION),
        Field("boards", CONFIGURATION),
        Field("queues", CONFIGURATION),
        Field("channels", CONFIGURATION),
        Field("details", CONFIGURATION),
        Field("expires_at_ms", OPERATIONAL),
        Field("words", Category.FREE_TEXT, Subject.MEMBER, Erase.DELETE, sealed=True),
        Field("granted_by", IDENTIFIER, Subject.MEMBER, Erase.KEEP),
        Field("granted_at_ms", OPERATIONAL),
        Field("confirmed_by", IDENTIFIER, Subject.MEMBER, Erase.KEEP),
        Field("confirmed_at_ms", OPERATIONAL),
    ),
)
ROLE = Kind(
    "access_role",
    (
        Field("version", OPERATIONAL),
        Field("title", CONFIGURATION, Subject.ORGANIZATION),
        Field("permissions", CONFIGURATION),
    ),
)
MEMBER = Kind(
    "access_member",
    (
        Field("version", OPERATIONAL),
        Field("tenant_id", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("object_id", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("key", Category.KEY_MATERIAL, Subject.MEMBER, Erase.DELETE, sealed=True),
        Field(
            "name",
            Category.CONTACT_DETAILS,
            Subject.MEMBER,
            Erase.SHRED,
            sealed=True,
            purposes=frozenset({Purpose.ACCESS, Purpose.SECURITY}),
        ),
        Field(
            "mail",
            Category.CONTACT_DETAILS,
            Subject.MEMBER,
            Erase.SHRED,
            sealed=True,
            purposes=frozenset({Purpose.SECURITY, Purpose.SERVICE}),
        ),
        Field("groups", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("seen_at_ms", OPERATIONAL, Subject.MEMBER, Erase.DELETE),
        Field("agent_keys", IDENTIFIER, Subject.AGENT, Erase.DELETE),
    ),
)
GLASS = Kind(
    "access_break_glass",
    (
        Field("version", OPERATIONAL),
        Field("person_id", IDENTIFIER, Subject.MEMBER, Erase.KEEP),
        Field("reason", Category.FREE_TEXT, Subject.MEMBER, Erase.DELETE, sealed=True),
        Field("minutes", OPERATIONAL),
        Field("asked_at_ms", OPERATIONAL),
        Field("stage", OPERATIONAL),
        Field("decided_by", IDENTIFIER, Subject.MEMBER, Erase.KEEP),
        Field("decided_at_ms", OPERATIONAL),
        Field("until_ms", OPERATIONAL),
    ),
)
ACCOUNT = Kind(
    "access_account",
    (Field("organizations", IDENTIFIER, Subject.MEMBER, Erase.DELETE),),
)
"""In the region's directory: in which organisations a person may hold something. A hint, never a
right: what they hold is looked up there."""
TENANT = Kind("access_tenant", (Field("organization", IDENTIFIER, Subject.ORGANIZATION),))
"""In the region's directory: which organisation a Microsoft tenant is."""
OWN_TENANT = Kind("access_own_tenant", (Field("tenant_id", IDENTIFIER, Subject.ORGANIZATION),))
"""In the organisation's partition: the same, so that its groups can be told from others'."""
CLAIM = Kind("access_claim", (Field("hash", IDENTIFIER),))
"""The one-time code with which the first representative claims the organisation, hashed."""
TALLY = Kind(
    "access_refusals",
    (
        Field("organization", IDENTIFIER),
        Field("person", IDENTIFIER, Subject.MEMBER, Erase.KEEP),
        Field("operation", OPERATIONAL),
        Field("status", OPERATIONAL),
        Field("since_ms", OPERATIONAL),
        Field("last_ms", OPERATIONAL),
        Field("times", OPERATIONAL),
        Field("window_ms", OPERATIONAL),
        Field("due_ms", OPERATIONAL),
    ),
)
"""Refusals of one person and operation that are in no entry of the trail yet. The person is kept as
the trail keeps them, into which this goes."""


def grant_body(of: Grant, keyring: Keyring) -> Body:
    """A grant for the store."""
    scope = of.terms.scope
    return {
        "version": of.version,
        "holder_kind": of.holder.kind.value,
        "holder": of.holder.id,
        "role": of.terms.role,
        "boards": _sorted(scope.boards),
        "queues": _sorted(scope.queues),
        "channels": _sorted(scope.channels),
        "details": _sorted(scope.details),
        "expires_at_ms": of.terms.expires_at_ms,
        "words": _sealed(keyring, f"grant|{of.id}", json.dumps(of.words)),
        "granted_by": of.granted_by,
        "granted_at_ms": of.granted_at_ms,
        "confirmed_by": of.confirmed_by,
        "confirmed_at_ms": of.confirmed_at_ms,
    }


def grant(id: str, body: Body, keyring: Keyring) -> Grant:
    """A stored grant. Raises Unavailable when its words were tampered with."""
    words = Words(*json.loads(_opened(keyring, f"grant|{id}", body["words"])))
    scope = Scope(
        _read(Board, body["boards"]),
        _set(body["queues"]),
        _set(body["channels"]),
        _read(Detail, body["details"]),
    )
    return Grant(
        id,
        body["version"],
        Holder(HolderKind(body["holder_kind"]), body["holder"]),
        Terms(body["role"], scope, body["expires_at_ms"]),
        words,
        body["granted_by"],
        body["granted_at_ms"],
        body["confirmed_by"],
        body["confirmed_at_ms"],
    )


def role_body(of: OwnRole) -> Body:
    """An own role for the store."""
    return {
        "version": of.version,
        "title": of.title,
        "permissions": sorted(one.value for one in of.permissions),
    }


def role(id: str, body: Body) -> OwnRole:
    """A stored role; permissions that the product no longer knows are gone."""
    known = {one.value for one in Permission}
    permissions = frozenset(Permission(one) for one in body["permissions"] if one in known)
    return OwnRole(id, body["version"], body["title"], permissions)


def member_body(of: Member, keyring: Keyring) -> Body:
    """A member for the store, under a key of their own."""
    key = keyring.new_key()
    sealed = keyring.seal(key.key, f"member|{of.person_id}", of.name.encode())
    mail = keyring.seal(key.key, f"member|{of.person_id}|mail", of.mail.encode())
    return {
        "version": of.version,
        "tenant_id": of.tenant_id,
        "object_id": of.object_id,
        "key": base64.b64encode(key.wrapped).decode(),
        "name": base64.b64encode(sealed).decode(),
        "mail": base64.b64encode(mail).decode(),
        "groups": sorted(of.groups),
        "seen_at_ms": of.seen_at_ms,
        "agent_keys": dict(of.agent_keys),
    }


def member(id: str, body: Body, keyring: Keyring) -> Member:
    """A stored member, the name read to know who it is, the address to write to them. Raises
    Unavailable when either was tampered with."""
    key = keyring.unwrap(base64.b64decode(body["key"]))

    def opened(name: str, purpose: Purpose, context: str) -> str:
        sealed = base64.b64decode(body.get(name, ""))  # members of before had no address
        if not sealed:
            return ""
        return contact_data.opened(
            MEMBER, name, (purpose,), keyring, key=key, context=context, sealed=sealed
        ).decode()

    return Member(
        id,
        body["version"],
        opened("name", Purpose.ACCESS, f"member|{id}"),
        body["tenant_id"],
        body["object_id"],
        frozenset(body["groups"]),
        body["seen_at_ms"],
        dict(body["agent_keys"]),
        opened("mail", Purpose.SERVICE, f"member|{id}|mail"),
    )


def glass_body(of: BreakGlass, keyring: Keyring) -> Body:
    """A break-glass request for the store."""
    body = of._asdict() | {
        "stage": of.stage.value,
        "reason": _sealed(keyring, f"glass|{of.id}", of.reason),
    }
    del body["id"]
    return body


def glass(id: str, body: Body, keyring: Keyring) -> BreakGlass:
    """A stored break-glass request. Raises Unavailable when the reason was tampered with."""
    reason = _opened(keyring, f"glass|{id}", body["reason"])
    return BreakGlass(id, **{**body, "reason": reason, "stage": Stage(body["stage"])})


def _sealed(keyring: Keyring, context: str, text: str) -> str:
    sealed = keyring.seal(keyring.own_key, f"access|{context}", text.encode())
    return base64.b64encode(sealed).decode()


def _opened(keyring: Keyring, context: str, sealed: Any) -> str:
    plain = keyring.open(keyring.own_key, f"access|{context}", base64.b64decode(sealed))
    return plain.decode()


def _sorted(given: Iterable[str] | None) -> list[str] | None:
    return None if given is None else sorted(str(one) for one in given)


def _set(given: Iterable[str] | None) -> frozenset[str] | None:
    return None if given is None else frozenset(given)


def _read(kind: type[E], given: Iterable[str] | None) -> frozenset[E] | None:
    """What is no longer known reaches nothing, and does not widen the rest."""
    known = {one.value for one in kind}
    return None if given is None else frozenset(kind(one) for one in given if one in known)
