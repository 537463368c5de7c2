"""The command line: organisations, imports, figures, quarantine, pages, the audit trail.

Exit codes: 0 done; 2 unusable input or wrong use, nothing of it stored; 3 some
rows were kept back, or some queues unknown; 4 something stored is not as it should be.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from portal import logs, moving, stores, wiring
from portal.domain.access.model import Actor, Role
from portal.domain.access.rules import acting_as
from portal.domain.contacts.imports import Import, State, Wanted
from portal.domain.organizations.model import Organization
from portal.domain.shared.clock import iso
from portal.domain.shared.errors import DomainError, InvalidInput, NotFound
from portal.settings import Settings, SettingsError, for_commands
from portal.wiring import Services

DONE, UNUSABLE, SOME_REJECTED, DIFFERENT = 0, 2, 3, 4
LONG_WORK_BYTES = 1024 * 1024
BAR_WIDTH = 30
THREE_CX = "three-cx"
SHOWN = 50
COUNTS = ("accepted", "corrected", "unchanged", "ignored", "rejected")

Present = Callable[[Services, Actor, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
Command = Callable[[Services, argparse.Namespace], Awaitable[int]]
Alone = Callable[[Settings, argparse.Namespace], Awaitable[int]]
"""A command that runs before there is a store."""


def main(arguments: Sequence[str], present: Present) -> int:
    """Runs the command; the exit code. `present` makes the summary that `figures` prints."""
    options = _parser(present).parse_args(arguments)
    if options.describe:
        print(stores.described(), end="")
        return DONE
    try:
        settings = for_commands()
        logs.configure("WARNING")
        return asyncio.run(_run(settings, options))
    except SettingsError as error:
        _say(str(error))
    except DomainError as error:
        _say(f"switchroom: {error.message}")
        for name, wrong in getattr(error, "fields", {}).items():
            _say(f"  {name}: {wrong}")
    except KeyboardInterrupt:
        _say("switchroom: interrupted; what was stored until now stays, run it again to go on.")
        return 130
    return UNUSABLE


async def _run(settings: Settings, options: argparse.Namespace) -> int:
    alone: Alone | None = options.alone
    if alone is not None:
        return await alone(settings, options)
    services = await wiring.build(settings)
    try:
        command: Command = options.command
        return await command(services, options)
    finally:
        await services.close()


def _parser(present: Present) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m portal",
        description="Contact-centre dashboards in Microsoft Teams: the operator's commands.",
        epilog="`serve` starts the service, `openapi` prints its HTTP description.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command | None, text: str, *, organization: bool = True) -> Any:
        one = commands.add_parser(name, help=text, description=text)
        one.set_defaults(command=command, alone=None, describe=False)
        one.add_argument("--json", action="store_true", help="print JSON")
        if organization:
            one.add_argument("--organization", required=True, metavar="CODE")
        return one

    add("organizations", organizations, "List codes and names.", organization=False)
    made = add("add-organization", add_organization, "Make room for a customer.")
    made.add_argument("--name", required=True)
    made.add_argument("--time-zone", required=True, metavar="ZONE", help="as Europe/London")
    made.add_argument("--country", required=True, metavar="CC", help="as GB: reads short numbers")
    add("claim-code", claim_code, "Make the one-time code of the customer's first representative.")
    _import_arguments(add("import", import_files, "Import contact files of one source."))
    _figure_arguments(add("figures", _figures(present), "Print the figures of a range."))
    quarantined = add("quarantine", quarantine, "List the rows kept back from imports, and why.")
    quarantined.add_argument("--raw", action="store_true", help="print the rows themselves too")
    named = add("name-queues", name_queues, "Give queues names where records carry keys alone.")
    named.add_argument("--source", required=True, metavar="NAME")
    named.add_argument("names", nargs="+", metavar="KEY=NAME")
    pages = add("rebuild-pages", rebuild_pages, "Count every contact again into interval pages.")
    pages.add_argument("--verify", action="store_true", help="compare byte by byte, change nothing")
    unlock = add("unlock-verification", unlock_verification, "End a lock after wrong codes.")
    unlock.add_argument("--person", required=True, metavar="ID", help="as the audit trail has it")
    add("support-requests", support_requests, "List who declined a policy, and why.")
    find = add("tenant-code", tenant_code, "Name the organisation of a code.", organization=False)
    find.add_argument("code", metavar="CODE")
    add("verify-audit", verify_audit, "Check that the audit trail is whole and unaltered.")
    keys = add("rotate-keys", rotate_keys, "Wrap organisations' keys anew.", organization=False)
    keys.add_argument("--organization", metavar="CODE", help="this one alone; all unless told")
    keys.add_argument("--retire", action="store_true", help="then drop the keys nothing needs")
    copied = add("copy", None, "Copy an organisation from a store on SQLite to Cosmos DB.")
    copied.set_defaults(alone=copy)
    copied.add_argument("--from", required=True, metavar="sqlite:DIRECTORY", dest="source")
    copied.add_argument("--to", required=True, metavar="cosmos:https://ENDPOINT/DATABASE")
    copied.add_argument(
        "--from-key-file", type=Path, metavar="FILE", help="DIRECTORY.key unless told"
    )
    made = add("provision", None, "Create what the store needs.", organization=False)
    made.set_defaults(alone=provision)
    made.add_argument("--store", required=True, choices=["cosmos"])
    made.add_argument(
        "--describe", action="store_true", help="print the containers for infra/, create nothing"
    )
    return parser


def _import_arguments(parser: Any) -> None:
    parser.add_argument(
        "--source", required=True, metavar="NAME", help="amazon-connect, genesys, three-cx or teams"
    )
    parser.add_argument(
        "--queue-extensions", default="", metavar="LIST", help="3CX extensions that are queues"
    )
    parser.add_argument(
        "--columns", default="", metavar="LIST", help="3CX columns in the administrator's order"
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")


def _figure_arguments(parser: Any) -> None:
    parser.add_argument("--from", metavar="TIME", help="start: a date, or a time with offset")
    parser.add_argument("--to", metavar="TIME", help="end, not included")
    parser.add_argument("--queue", action="append", default=[], help="id, key or name; repeatable")
    parser.add_argument("--channel", action="append", default=[], help="voice, chat, email, task")
    parser.add_argument("--direction", action="append", default=[], help="inbound, outbound, …")
    parser.add_argument("--definition", help="strict, short_excluded, ignore_abandoned, positive …")
    parser.add_argument("--threshold", help="service level target in seconds; 20 unless told")


# --- set-up -----------------------------------------------------------------------------------


async def unlock_verification(services: Services, options: argparse.Namespace) -> int:
    """Ends somebody's lock before its time."""
    actor = await _operator(services, options)
    await services.setting_up.verification.unlock(options.person, actor=actor)
    _say(f"The lock of {options.person} is ended, and the audit trail says so.")
    return DONE


