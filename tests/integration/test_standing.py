"""Standing through real processes: the operator's command beside a running service, and an erasure
whose process is killed with SIGKILL again and again."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from portal.settings import ROOT
from tests.integration import records
from tests.integration.conftest import Make
from tests.integration.product import Product, environment, wait_for

HARBOUR = ("--organization", "harbour")
DAY = "2026-07-20"
KILLS = 3
ERASING = """
import asyncio, json, sys
from portal import wiring
from portal.domain.standing import erasure
from portal.settings import for_commands

class Later:
    def now_ms(self):
        return wiring.SystemClock().now_ms() + int(sys.argv[1]) * 1000

async def main():
    erasure.AT_ONCE = 5
    services = await wiring.build(for_commands())
    services.erasures._places = services.erasures._places._replace(clock=Later())
    ground = services.setting_up.standings._ground
    services.setting_up.standings._ground = ground._replace(clock=Later())
    print("begun", flush=True)
    await services.erasures.look()
    [plan] = await services.erasures.plans()
    print(json.dumps(plan._asdict()), flush=True)
    await services.close()

asyncio.run(main())
"""
WINDOW_S, LATER_S = 31 * 24 * 3600, 31 * 24 * 3600 + 1300


def standing(product: Product, *arguments: str) -> dict[str, object]:
    done = product.command("standing", *HARBOUR, *arguments, "--json")
    assert (done.code, done.err) == (0, "")
    told: dict[str, object] = done.json
    return told


def erase(product: Product, seconds: int) -> "subprocess.Popen[bytes]":
    """A process that erases what is due so many seconds from now."""
    return subprocess.Popen(
        [sys.executable, "-c", ERASING, str(seconds)],
        cwd=ROOT,
        env=environment(product.data),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_running_service_follows_the_operator_s_command(make: Make) -> None:
    product = make().start()
    choices = "/api/dashboards/queue-choices"
    assert product.get(choices, "sofia.lindqvist").status == 200
    refused = product.command("standing", *HARBOUR, "--set", "suspended", "--reason", "misuse")
    assert refused.code == 2
    told = standing(
        product, "--set", "suspended", "--reason", "misuse", "--text", "Codes were sold on"
    )
    assert (told["state"], told["version"]) == ("suspended", 1)

    def closed() -> object:
        answer = product.get(choices, "sofia.lindqvist")
        return answer.json if answer.status == 403 else None

    assert wait_for(closed)["code"] == "organization-suspended"  # type: ignore[index]
    body = json.dumps({"version": 1, "text": "It was a former colleague"})
    answer = product.ask(
        "POST",
        "/api/organizations/standing/appeal",
        token=product.token("oliver.bright"),
        body=body,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status == 200
    path = product.data.parent / "late.jsonl"
    path.write_bytes(records.good("amazon-connect", DAY))
    late = product.command("import", *HARBOUR, "--source", "amazon-connect", str(path))
    assert late.code == 2
    assert "suspended" in late.err
    told = standing(product, "--grant-appeal", "active", "--text", "It was")
    assert (told["state"], told["version"]) == ("active", 3)
    wait_for(lambda: product.get(choices, "sofia.lindqvist").status == 200)
    assert product.stop() == 0
    for secret in ("sold on", "colleague"):
        assert secret not in product.logged()


def test_an_erasure_survives_being_killed(make: Make) -> None:
    product = make().start()
    product.imported("amazon-connect", records.good("amazon-connect", DAY))
    assert product.stop() == 0
    standing(product, "--set", "terminated", "--reason", "customer_wish", "--text", "They left")
    killed(product, at_once=True)
    for _ in range(KILLS):
        killed(product, at_once=False)
    whole = erase(product, LATER_S)
    out, err = whole.communicate(timeout=120)
    assert whole.returncode == 0, err.decode()
    final = erase(product, LATER_S + 1300)
    out, err = final.communicate(timeout=120)
    assert final.returncode == 0, err.decode()
    plan = json.loads(out.splitlines()[-1])
    assert plan["verified_at_ms"] > 0
    assert plan["documents"] > 0
    assert product.command("verify-audit", "--json").code == 0
    listed = product.command("erasures", "--json").json
    assert [one["code"] for one in listed] == ["harbour"]
    assert b"|harbour" not in every_byte(product.data)


def killed(product: Product, *, at_once: bool) -> None:
    """Erases, and is killed at once or after it came further than before."""
    before, running = len(steps(product)), erase(product, WINDOW_S)
    assert running.stdout is not None
    assert running.stdout.readline() == b"begun\n"
    if not at_once:
        wait_for(lambda: len(steps(product)) > before or running.poll() == 0)
    running.send_signal(signal.SIGKILL)
    running.communicate()


def steps(product: Product) -> list[str]:
    """The steps that are written as done."""
    plans = product.command("erasures", "--json").json
    return [name for one in plans for name in one if name.endswith("_at_ms") and one[name]]


def every_byte(folder: Path) -> bytes:
    """Everything that lies there."""
    return b"".join(
        Path(at, name).read_bytes() for at, _, names in os.walk(folder) for name in names
    )
