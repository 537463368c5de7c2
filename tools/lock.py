"""Makes the hashed locks from the short inputs (`make lock`), and checks offline that they agree.

The lock of `requirements.in` is `requirements.txt`, and so on. uv resolves, for every platform and
every Python from 3.11 on; it lives in `.build/uv` and is no dependency of the project.
"""

import re
import subprocess
import sys
import venv
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import stamps

UV = "uv>=0.9"
INPUTS = (
    "requirements.in",
    "requirements-dev.in",
    "requirements-node.in",
    "requirements-policy.in",
)
NAME = re.compile(r"^([A-Za-z0-9._-]+)\s*(\[[^\]]*\])?\s*([^;#]*)")
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")


def requirements(name: str) -> dict[str, str]:
    """Project name -> version specifier, as a human wrote them."""
    lines = (stamps.ROOT / name).read_text(encoding="utf-8").splitlines()
    matches = (NAME.match(line) for line in lines if line[:1].isalnum())
    return {_normal(match[1]): match[3].strip() for match in matches if match}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins(name: str) -> dict[str, tuple[set[str], bool, set[str]]]:
    """Project name -> versions, whether every version has hashes, who asked for it."""
    pins: dict[str, tuple[set[str], bool, set[str]]] = {}
    text = (stamps.ROOT / name).read_text(encoding="utf-8")
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        match = PIN.match(block)
        if match is None:
            continue
        versions, hashed, reasons = pins.setdefault(_normal(match[1]), (set(), True, set()))
        versions.add(match[2])
        reasons.update(re.findall(r"-r (requirements\S*\.in)", block))
        pins[_normal(match[1])] = (versions, hashed and "--hash=sha256:" in block, reasons)
    return pins


def problems() -> list[str]:
    """How a lock differs from its input: missing, left over, outside its range, without hash."""
    from packaging.specifiers import SpecifierSet

    wrong = []
    for source in INPUTS:
        target = source.replace(".in", ".txt")
        asked, pins = requirements(source), _pins(target)
        direct = {name for name, (_, _, reasons) in pins.items() if source in reasons}
        wrong += [f"{target}: {name} is asked for, not locked" for name in asked.keys() - direct]
        wrong += [f"{target}: {name} is locked, not asked for" for name in direct - asked.keys()]
        wrong += [f"{target}: {name} has no hash" for name, pin in pins.items() if not pin[1]]
        wrong += [
            f"{target}: {name} {version} is not {asked[name]}"
            for name in direct & asked.keys()
            for version in pins[name][0]
            if version not in SpecifierSet(asked[name], prereleases=True)
        ]
    runtime, development = _pins("requirements.txt"), _pins("requirements-dev.txt")
    wrong += [
        f"requirements-dev.txt: {name} differs from requirements.txt"
        for name in runtime.keys() & development.keys()
        if runtime[name][0] != development[name][0]
    ]
    return wrong


def main() -> int:
    """Resolves anew; the exit code is uv's."""
    folder = stamps.ROOT / ".build" / "uv"
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", UV], check=True)
    for source in INPUTS:
        options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header"]
        target = source.replace(".in", ".txt")
        words = [str(folder / "bin" / "uv"), "pip", "compile", "--quiet", *options]
        code = subprocess.run([*words, source, "-o", target], cwd=stamps.ROOT, check=False)
        if code.returncode:
            return code.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