async def support_requests(services: Services, options: argparse.Namespace) -> int:
    """Lists requests to support, oldest first."""
    actor = await _operator(services, options)
    found = await services.setting_up.policies.requests(actor=actor)
    if options.json:
        _print_json([one._asdict() | {"at": iso(one.at_ms)} for one in found])
        return DONE
    for one in found:
        print(f"{one.id[:8]}  {iso(one.at_ms)}  {one.policy} {one.number}  {one.person}: {one.why}")
    if not found:
        _say("Nobody declined anything.")
    return DONE


async def tenant_code(services: Services, options: argparse.Namespace) -> int:
    """Names the organisation whose code it is, or was until a while ago."""
    actor = acting_as(Role.OPERATOR, "command-line", "Command line", "")
    code = await services.setting_up.tenant_codes.holder_of(options.code, actor=actor)
    if options.json:
        _print_json({"organization": code})
    else:
        print(code)
    return DONE


# --- commands ---------------------------------------------------------------------------------


async def organizations(services: Services, options: argparse.Namespace) -> int:
    """Lists codes and names."""
    found = await services.directory.all()
    if options.json:
        rows = [
            {"code": o.code, "name": o.name, "region": o.region.value, "time_zone": o.time_zone}
            for o in found
        ]
        _print_json(rows)
    else:
        for one in found:
            print(f"{one.code:<16} {one.name} ({one.time_zone})")
        if not found:
            _say("There is no organisation yet.")
    return DONE


