"""Commands about the store: its audit trail, its keys, moving it, making it."""

import argparse
import sys
from pathlib import Path

from portal import moving, stores, wiring
from portal.cli.commands import DIFFERENT, DONE, Add, operator, print_json, say
from portal.domain.access.model import Role
from portal.domain.access.rules import acting_as
from portal.settings import Settings
from portal.wiring import Services

REGION = "the region"


def register(add: Add) -> None:
    """Adds these commands."""
    text = "Check that the audit trail is whole and unaltered."
    trails = add("verify-audit", verify_audit, text, organization=False)
    which = "this one alone; all and the region's own unless told"
    trails.add_argument("--organization", metavar="CODE", help=which)
    keys = add("rotate-keys", rotate_keys, "Wrap organisations' keys anew.", organization=False)
    keys.add_argument("--organization", metavar="CODE", help="this one alone; all unless told")
    keys.add_argument("--retire", action="store_true", help="then drop the keys nothing needs")
    text = "Copy an organisation from a store on SQLite to Cosmos DB."
    copied = add("copy", None, text, alone=copy)
    copied.add_argument("--from", required=True, metavar="sqlite:DIRECTORY", dest="source")
    copied.add_argument("--to", required=True, metavar="cosmos:https://ENDPOINT/DATABASE")
    copied.add_argument(
        "--from-key-file", type=Path, metavar="FILE", help="DIRECTORY.key unless told"
    )
    text = "Create what the store needs."
    made = add("provision", None, text, organization=False, alone=provision)
    made.add_argument("--store", required=True, choices=["cosmos"])
    made.add_argument(
        "--describe", action="store_true", help="print the containers for infra/, create nothing"
    )


async def verify_audit(services: Services, options: argparse.Namespace) -> int:
    """Checks the chain of an organisation, or every chain of the region."""
    if options.organization is None:
        return await _verify_all(services, options)
    tenancy = await services.directory.get(options.organization)
    broken = await services.audit.first_break(tenancy.partition)
    if options.json:
        print_json({"whole": broken is None, "first_break": broken})
    else:
        print(_said("The audit trail", broken))
    return DONE if broken is None else DIFFERENT


async def _verify_all(services: Services, options: argparse.Namespace) -> int:
    directory = services.directory
    breaks = {REGION: await services.audit.first_break(directory.directory)}
    for one in await directory.all():
        breaks[one.code] = await services.audit.first_break(
            (await directory.get(one.code)).partition
        )
    whole = not any(breaks.values())
    if options.json:
        trails = [{"trail": name, "first_break": broken} for name, broken in breaks.items()]
        print_json({"whole": whole, "trails": trails})
    else:
        for name, broken in breaks.items():
            print(_said(f"The audit trail of {name}", broken))
    return DONE if whole else DIFFERENT


def _said(which: str, broken: int | None) -> str:
    return f"{which} is whole." if broken is None else f"{which} is broken at entry {broken}."


async def rotate_keys(services: Services, options: argparse.Namespace) -> int:
    """Wraps the keys of the organisations by fresh ones, then drops the old ones if told."""
    given = [options.organization] if options.organization else []
    codes = given or [one.code for one in await services.directory.all()]
    dropped = 0
    for code in codes:
        actor = await operator(services, argparse.Namespace(organization=code))
        await services.key_rotation.rotate(code, actor=actor)
    if codes and not given:
        actor = await operator(services, argparse.Namespace(organization=codes[0]))
        await services.key_rotation.rotate_service_key(actor=actor)
    if options.retire and codes:
        actor = await operator(services, argparse.Namespace(organization=codes[0]))
        dropped = await services.key_rotation.retire(actor=actor)
    if options.json:
        print_json({"rotated": codes, "dropped": dropped})
    else:
        print(f"{len(codes)} organisations' keys are wrapped anew.")
        if options.retire:
            print(f"{dropped} old keys were dropped.")
    return DONE


async def copy(settings: Settings, options: argparse.Namespace) -> int:
    """Copies an organisation; what arrived is counted, hashed and compared with what left."""
    code = options.organization
    copied = await moving.copy(
        settings,
        options.source,
        options.to,
        options.from_key_file,
        actor=acting_as(Role.OPERATOR, "command-line", "Command line", code),
        clock=wiring.SystemClock(),
        on_progress=say if sys.stderr.isatty() else lambda _: None,
    )
    if options.json:
        print_json(copied._asdict())
        return DONE
    for what, number, hash_ in (
        ("documents", copied.documents, copied.documents_hash),
        ("contacts", copied.contacts, copied.contacts_hash),
        ("pages", copied.pages, copied.pages_hash),
    ):
        print(f"{number:>10} {what:<10} {hash_}")
    return DONE


async def provision(settings: Settings, options: argparse.Namespace) -> int:
    """Creates database and containers; again, it tells that they are there."""
    done = await stores.provision(settings)
    if options.json:
        print_json(done)
    else:
        print("\n".join(done))
    return DONE
