"""The product's own client of a vault, on its way to the stand-in."""

import itertools
from pathlib import Path

from portal.adapters.secrets.vault import Vault
from tests.vault.stand_in import Identity, VaultStandIn

_numbers = itertools.count(1)


def stand_in(folder: Path) -> VaultStandIn:
    """A vault of a name of its own: official clients keep challenges by name, for the process."""
    return VaultStandIn(f"switchroom-{next(_numbers)}", folder)


class Pauses:
    """Counts the seconds that would have passed between tries."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def reached(vault: VaultStandIn, url: str = "", pauses: Pauses | None = None) -> Vault:
    """The client of the stand-in, or of another address by the stand-in's names; close it."""
    identity = Identity(vault)
    return Vault(url or vault.url, identity, transport=vault.transport, pause=pauses or Pauses())