async def add_organization(services: Services, options: argparse.Namespace) -> int:
    """Makes an organisation of this service's region."""
    region = services.directory.region
    wanted = Organization(
        options.organization, options.name, region, options.time_zone, options.country
    )
    tenancy = await services.directory.ensure(wanted)
    if tenancy.organization != wanted:
        _say("There is an organisation of that code already, with other properties.")
        return UNUSABLE
    if options.json:
        _print_json({"code": wanted.code, "region": region.value})
    else:
        print(f"{wanted.code} is there. Next: python -m portal claim-code.")
    return DONE


async def claim_code(services: Services, options: argparse.Namespace) -> int:
    """Prints a new one-time code; the one before ends."""
    actor = await _operator(services, options)
    code = await services.onboarding.make_code(actor=actor)
    if options.json:
        _print_json({"organization": options.organization, "code": code})
    else:
        print(code)
        _say("For two weeks. Give it to the customer's first representative by a safe way.")
    return DONE


async def import_files(services: Services, options: argparse.Namespace) -> int:
    """Imports the files one by one."""
    actor = await _operator(services, options)
    if options.source == THREE_CX and not options.queue_extensions:
        _say("No --queue-extensions given: every 3CX call counts as direct, none as offered.")
        _say("To put that right, import the file again with them.")
    done: list[Import] = []
    unusable: list[dict[str, str]] = []
    for path in options.files:
        wanted = Wanted(
            options.source, path.name, _listed(options.queue_extensions), _listed(options.columns)
        )
        try:
            with path.open("rb") as file:
                size = path.stat().st_size
                with _Progress(path.name, size) as progress:
                    done.append(
                        await services.imports.import_file(
                            wanted, file, size, actor=actor, on_progress=progress.show
                        )
                    )
        except OSError as error:
            unusable.append({"file": str(path), "reason": f"{error.strerror}."})
    unusable.extend(
        {"file": one.file, "reason": one.error or ""} for one in done if one.state is State.FAILED
    )
    report = _report(done)
    if options.json:
        _print_json(report | ({"unusable": unusable} if unusable else {}))
    else:
        _print_report(report, unusable)
    if unusable:
        return UNUSABLE
    return SOME_REJECTED if report["rejected"] else DONE


def _figures(present: Present) -> Command:
    async def figures(services: Services, options: argparse.Namespace) -> int:
        """Prints what the summary endpoint answers."""
        names = ("from", "to", "queue", "channel", "direction", "definition", "threshold")
        given = {name: value for name in names if (value := getattr(options, name))}
        answer = await present(services, await _operator(services, options), given)
        if options.json:
            _print_json(answer)
            return DONE
        print(f"{answer['from']} … {answer['to']} ({answer['time_zone']})")
        print(f"service level: {answer['definition']}, {answer['threshold']:g} s")
        for name, metric in answer["metrics"].items():
            print(f"  {name:<28}{_value(metric):>16}  {metric['reason'] or ''}".rstrip())
        return DONE

    return figures


async def quarantine(services: Services, options: argparse.Namespace) -> int:
    """Lists the rows kept back."""
    rows = await services.imports.quarantine(actor=await _operator(services, options))
    if options.json:
        _print_json(
            [
                {
                    "file": row.file,
                    "source": row.source,
                    "line": row.line,
                    "reason": row.reason,
                    "at": iso(row.at_ms),
                }
                | ({"raw": row.raw.decode("utf-8", "replace")} if options.raw else {})
                for row in rows
            ]
        )
        return DONE
    for row in rows:
        print(f"{row.file}:{row.line} ({row.source}) {row.reason}")
        if options.raw:
            print(f"    {row.raw.decode('utf-8', 'backslashreplace').rstrip()}")
    if not rows:
        _say("No row is kept back.")
    return DONE


async def name_queues(services: Services, options: argparse.Namespace) -> int:
    """Names queues."""
    pairs = [text.partition("=") for text in options.names]
    if any(not key or not name for key, _, name in pairs):
        raise InvalidInput("Write each name as KEY=NAME.")
    names = {key: name for key, _, name in pairs}
    actor = await _operator(services, options)
    known = await services.imports.name_queues(options.source, names, actor=actor)
    if options.json:
        _print_json({"named": known, "unknown": len(names) - known})
    else:
        print(f"{known} of {len(names)} queues named.")
    return DONE if known == len(names) else SOME_REJECTED


