"""`alerts`: the rules of the organisation, and what may be done about them in this chat."""

from collections.abc import Sequence

from bot.cards import alerts as cards
from bot.cards.alerts import Button, Line
from bot.cards.elements import Card
from bot.channel.turn import Answer, Show
from bot.context import Asker, Desk
from bot.references import Verb
from portal.domain.access.model import Permission
from portal.domain.access.rules import may, require
from portal.domain.alerts.model import Listed, Rule, Subscription
from portal.domain.alerts.service import NO_RULE
from portal.domain.shared.errors import NotFound

RULE, SUBSCRIPTION, DELIVERY, LIST = "rule", "subscription", "delivery", "list"
SEPARATOR = ":"


async def alerts(desk: Desk, asker: Asker) -> Sequence[Answer]:
    """The list of alerts. Forbidden."""
    require(asker.actor, Permission.ALERTS_VIEW)
    return [Show(await listing(desk, asker), asker.words.say("alerts.fallback"))]


async def listing(
    desk: Desk, asker: Asker, *, said: str = "", refused: bool = False, edited: str = ""
) -> Card:
    """The card of all alerts as they stand; `said` is told above them, the form of the rule
    `edited` is open. Forbidden; NotFound for a rule that is not there."""
    actor = asker.actor
    listed = await desk.alerts.all(actor=actor)
    choices = await desk.dashboards.queue_choices(actor=actor)
    rule = next((one.rule for one in listed if one.rule.id == edited), None)
    if edited and rule is None:
        raise NotFound(NO_RULE)
    return cards.listing(
        [_line(one, asker) for one in listed],
        asker.words,
        time_zone=asker.organization.time_zone,
        now_ms=desk.clock.now_ms(),
        url=desk.links.alerts(asker.words.say("alerts.heading")),
        queues=[(one.name, one.id) for one in choices],
        form=_form(rule, asker),
        edited=rule,
        said=said,
        refused=refused,
    )


def _form(edited: Rule | None, asker: Asker) -> Button | None:
    """What the form does, for those who may."""
    if not may(asker.actor, Permission.ALERTS_MANAGE):
        return None
    if edited is None:
        reference = asker.signer.sign(asker.conversation, LIST, [Verb.ALERT_CREATE])
        return Button("alerts.create", Verb.ALERT_CREATE, reference)
    record = f"{RULE}{SEPARATOR}{edited.id}"
    reference = asker.signer.sign(
        asker.conversation, record, [Verb.ALERT_CHANGE], version=edited.version
    )
    return Button("alerts.save", Verb.ALERT_CHANGE, reference)


def _line(listed: Listed, asker: Asker) -> Line:
    here = next(
        (one for one in listed.subscriptions if one.conversation == asker.conversation), None
    )
    return Line(
        listed,
        here is not None,
        here.snoozed_until_ms if here else 0,
        _buttons(listed, here, asker),
    )


def _buttons(listed: Listed, here: Subscription | None, asker: Asker) -> tuple[Button, ...]:
    """What the asker may do about the rule here. Others may press them too where they read along:
    the services look at who presses."""
    manages = may(asker.actor, Permission.ALERTS_MANAGE)
    made: list[Button] = []
    rule = f"{RULE}{SEPARATOR}{listed.rule.id}"
    if here is not None:
        made += of_subscription(here, asker)
    elif manages or asker.is_private:
        verbs = [Verb.SUBSCRIBE]
        reference = asker.signer.sign(asker.conversation, rule, verbs, version=listed.rule.version)
        made.append(Button("alerts.subscribe", Verb.SUBSCRIBE, reference))
    if manages:
        verbs = [Verb.ALERT_EDIT, Verb.ALERT_REMOVE]
        reference = asker.signer.sign(asker.conversation, rule, verbs, version=listed.rule.version)
        made.append(Button("alerts.edit", Verb.ALERT_EDIT, reference))
        made.append(Button("alerts.remove", Verb.ALERT_REMOVE, reference))
    return tuple(made)


def of_subscription(here: Subscription, asker: Asker) -> list[Button]:
    """What may be done about a subscription from the list."""
    verbs = [Verb.UNSUBSCRIBE, Verb.SNOOZE_8_HOURS, Verb.WAKE]
    record = f"{SUBSCRIPTION}{SEPARATOR}{here.id}"
    reference = asker.signer.sign(asker.conversation, record, verbs, version=here.version)
    quiet = (
        Button("alerts.wake", Verb.WAKE, reference)
        if here.snoozed_until_ms
        else Button("alerts.snooze480", Verb.SNOOZE_8_HOURS, reference)
    )
    return [quiet, Button("alerts.unsubscribe", Verb.UNSUBSCRIBE, reference)]
