"""Whatever people do with a notice in whatever order, the service and a plain model agree."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from portal.domain.informing.model import Audience, Text, Way
from portal.domain.informing.rules import DAY_MS, WAITS_MS
from portal.domain.shared.errors import Forbidden
from tests.fakes import centre
from tests.fakes.setting_up import who
from tests.unit.informing.helpers import AMIRA, HANA, SOFIA
from tests.unit.setup.test_lifecycles import MANY, Machine

PEOPLE = (AMIRA, SOFIA, HANA)


class InformingPeople(Machine):
    """Editions, confirmations, terms, reminders."""

    def __init__(self) -> None:
        super().__init__()
        self.number = self.version = 0
        self.hashes: dict[int, str] = {}
        self.audience, self.required = Audience.AGENTS, False
        self.confirmed: set[tuple[str, int]] = set()
        self.asked: dict[str, list[int]] = {}
        self.informing = self.services.informing

    def concerned(self, slug: str) -> bool:
        return self.audience is Audience.EVERYONE or slug == AMIRA

    def act(self, slug: str) -> Any:
        return self.run(who(self.services, slug))

    @rule(stale=st.booleans(), german=st.booleans())
    def publish(self, stale: bool, german: bool) -> None:
        texts = {"de" if german else "en": Text("Calls", f"Edition {self.number + 1}.")}
        version = self.version + stale
        work = self.informing.publish(texts, version=version, actor=self.oliver)
        refused = self.tried(work)
        assert refused == ("conflict" if stale else "")
        if not stale:
            self.number, self.version, self.asked = self.number + 1, self.version + 1, {}
            own = self.run(self.informing.own(actor=self.act(AMIRA)))
            self.hashes[self.number] = own.edition.text_hash

    @rule(audience=st.sampled_from(Audience), required=st.booleans())
    def set_terms(self, audience: Audience, required: bool) -> None:
        work = self.informing.set_terms(
            audience, required=required, version=self.version, actor=self.oliver
        )
        assert self.tried(work) == ""
        self.audience, self.required = audience, required
        self.version += 1

    @rule(slug=st.sampled_from(PEOPLE), back=st.integers(0, 2), way=st.sampled_from(Way))
    def confirm(self, slug: str, back: int, way: Way) -> None:
        number = self.number - back
        hashed = self.hashes.get(number, "0" * 64)
        refused = self.tried(self.informing.confirm(number, hashed, way=way, actor=self.act(slug)))
        if number < 1:
            assert refused == "not-found"
        elif back:
            assert refused == "superseded"
        else:
            assert refused == ""
            self.confirmed.add((slug, number))

    @rule(slug=st.sampled_from(PEOPLE))
    def confirm_another_text(self, slug: str) -> None:
        refused = self.tried(
            self.informing.confirm(self.number, "0" * 64, way=Way.TAB, actor=self.act(slug))
        )
        assert refused == ("invalid-input" if self.number else "not-found")

    @rule(days=st.sampled_from([0, 1, 2, 5, 17]))
    def look(self, days: int) -> None:
        if self.clock.now + days * DAY_MS > centre.NOW_MS + 80 * DAY_MS:
            days = 0  # grants that nobody confirms lapse in the end
        self.clock.pass_time(seconds=days * 24 * 3600 + 600)
        due = 0
        everyone = self.run(self.services.management.people(actor=self.oliver))
        for one in everyone:
            slug = one.person_id
            if not self.number or (slug, self.number) in self.confirmed:
                continue
            if not (self.audience is Audience.EVERYONE or slug == AMIRA):
                continue
            times = self.asked.setdefault(slug, [])
            waits = WAITS_MS[len(times) - 1] if 0 < len(times) <= len(WAITS_MS) else 0
            if not times or (waits and self.clock.now >= times[-1] + waits):
                times.append(self.clock.now)
                due += 1
        assert self.run(self.services.reminding.look()) == due
        assert all(len(times) <= len(WAITS_MS) + 1 for times in self.asked.values())

    @invariant()
    def everybody_is_asked_for_what_waits(self) -> None:
        for slug in PEOPLE:
            own = self.run(self.informing.own(actor=self.act(slug)))
            done = (slug, self.number) in self.confirmed
            assert own.waits == bool(self.number and self.concerned(slug) and not done)
            held = self.required and own.waits
            assert self.is_held(slug) == held

    @invariant()
    def coverage_is_a_plain_count(self) -> None:
        found = self.run(self.informing.coverage(actor=self.oliver))
        done = {slug for slug, number in self.confirmed if number == self.number}
        assert found.confirmed == sum(self.concerned(slug) for slug in done)
        assert (found.percent is None) == (self.number == 0)

    def is_held(self, slug: str) -> bool:
        try:
            self.run(self.informing.admit(self.act(slug)))
        except Forbidden as refused:
            return refused.code == "notice-first"
        return False


TestInformingPeople = InformingPeople.TestCase
TestInformingPeople.settings = MANY