async def rebuild_pages(services: Services, options: argparse.Namespace) -> int:
    """Counts every contact again."""
    actor = await _operator(services, options)
    rebuilt = await services.imports.rebuild(verify=options.verify, actor=actor)
    different = list(rebuilt.different)
    if options.json:
        _print_json({"contacts": rebuilt.contacts, "pages": rebuilt.pages, "different": different})
    else:
        verb = "differ" if options.verify else "were replaced"
        print(f"{rebuilt.contacts} contacts, {rebuilt.pages} pages, {len(different)} {verb}.")
        for name in different[:SHOWN]:
            print(f"  {name}")
    return DIFFERENT if options.verify and different else DONE


async def verify_audit(services: Services, options: argparse.Namespace) -> int:
    """Checks the chain."""
    tenancy = await services.directory.get(options.organization)
    broken = await services.audit.first_break(tenancy.partition)
    if options.json:
        _print_json({"whole": broken is None, "first_break": broken})
    elif broken is None:
        print("The audit trail is whole.")
    else:
        print(f"The audit trail is broken at entry {broken}.")
    return DONE if broken is None else DIFFERENT


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
        on_progress=_say if sys.stderr.isatty() else lambda _: None,
    )
    if options.json:
        _print_json(copied._asdict())
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
        _print_json(done)
    else:
        print("\n".join(done))
    return DONE


async def rotate_keys(services: Services, options: argparse.Namespace) -> int:
    """Wraps the keys of the organisations by fresh ones, then drops the old ones if told."""
    given = [options.organization] if options.organization else []
    codes = given or [one.code for one in await services.directory.all()]
    dropped = 0
    for code in codes:
        actor = await _operator(services, argparse.Namespace(organization=code))
        await services.key_rotation.rotate(code, actor=actor)
    if codes and not given:
        actor = await _operator(services, argparse.Namespace(organization=codes[0]))
        await services.key_rotation.rotate_service_key(actor=actor)
    if options.retire and codes:
        actor = await _operator(services, argparse.Namespace(organization=codes[0]))
        dropped = await services.key_rotation.retire(actor=actor)
    if options.json:
        _print_json({"rotated": codes, "dropped": dropped})
    else:
        print(f"{len(codes)} organisations' keys are wrapped anew.")
        if options.retire:
            print(f"{dropped} old keys were dropped.")
    return DONE


# --- printing ---------------------------------------------------------------------------------


class _Progress:
    """A bar on the terminal for long work; nothing elsewhere."""

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self._shown = size >= LONG_WORK_BYTES and sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            sys.stderr.write("\n")

    def show(self, share: float) -> None:
        """Draws how far the file is read."""
        if self._shown:
            full = round(share * BAR_WIDTH)
            bar = "█" * full + "░" * (BAR_WIDTH - full)
            sys.stderr.write(f"\r{self._name} {bar} {share:4.0%}")
            sys.stderr.flush()


async def _operator(services: Services, options: argparse.Namespace) -> Actor:
    """Whoever runs commands on the machine acts as its operator."""
    try:
        tenancy = await services.directory.get(options.organization)
    except NotFound:
        message = "There is no such organisation; `python -m portal organizations` lists them."
        raise NotFound(message) from None
    code = tenancy.organization.code
    return acting_as(Role.OPERATOR, "command-line", "Command line", code)


def _report(done: Sequence[Import]) -> dict[str, Any]:
    report: dict[str, Any] = {
        name: sum(getattr(one.report, name) for one in done) for name in COUNTS
    }
    report["rejections"] = [
        {"file": one.file, "line": row.line, "reason": row.reason}
        for one in done
        for row in one.report.rejections
    ]
    return report


def _print_report(report: Mapping[str, Any], unusable: Sequence[Mapping[str, str]]) -> None:
    print(", ".join(f"{report[name]} {name}" for name in COUNTS))
    for row in report["rejections"][:SHOWN]:
        print(f"  {row['file']}:{row['line']}: {row['reason']}")
    if report["rejected"] > SHOWN:
        print(f"  … and {report['rejected'] - SHOWN} more: python -m portal quarantine")
    for one in unusable:
        _say(f"{one['file']}: {one['reason']} Nothing of it was stored.")


def _value(metric: Mapping[str, Any]) -> str:
    value, unit = metric["value"], metric["unit"]
    if value is None:
        return "–"
    if unit == "percent":
        return f"{value:.2f} %"
    return f"{value:.1f} s" if unit == "seconds" else f"{value:.0f}"


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
