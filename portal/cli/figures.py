"""The command that prints the figures of a range."""

import argparse
from collections.abc import Mapping
from typing import Any

from portal.cli.commands import DONE, Add, Command, Present, operator, print_json
from portal.wiring import Services


def register(add: Add, present: Present) -> None:
    """Adds the command; `present` makes the summary that it prints."""
    parser = add("figures", _figures(present), "Print the figures of a range.")
    parser.add_argument("--from", metavar="TIME", help="start: a date, or a time with offset")
    parser.add_argument("--to", metavar="TIME", help="end, not included")
    parser.add_argument("--queue", action="append", default=[], help="id, key or name; repeatable")
    parser.add_argument("--channel", action="append", default=[], help="voice, chat, email, task")
    parser.add_argument("--direction", action="append", default=[], help="inbound, outbound, …")
    parser.add_argument("--definition", help="strict, short_excluded, ignore_abandoned, positive …")
    parser.add_argument("--threshold", help="service level target in seconds; 20 unless told")


def _figures(present: Present) -> Command:
    async def figures(services: Services, options: argparse.Namespace) -> int:
        """Prints what the summary endpoint answers."""
        names = ("from", "to", "queue", "channel", "direction", "definition", "threshold")
        given = {name: value for name in names if (value := getattr(options, name))}
        answer = await present(services, await operator(services, options), given)
        if options.json:
            print_json(answer)
            return DONE
        print(f"{answer['from']} … {answer['to']} ({answer['time_zone']})")
        print(f"service level: {answer['definition']}, {answer['threshold']:g} s")
        for name, metric in answer["metrics"].items():
            print(f"  {name:<28}{_value(metric):>16}  {metric['reason'] or ''}".rstrip())
        return DONE

    return figures


def _value(metric: Mapping[str, Any]) -> str:
    value, unit = metric["value"], metric["unit"]
    if value is None:
        return "–"
    if unit == "percent":
        return f"{value:.2f} %"
    return f"{value:.1f} s" if unit == "seconds" else f"{value:.0f}"
