"""What can be said of the infrastructure without Azure: syntax of Bicep, our own assertions (the
tests of tests/architecture/test_infrastructure.py, in seconds), policies of checkov.

There is no Bicep compiler in the package registries, so types and symbols stay unproven until a
deployment; docs/operations.md says so. checkov reads what it finds here and asks no network. It
has an environment of its own (`.build/checkov`), because it pins a hundred packages exactly.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import environment, stamps

FOLDER = stamps.ROOT / "infra"
ASSERTIONS = stamps.ROOT / "tests" / "architecture" / "test_infrastructure.py"
DOCKERFILE = stamps.ROOT / "Dockerfile"
LOCK = stamps.ROOT / "requirements-policy.txt"
STEP = "policies"
ASSIGNMENT = re.compile(rb"^param(?= [A-Za-z]\w* = )", re.MULTILINE)


def sources() -> list[Path]:
    """Every Bicep file, parameters included, in a fixed order."""
    return sorted(FOLDER.rglob("*.bicep")) + sorted(FOLDER.rglob("*.bicepparam"))


def syntax(files: list[Path] | None = None) -> list[str]:
    """A line for each place that is no Bicep: `path:line:column: what`."""
    import tree_sitter
    import tree_sitter_bicep

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bicep.language()))
    found = []
    for path in files or sources():
        text = path.read_bytes()
        if path.suffix == ".bicepparam":
            # The grammar knows declarations alone; an assignment has the form of a variable's.
            text = ASSIGNMENT.sub(b"var  ", text)
        shown = path.relative_to(stamps.ROOT) if path.is_relative_to(stamps.ROOT) else path
        for node in _wrong(parser.parse(text).root_node):
            line, column = node.start_point
            what = f"{node.type} is missing" if node.is_missing else "not understood"
            found.append(f"{shown}:{line + 1}:{column + 1}: {what}")
    return found


def _wrong(node: Any) -> Iterator[Any]:
    if node.type == "ERROR" or node.is_missing:
        yield node
    elif node.has_error:
        for child in node.children:
            yield from _wrong(child)


def assertions(file: Path = ASSERTIONS) -> list[str]:
    """What our own assertions have against the templates, the parameters and the Dockerfile: the
    report of the tests that fail, also when there is none to run."""
    options = ["-q", "--no-header", "--tb=short", "-p", "no:xdist", "-p", "no:cacheprovider"]
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(file)],
        cwd=stamps.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return [answer.stdout + answer.stderr] if answer.returncode else []


def policies() -> list[str]:
    """What checkov has against the templates and the Dockerfile; nothing is run when they are as
    they were when it had nothing. Installs it when it is not there."""
    try:
        environment.install("policy")
    except subprocess.CalledProcessError:
        return ["checkov could not be installed (pip's message is above)"]
    files = [path for path in sources() if path.suffix == ".bicep"] + [DOCKERFILE]
    wanted = stamps.fingerprint([*files, *FOLDER.rglob("*.json"), LOCK, Path(__file__)])
    if stamps.is_current(STEP, wanted):
        return []
    wrong = judged(files)
    if not wrong:
        stamps.done(STEP, wanted)
    return wrong


def judged(files: list[Path]) -> list[str]:
    """The findings of checkov on these files, its own failures among them."""
    named = [word for path in files for word in ("--file", str(path))]
    program = environment.FOLDERS["policy"] / "bin" / "checkov"
    options = ["--framework", "bicep", "dockerfile", "--skip-download", "--output", "json"]
    # Without a proxy nothing leaves; checkov would otherwise report its use.
    variables = dict(os.environ, CHECKOV_RUN_SCA_PACKAGE_SCAN_V2="false", LOG_LEVEL="ERROR")
    answer = subprocess.run(
        [program, *named, *options],
        cwd=stamps.ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        reports = json.loads(answer.stdout)
    except json.JSONDecodeError:
        return [f"checkov failed: {answer.stderr[-2000:]}"]
    reports = reports if isinstance(reports, list) else [reports]
    wrong = [f"checkov did not look at {kind}" for kind in _unseen(reports)]
    for report in reports:
        results = report["results"]
        wrong += [f"checkov cannot read {name}" for name in results["parsing_errors"]]
        wrong += [
            f"{one['repo_file_path']}:{one['file_line_range'][0]}: {one['check_id']} "
            f"{one['check_name']} ({one['resource']})"
            for one in results["failed_checks"]
        ]
    return wrong


def _unseen(reports: list[dict[str, Any]]) -> list[str]:
    seen = {one.get("check_type") for one in reports if one.get("summary", {}).get("passed")}
    return sorted({"bicep", "dockerfile"} - seen)


def main() -> int:
    """The exit code: 0 when nothing is wrong."""
    wrong = syntax() + assertions() + policies()
    print("\n".join(wrong) or "nothing wrong with infra/ and the Dockerfile")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
