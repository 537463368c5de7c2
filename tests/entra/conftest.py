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
CONDITIONAL = Account(
    "1a000000-0000-4000-8000-000000000003",
    "Hana Novak",
    "hana@harbour.example",
    groups=(HARBOUR_GROUP,),
    conditional=True,
)
WITHOUT_CONSENT = Account(
    "1a000000-0000-4000-8000-000000000004", "Tomas Silva", "tomas@harbour.example", no_consent=True
)
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
EVERYBODY = (REPRESENTATIVE, SUPERVISOR, CONDITIONAL, WITHOUT_CONSENT, IN_MANY_GROUPS, STRANGER)


@pytest.fixture(scope="session")
def entra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Entra]:
    """The running stand-in. Redirect addresses are those of loopback on any port."""
    with stand_in.running(
        tmp_path_factory.mktemp("entra"), EVERYBODY, groups={HARBOUR_GROUP: "Harbour supervisors"}
    ) as started:
        yield started
