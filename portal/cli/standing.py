"""Commands about how an organisation stands: restricting, suspending, terminating, appeals."""

import argparse
from dataclasses import replace

from portal.cli.commands import DONE, Add, operator, print_json, say
from portal.domain.organizations.standing import State
from portal.domain.shared.clock import iso
from portal.domain.shared.errors import InvalidInput
from portal.domain.standing.erasure import Step
from portal.domain.standing.model import Reason, Seen, Wanted
from portal.domain.standing.rules import AGAINST, FOR, HARSHER
from portal.wiring import Services

MILDER = [one.value for one in HARSHER[:-1]]


def register(add: Add) -> None:
    """Adds these commands."""
    add("erasures", erasures, "List erasures and what went, in counts.", organization=False)
    one = add("standing", standing, "Show how an organisation stands, and its appeals.")
    acts = one.add_mutually_exclusive_group()
    acts.add_argument("--set", choices=[each.value for each in HARSHER], help="let it stand so")
    acts.add_argument(
        "--grant-appeal", choices=MILDER, metavar="STATE", help="grant what waits: it stands so now"
    )
    acts.add_argument("--refuse-appeal", action="store_true", help="refuse what waits")
    acts.add_argument("--stop-erasure", action="store_true", help="erase nothing for now")
    acts.add_argument("--resume-erasure", action="store_true", help="plan the erasure anew")
    reasons = sorted(each.value for each in AGAINST | FOR)
    one.add_argument("--reason", choices=reasons, help="why; with --set")
    one.add_argument("--text", default="", help="in words, for the customer's representatives")


async def erasures(services: Services, options: argparse.Namespace) -> int:
    """Lists the erasures of the region."""
    plans = await services.erasures.plans()
    if options.json:
        print_json([one._asdict() for one in plans])
        return DONE
    for one in plans:
        print(f"{one.code}  begun {iso(one.begun_at_ms)}, its trail had {one.entries} entries")
        for step in Step:
            at_ms, count = one.at_ms(step), getattr(one, step)
            print(f"  {step:<10} {iso(at_ms) if at_ms else 'to be done':<30} {count:>10}")
    if not plans:
        say("Nothing was erased.")
    return DONE


async def standing(services: Services, options: argparse.Namespace) -> int:
    """Changes it if told, then shows it."""
    standings, now_s = services.setting_up.standings, services.clock.now_ms() / 1000
    # Whoever has the machine has no second factor to show; what they can do is more than this.
    actor = replace(await operator(services, options), proved_at_s=now_s)
    seen = await standings.seen(actor=actor)
    version, text = seen.standing.version, options.text.strip()
    acts = (options.grant_appeal, options.refuse_appeal, options.stop_erasure)
    changes = bool(options.set or options.resume_erasure or any(acts))
    if changes and len(text) < 3:
        raise InvalidInput("Say in words why: --text.")
    if options.set:
        if not options.reason:
            raise InvalidInput("Say why: --reason, and --text in words.")
        wanted = Wanted(State(options.set), Reason(options.reason), text)
        await standings.set(wanted, version=version, actor=actor)
    elif options.grant_appeal or options.refuse_appeal:
        granted = State(options.grant_appeal) if options.grant_appeal else None
        await standings.decide(granted, text, version=version, actor=actor)
    elif options.stop_erasure or options.resume_erasure:
        stopped = options.stop_erasure
        await standings.plan_erasure(text, stopped=stopped, version=version, actor=actor)
    if changes:
        seen = await standings.seen(actor=await operator(services, options))
    _show(seen, as_json=options.json)
    return DONE


def _show(seen: Seen, *, as_json: bool) -> None:
    one = seen.standing
    erase_at = iso(one.erase_at_ms) if one.erase_at_ms else None
    if as_json:
        print_json(
            {
                "version": one.version,
                "state": one.state.value,
                "reason": one.reason.value,
                "text": one.text,
                "erase_at": erase_at,
                "erasure_stopped": one.is_stopped,
                "appeals": [
                    {
                        "id": each.id,
                        "at": iso(each.at_ms),
                        "text": each.text,
                        "outcome": each.outcome.value,
                    }
                    for each in seen.appeals
                ],
            }
        )
        return
    print(f"{one.state} ({one.reason}), version {one.version}")
    if one.text:
        print(f"  {one.text}")
    if erase_at:
        print(f"  its data is erased from {erase_at} on")
    if one.is_stopped:
        print("  the erasure is stopped")
    for each in seen.appeals:
        print(f"{iso(each.at_ms)}  appeal {each.outcome}: {each.text}")
    if not seen.appeals:
        say("There is no appeal.")
