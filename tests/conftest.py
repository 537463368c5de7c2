"""What every test shares: an environment without the caller's settings."""

import os
from collections.abc import Iterator

import pytest

from portal.logs import CORRELATION_ID
from portal.settings import OF_TOOLS, PREFIX


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of whoever runs the tests reaches them; tools' variables stay."""
    for name in list(os.environ):
        if name == "PORT" or (name.startswith(PREFIX) and name not in OF_TOOLS):
            monkeypatch.delenv(name)
    token = CORRELATION_ID.set(None)
    yield
    CORRELATION_ID.reset(token)
