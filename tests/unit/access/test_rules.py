import pytest

from portal.domain.access import rules
from portal.domain.access.model import Actor, Permission, Person, Role
from portal.domain.shared.errors import Forbidden, NotFound

OF_THE_SERVICE = {"metrics.view", "keys.rotate", "disclosures.silent", "standing.set"}
"""What is not of one organisation, and so the operator's alone."""
EVERY = {permission.value for permission in Permission} - OF_THE_SERVICE
MANAGING = {"access.view", "access.manage"}
SETUP = {"setup.view", "setup.manage", "setup.unlock"}
DISCLOSING = {"disclosures.view", "disclosures.record", "disclosures.decide"}
STANDING = {"standing.view", "standing.appeal", "organization.export"}
EXPECTED = {
    Role.AGENT: {"dashboards.view", "agents.view_own", "incidents.report"},
    Role.SUPERVISOR: EVERY
    - {"imports.create", "quarantine.view"}
    - {"incidents.handle", "incidents.count", "incidents.forward"}
    - MANAGING
    - SETUP
    - DISCLOSING
    - STANDING
    - {"access.decide"},
    Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE: EVERY,
    Role.MANAGING_PARTNER: {"dashboards.view", "agents.view", "alerts.view", "views.share"}
    | {"incidents.report", "incidents.count"}
    | MANAGING,
    Role.PRIVACY_OFFICER: EVERY
    - {"imports.create", "agents.view_own", "alerts.view", "alerts.manage", "views.share"}
    - MANAGING
    - STANDING
    - {"access.decide", "setup.manage", "setup.unlock", "incidents.forward"},
    Role.SECURITY_RESPONDER: {"incidents.report", "incidents.handle", "incidents.count"},
    Role.OPERATOR: {"dashboards.view", "imports.create", "imports.view", "quarantine.view"}
    | {"incidents.report", "incidents.count", "setup.view", "setup.unlock", "standing.view"}
    | MANAGING
    | DISCLOSING
    | OF_THE_SERVICE,
    Role.REPORTER: {"incidents.report"},
}


def actor(role: Role) -> Actor:
    return rules.acting_as(role, "someone", "Some One", "harbour")


@pytest.mark.parametrize("role", Role)
def test_each_role_has_exactly_its_permissions(role: Role) -> None:
    assert {permission.value for permission in actor(role).permissions} == EXPECTED[role]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_require_refuses_what_the_role_lacks(role: Role, permission: Permission) -> None:
    if permission in EXPECTED[role]:
        rules.require(actor(role), permission)
    else:
        with pytest.raises(Forbidden) as refused:
            rules.require(actor(role), permission)
        assert rules.ACTIONS[permission] in refused.value.message
        assert "Ask" in refused.value.message


def test_every_permission_can_be_named_to_people() -> None:
    assert set(rules.ACTIONS) == set(Permission)


def test_a_person_acts_with_the_role_of_the_organisation() -> None:
    person = Person(
        "p",
        "P",
        {"harbour": (rules.holding(Role.AGENT),), "juniper": (rules.holding(Role.SUPERVISOR),)},
        {"juniper": {"genesys": "x"}},
    )
    acting = rules.act(person, "juniper")
    assert (acting.role, acting.organization) == (Role.SUPERVISOR, "juniper")
    assert acting.organizations == ("harbour", "juniper")
    assert acting.agent_keys == {"genesys": "x"}


def test_a_stranger_does_not_learn_that_the_organisation_exists() -> None:
    person = Person("p", "P", {"harbour": (rules.holding(Role.AGENT),)})
    with pytest.raises(NotFound) as existing:
        rules.act(person, "juniper")
    with pytest.raises(NotFound) as absent:
        rules.act(person, "nowhere")
    assert existing.value.message == absent.value.message
