"""An organisation's access at one revision, and what follows from it at a moment."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from portal.domain.access import rules
from portal.domain.access.grants import (
    WORKING,
    BreakGlass,
    Grant,
    Holder,
    HolderKind,
    OwnRole,
    ReviewTerms,
    Stage,
    State,
    is_standing,
)
from portal.domain.access.model import Holding, Permission, Role

RANK: Mapping[str, int] = {role.value: place for place, role in enumerate(rules.RANKED)}


class Book(NamedTuple):
    """Every role, grant and break-glass of an organisation. `etag` is that of the revision, ""
    before the first change. `tenant_id` is the Microsoft tenant whose groups count, "" for none."""

    revision: int
    etag: str
    roles: Mapping[str, OwnRole]
    grants: Mapping[str, Grant]
    glass: Mapping[str, BreakGlass]
    review: ReviewTerms
    tenant_id: str = ""

    def states(self, now_ms: int) -> dict[str, State]:
        """How each grant stands. The representatives confirmed last never lapse all together:
        somebody must be left who can confirm the others."""
        states = {id: self.review.state(grant, now_ms) for id, grant in self.grants.items()}
        standing = [grant for grant in self.grants.values() if is_standing(grant)]
        if standing and not any(states[grant.id] in WORKING for grant in standing):
            last = max(grant.confirmed_at_ms for grant in standing)
            states |= {g.id: State.OVERDUE for g in standing if g.confirmed_at_ms == last}
        return states

    def working(self, now_ms: int) -> list[Grant]:
        """The grants that give something."""
        states = self.states(now_ms)
        return [grant for id, grant in self.grants.items() if states[id] in WORKING]

    def permissions(self, role: str) -> frozenset[Permission]:
        """What the role permits; nothing for one that is gone."""
        if role in set(Role):
            return rules.PERMISSIONS[Role(role)]
        own = self.roles.get(role)
        return frozenset() if own is None else own.permissions

    def title(self, role: str) -> str:
        """What the role is called."""
        own = self.roles.get(role)
        return role.replace("_", " ").capitalize() if own is None else own.title

    def is_blind(self, role: str) -> bool:
        """Whether the role sees figures without identities."""
        return role in rules.BLIND

    def holding(self, grant: Grant, *, lifted: bool = False) -> Holding:
        """What the grant gives; `lifted` to somebody whose blindness is lifted for a while."""
        permissions, blind = self.permissions(grant.terms.role), self.is_blind(grant.terms.role)
        if blind and lifted:
            permissions |= rules.LIFTED
        role = grant.terms.role
        return Holding(grant.id, role, permissions, grant.terms.scope, blind and not lifted)

    def holdings(
        self, person_id: str, groups: Iterable[str], now_ms: int
    ) -> tuple[tuple[Holding, ...], int | None]:
        """Everything the person holds, foremost role first, and until when that is so (None: until
        somebody changes it). One blind grant takes what shows identities from all others."""
        theirs = {Holder(HolderKind.PERSON, person_id)}
        theirs |= {Holder(HolderKind.GROUP, group) for group in groups}
        lifted_until = self.lifted_until_ms(person_id, now_ms)
        mine = [grant for grant in self.grants.values() if grant.holder in theirs]
        states = self.states(now_ms) if mine else {}
        held = sorted(
            (
                self.holding(grant, lifted=lifted_until is not None)
                for grant in mine
                if states[grant.id] in WORKING
            ),
            key=lambda one: (RANK.get(one.role, len(RANK)), one.grant),
        )
        if any(one.blind for one in held):
            held = [replace(one, permissions=one.permissions - rules.UNSEEN) for one in held]
        return tuple(held), self._until(mine, now_ms, lifted_until)

    def lifted_until_ms(self, person_id: str, now_ms: int) -> int | None:
        """Until when the person's blindness is lifted, None when it is not."""
        approved = [
            one.until_ms
            for one in self.glass.values()
            if one.person_id == person_id and one.at(now_ms) is Stage.APPROVED
        ]
        return max(approved, default=None)

    def _until(self, grants: list[Grant], now_ms: int, lifted_until: int | None) -> int | None:
        moments = [] if lifted_until is None else [lifted_until]
        for grant in grants:
            if grant.terms.expires_at_ms is not None:
                moments.append(grant.terms.expires_at_ms)
            moments.append(self.review.lapses_at_ms(grant))
        return min((moment for moment in moments if moment > now_ms), default=None)
