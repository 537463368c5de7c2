"""What alerts are stored as, and back. References of conversations are sealed: they name people."""

import base64
import json
from typing import Any

from portal.domain.alerts.model import (
    AlertMetric,
    Comparison,
    Conversation,
    Daily,
    Delivery,
    Figure,
    Hours,
    Rule,
    Scope,
    Stage,
    Standing,
    Subscription,
    Threshold,
    Trigger,
)
from portal.domain.shared import contact_data
from portal.domain.shared.documents import Body
from portal.domain.shared.fields import Category, Erase, Field, Kind, Purpose, Subject
from portal.domain.shared.sealing import Keyring

OPERATIONAL, IDENTIFIER = Category.OPERATIONAL, Category.IDENTIFIER

RULE = Kind(
    "alert_rule",
    (
        Field("queue", IDENTIFIER),
        Field("trigger", Category.CONFIGURATION),
        Field("version", OPERATIONAL),
        Field("created_by", IDENTIFIER, Subject.MEMBER, Erase.KEEP),
        Field("created_at_ms", OPERATIONAL),
        Field("changed_at_ms", OPERATIONAL),
    ),
)
STANDING = Kind("alert_standing", tuple(Field(name, OPERATIONAL) for name in Standing._fields))
SUBSCRIPTION = Kind(
    "alert_subscription",
    (
        Field("rule", IDENTIFIER),
        Field("conversation", IDENTIFIER),
        Field("person", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("member", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("reader", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field("language", Category.CONFIGURATION),
        Field("snoozed_until_ms", OPERATIONAL),
        Field("version", OPERATIONAL),
    ),
)
DELIVERY = Kind(
    "alert_delivery",
    (
        Field("rule", IDENTIFIER),
        Field("subscription", IDENTIFIER),
        Field("conversation", IDENTIFIER),
        Field("language", Category.CONFIGURATION),
        Field("stage", OPERATIONAL),
        Field("figure", Category.FIGURES),
        Field("created_at_ms", OPERATIONAL),
        Field("due_at_ms", OPERATIONAL),
        Field("held_until_ms", OPERATIONAL),
        Field("attempts", OPERATIONAL),
        Field("activity", IDENTIFIER),
        Field("dropped", OPERATIONAL),
        Field("snoozed", OPERATIONAL),
    ),
)
CONVERSATION = Kind(
    "bot_conversation",
    (
        Field("scope", OPERATIONAL),
        Field("tenant", IDENTIFIER, Subject.ORGANIZATION),
        Field("person", IDENTIFIER, Subject.MEMBER, Erase.DELETE),
        Field(
            "reference",
            Category.CONTACT_DETAILS,
            Subject.MEMBER,
            Erase.DELETE,
            sealed=True,
            purposes=frozenset({Purpose.SECURITY, Purpose.SERVICE}),
        ),
    ),
)
PREFERENCE = Kind(
    "bot_preference",
    (
        Field("organization", IDENTIFIER, Subject.ORGANIZATION),
        Field("language", Category.CONFIGURATION),
        Field("range", Category.CONFIGURATION),
        Field("definition", Category.CONFIGURATION),
    ),
)
PLACE = Kind(
    "bot_place",
    (
        Field("organization", IDENTIFIER, Subject.ORGANIZATION),
        Field("language", Category.CONFIGURATION),
        Field("former", IDENTIFIER, Subject.ORGANIZATION),
        Field("changed_by", IDENTIFIER, Subject.MEMBER, Erase.KEEP),
        Field("change", OPERATIONAL),
    ),
)
HANDLED = Kind("handled_activity", (Field("at_ms", OPERATIONAL),))


def rule_body(rule: Rule) -> Body:
    """A rule for the store."""
    body = rule._asdict()
    del body["id"]
    return body | {"trigger": trigger_body(rule.trigger)}


def rule(id: str, body: Body) -> Rule:
    """A stored rule."""
    return Rule(id, **{**body, "trigger": trigger(body["trigger"])})


def trigger_body(of: Trigger) -> dict[str, Any]:
    """A trigger as JSON."""
    if isinstance(of, Daily):
        return {"kind": "daily"} | of._asdict() | {"days": list(of.days)}
    hours = None if of.hours is None else of.hours._asdict() | {"days": list(of.hours.days)}
    return {"kind": "threshold"} | of._asdict() | {"hours": hours}


def trigger(body: Body) -> Trigger:
    """A trigger from its JSON."""
    given = {name: value for name, value in body.items() if name != "kind"}
    if body["kind"] == "daily":
        return Daily(**{**given, "days": tuple(given["days"])})
    hours = given["hours"]
    given["hours"] = None if hours is None else Hours(**{**hours, "days": tuple(hours["days"])})
    given["metric"] = AlertMetric(given["metric"])
    given["comparison"] = Comparison(given["comparison"])
    return Threshold(**given)


def subscription_body(of: Subscription) -> Body:
    """A subscription for the store."""
    body = of._asdict()
    del body["id"]
    return body


def subscription(id: str, body: Body) -> Subscription:
    """A stored subscription."""
    return Subscription(id, **body)


def delivery_body(of: Delivery) -> Body:
    """A message on its way for the store."""
    body = of._asdict()
    del body["id"]
    return body | {"stage": of.stage.value, "figure": of.figure._asdict()}


def delivery(id: str, body: Body) -> Delivery:
    """A stored message on its way."""
    known = {**body, "stage": Stage(body["stage"]), "figure": Figure(**body["figure"])}
    return Delivery(id, **known)


def conversation_body(of: Conversation, person: str, keyring: Keyring) -> Body:
    """A conversation for the store. `person` is whose chat it is, "" for shared ones."""
    plain = json.dumps(dict(of.reference), sort_keys=True).encode()
    sealed = keyring.seal(keyring.own_key, f"conversation|{of.id}", plain)
    return {
        "scope": of.scope.value,
        "tenant": of.tenant,
        "person": person,
        "reference": base64.b64encode(sealed).decode(),
    }


def conversation(id: str, body: Body, keyring: Keyring) -> Conversation:
    """A stored conversation, to write there what the service tells. Raises Unavailable when the
    reference was tampered with."""
    plain = contact_data.opened(
        CONVERSATION,
        "reference",
        (Purpose.SERVICE,),
        keyring,
        key=keyring.own_key,
        context=f"conversation|{id}",
        sealed=base64.b64decode(body["reference"]),
    )
    return Conversation(id, Scope(body["scope"]), str(body["tenant"]), json.loads(plain))
