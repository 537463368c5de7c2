"""Copying an organisation from one store to another, by the operator's command.

Both stores are named there; what else opens them is in the settings, but for the key file of the
store to copy from, which lies beside its directory.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import portal.domain
from portal import store_settings, stores
from portal.domain.access.model import Actor
from portal.domain.audit.service import Audit
from portal.domain.contacts.moving import Copied, Moving, Place
from portal.domain.incidents import evidence
from portal.domain.organizations.model import Region
from portal.domain.organizations.service import Organizations
from portal.domain.shared.clock import Clock
from portal.domain.shared.errors import InvalidInput
from portal.domain.shared.fields import Kind
from portal.settings import Settings
from portal.stores import Stores

SOURCE = re.compile(r"sqlite:(?P<folder>.+)")
TARGET = re.compile(r"cosmos:(?P<endpoint>https://[^/]+)/(?P<database>[^/]+)")
WRONG_SOURCE = "Write the store to copy from as sqlite:DIRECTORY."
WRONG_TARGET = "Write the store to copy to as cosmos:https://ENDPOINT/DATABASE."


async def copy(
    settings: Settings,
    from_: str,
    to: str,
    key_file: Path | None,
    *,
    actor: Actor,
    clock: Clock,
    on_progress: Callable[[str], None],
) -> Copied:
    """Copies the actor's organisation between the named stores.

    Raises InvalidInput for a store that is not named so, not there, of another region or not to be
    opened with these settings, Unavailable for one that cannot be opened, and what Moving raises.
    """
    source, target = _source(settings, from_, key_file), _target(settings, to)
    async with AsyncExitStack() as stack:
        there = await stores.open_stores(source, clock)
        stack.push_async_callback(there.close)
        here = await stores.open_stores(target, clock)
        stack.push_async_callback(here.close)
        region = Region(settings.region)
        moving = Moving(_place(there), _place(here), region, kinds(), clock)
        directory = Organizations(
            there.documents, there.keyrings, Audit(there.documents, clock), region
        )
        tenancy = await directory.get(actor.organization)
        on_progress("files")
        await evidence.copy(tenancy, there.documents, there.blobs, here.blobs)
        copied = await moving.copy(actor=actor, on_progress=on_progress)
        # What came while the rest was copied; those that are there already stay.
        await evidence.copy(tenancy, there.documents, there.blobs, here.blobs)
        return copied


def kinds() -> tuple[Kind, ...]:
    """Every kind of document that a feature of the domain declares, by name."""
    found: dict[str, Kind] = {}
    for module in pkgutil.walk_packages(portal.domain.__path__, "portal.domain."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Kind):
                found[value.name] = value
    return tuple(found[name] for name in sorted(found))


def _source(settings: Settings, named: str, key_file: Path | None) -> Settings:
    given = SOURCE.fullmatch(named)
    if given is None:
        raise InvalidInput(WRONG_SOURCE, fields={"from": WRONG_SOURCE})
    folder = Path(given["folder"]).absolute()
    if not (folder / settings.region / stores.STORE).is_file():
        missing = f"there is no store of region {settings.region} in {folder}"
        raise InvalidInput("There is nothing to copy from.", fields={"from": missing})
    return settings.model_copy(
        update={
            "store": "sqlite",
            "data_dir": folder,
            "key_file": key_file or Path(f"{folder}.key"),
            "key_vault_url": "",
            "blob_url": "",
        }
    )


def _target(settings: Settings, named: str) -> Settings:
    given = TARGET.fullmatch(named)
    if given is None or not re.fullmatch(store_settings.DATABASE, given["database"]):
        raise InvalidInput(WRONG_TARGET, fields={"to": WRONG_TARGET})
    if not re.fullmatch(store_settings.ENDPOINT, given["endpoint"]):
        raise InvalidInput(WRONG_TARGET, fields={"to": "the endpoint is none"})
    target = settings.model_copy(
        update={
            "store": "cosmos",
            "cosmos_endpoint": given["endpoint"],
            "cosmos_database": given["database"],
        }
    )
    if fault := store_settings.fault(target):
        raise InvalidInput("The store to copy to cannot be opened.", fields={"to": fault})
    return target


def _place(opened: Stores) -> Place:
    return Place(opened.documents, opened.contacts, opened.keyrings)
