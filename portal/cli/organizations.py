"""Commands about customers: who there is, room for a new one, its first representative."""

import argparse

from portal.cli.commands import DONE, UNUSABLE, Add, operator, print_json, say
from portal.domain.organizations.model import Organization
from portal.wiring import Services


def register(add: Add) -> None:
    """Adds these commands."""
    add("organizations", organizations, "List codes and names.", organization=False)
    made = add("add-organization", add_organization, "Make room for a customer.")
    made.add_argument("--name", required=True)
    made.add_argument("--time-zone", required=True, metavar="ZONE", help="as Europe/London")
    made.add_argument("--country", required=True, metavar="CC", help="as GB: reads short numbers")
    add("claim-code", claim_code, "Make the one-time code of the customer's first representative.")


async def organizations(services: Services, options: argparse.Namespace) -> int:
    """Lists codes and names."""
    found = await services.directory.all()
    if options.json:
        rows = [
            {"code": o.code, "name": o.name, "region": o.region.value, "time_zone": o.time_zone}
            for o in found
        ]
        print_json(rows)
    else:
        for one in found:
            print(f"{one.code:<16} {one.name} ({one.time_zone})")
        if not found:
            say("There is no organisation yet.")
    return DONE


async def add_organization(services: Services, options: argparse.Namespace) -> int:
    """Makes an organisation of this service's region."""
    region = services.directory.region
    wanted = Organization(
        options.organization, options.name, region, options.time_zone, options.country
    )
    tenancy = await services.directory.ensure(wanted)
    if tenancy.organization != wanted:
        say("There is an organisation of that code already, with other properties.")
        return UNUSABLE
    if options.json:
        print_json({"code": wanted.code, "region": region.value})
    else:
        print(f"{wanted.code} is there. Next: python -m portal claim-code.")
    return DONE


async def claim_code(services: Services, options: argparse.Namespace) -> int:
    """Prints a new one-time code; the one before ends."""
    actor = await operator(services, options)
    code = await services.onboarding.make_code(actor=actor)
    if options.json:
        print_json({"organization": options.organization, "code": code})
    else:
        print(code)
        say("For two weeks. Give it to the customer's first representative by a safe way.")
    return DONE
