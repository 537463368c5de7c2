"""What every test shares: an environment without the caller's settings."""

import os
from collections.abc import Iterator

import pytest

from portal.logs import CORRELATION_ID
from portal.settings import OF_TOOLS, PREFIX
from tests import stand_ins
from tests.blobs import stand_in as blob_stand_in
from tests.cosmos import stand_in as cosmos_stand_in


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of whoever runs the tests reaches them; tools' variables stay."""
    for name in list(os.environ):
        if name == "PORT" or (name.startswith(PREFIX) and name not in OF_TOOLS):
            monkeypatch.delenv(name)
    token = CORRELATION_ID.set(None)
    yield
    CORRELATION_ID.reset(token)


@pytest.fixture(scope="session")
def cosmos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cosmos_stand_in.StandIn]:
    """The Cosmos DB stand-in, one for all tests; each makes databases of its own."""
    yield from stand_ins.start(
        "Cosmos DB", cosmos_stand_in.running(tmp_path_factory.mktemp("cosmos"))
    )


@pytest.fixture(scope="session")
def blob_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[blob_stand_in.StandIn]:
    """The Blob Storage stand-in, one for all tests; each makes containers of its own."""
    yield from stand_ins.start(
        "Blob Storage", blob_stand_in.running(tmp_path_factory.mktemp("blobs"))
    )
