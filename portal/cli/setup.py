"""Commands about people's set-up: locks, requests to support, codes that are told on the phone."""

import argparse

from portal.cli.commands import DONE, Add, operator, print_json, say
from portal.domain.access.model import Role
from portal.domain.access.rules import acting_as
from portal.domain.shared.clock import iso
from portal.wiring import Services


def register(add: Add) -> None:
    """Adds these commands."""
    unlock = add("unlock-verification", unlock_verification, "End a lock after wrong codes.")
    unlock.add_argument("--person", required=True, metavar="ID", help="as the audit trail has it")
    add("support-requests", support_requests, "List who declined a policy, and why.")
    find = add("tenant-code", tenant_code, "Name the organisation of a code.", organization=False)
    find.add_argument("code", metavar="CODE")


async def unlock_verification(services: Services, options: argparse.Namespace) -> int:
    """Ends somebody's lock before its time."""
    actor = await operator(services, options)
    await services.setting_up.verification.unlock(options.person, actor=actor)
    say(f"The lock of {options.person} is ended, and the audit trail says so.")
    return DONE


async def support_requests(services: Services, options: argparse.Namespace) -> int:
    """Lists requests to support, oldest first."""
    actor = await operator(services, options)
    found = await services.setting_up.policies.requests(actor=actor)
    if options.json:
        print_json([one._asdict() | {"at": iso(one.at_ms)} for one in found])
        return DONE
    for one in found:
        print(f"{one.id[:8]}  {iso(one.at_ms)}  {one.policy} {one.number}  {one.person}: {one.why}")
    if not found:
        say("Nobody declined anything.")
    return DONE


async def tenant_code(services: Services, options: argparse.Namespace) -> int:
    """Names the organisation whose code it is, or was until a while ago."""
    actor = acting_as(Role.OPERATOR, "command-line", "Command line", "")
    code = await services.setting_up.tenant_codes.holder_of(options.code, actor=actor)
    if options.json:
        print_json({"organization": code})
    else:
        print(code)
    return DONE
