"""The stand-in for Microsoft Entra ID, one for all tests here."""

from collections.abc import Iterator

import pytest

from tests.entra import entra as stand_in
from tests.entra.entra import OTHER_TENANT, Account, Entra

HARBOUR_GROUP = "3a0f0000-0000-4000-8000-000000000001"
REPRESENTATIVE = Account(
    "1a000000-0000-4000-8000-000000000001", "Oliver Bright", "oliver@harbour.example"
)
SUPERVISOR = Account(
    "1a000000-0000-4000-8000-000000000002",
    "Sofia Lindqvist",
    "sofia@harbour.example",
    groups=(HARBOUR_GROUP,),
)
BY_HIMSELF = Account("1a000000-0000-4000-8000-000000000004", "Tomas Silva", "tomas@harbour.example")
IN_MANY_GROUPS = Account(
    "1a000000-0000-4000-8000-000000000005",
    "Amira Khan",
    "amira@harbour.example",
    groups=(HARBOUR_GROUP,),
    overage=True,
)
STRANGER = Account(
    "1a000000-0000-4000-8000-000000000006",
    "Grace Osei",
    "grace@elsewhere.example",
    tenant=OTHER_TENANT,
)
MANY_BEHIND_A_POLICY = Account(
    "1a000000-0000-4000-8000-000000000007",
    "Samuel Adeyemi",
    "samuel@harbour.example",
    groups=(HARBOUR_GROUP,),
    overage=True,
    conditional=True,
)
MANY_WITHOUT_CONSENT = Account(
    "1a000000-0000-4000-8000-000000000008",
    "Mei Tanaka",
    "mei@harbour.example",
    groups=(HARBOUR_GROUP,),
    overage=True,
    no_consent=True,
)
MANY_WHO_WILL_CONSENT = Account(
    "1a000000-0000-4000-8000-000000000009",
    "Jonas Weber",
    "jonas@harbour.example",
    groups=(HARBOUR_GROUP,),
    overage=True,
    no_consent=True,
)
EVERYBODY = (
    REPRESENTATIVE,
    SUPERVISOR,
    BY_HIMSELF,
    IN_MANY_GROUPS,
    MANY_BEHIND_A_POLICY,
    MANY_WITHOUT_CONSENT,
    MANY_WHO_WILL_CONSENT,
    STRANGER,
)


@pytest.fixture(scope="session")
def entra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Entra]:
    """The running stand-in. Redirect addresses are those of loopback on any port."""
    with stand_in.running(tmp_path_factory.mktemp("entra"), EVERYBODY) as started:
        yield started
