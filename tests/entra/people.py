"""The accounts of the stand-in become people of Harbour Lane, the way a customer comes in: a
representative claims the organisation with its code, and gives the others their roles."""

import time
from dataclasses import replace

from portal.adapters.identity.local import HARBOUR
from portal.domain.access.grants import Holder, HolderKind, Terms, Words
from portal.domain.access.looking import Newcomer
from portal.domain.access.model import Claims, Role, Scope
from portal.domain.access.rules import account_id, acting_as
from tests.entra.conftest import BY_HIMSELF, HARBOUR_GROUP, REPRESENTATIVE
from tests.entra.entra import Account
from tests.entra.portal import Portal


def claims(account: Account) -> Claims:
    """What a token of the account says of who it is."""
    return Claims(
        account_id(account.tenant, account.oid),
        "",
        time.time() + 3600,
        tenant_id=account.tenant,
        object_id=account.oid,
        display_name=account.name,
    )


async def introduce(portal: Portal) -> None:
    """Oliver Bright represents Harbour Lane; supervisors are who is in its group, besides Tomas
    Silva, who is one by himself."""
    services = portal.services
    operator = acting_as(Role.OPERATOR, "luca.moretti", "Luca Moretti", HARBOUR)
    code = await services.onboarding.make_code(actor=operator)
    representative = await services.onboarding.claim(HARBOUR, code, claims(REPRESENTATIVE))
    actor = acting_as(
        Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE,
        representative,
        REPRESENTATIVE.name,
        HARBOUR,
        proved_at_s=time.time(),
    )
    supervisors = Holder(HolderKind.GROUP, HARBOUR_GROUP)
    tomas = Newcomer("", BY_HIMSELF.tenant, BY_HIMSELF.oid, BY_HIMSELF.name)
    terms = Terms(Role.SUPERVISOR, Scope(), None)
    for holder in (supervisors, tomas):
        await services.management.grant(holder, terms, Words("They lead teams."), actor=actor)
    people = [representative, claims(BY_HIMSELF).person_id]
    for own in await services.setting_up.policies.own(actor=actor):
        version = own.policy.current(own.now_ms)
        for person in people:
            reader = replace(actor, person_id=person)
            await services.setting_up.policies.accept(
                own.policy.id, version.number, version.text_hash, actor=reader
            )
