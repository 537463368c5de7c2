"""What import-linter and a few readings of the tree say about the layout."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.settings import ROOT
from tools import tree

PACKAGES = ("portal", "bot", "manifest")
STATEMENTS = ("select ", "insert ", "update ", "delete ", "create ", "drop ", "alter ", "pragma ")
MAY_PRINT = ("portal/cli", "portal/sample/__main__.py")


def sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Every Python file below the folders: its path from the root, and its syntax tree."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def imported(module: ast.Module) -> set[str]:
    """Top-level names of everything a file imports."""
    names = {
        alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    names |= {
        node.module for node in ast.walk(module) if isinstance(node, ast.ImportFrom) and node.module
    }
    return {name.split(".")[0] for name in names}


def test_imports_keep_the_contracts() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_domain_uses_the_standard_library_and_numpy_alone() -> None:
    allowed = set(sys.stdlib_module_names) | {"numpy", "portal"}
    wrong = {path: imported(module) - allowed for path, module in sources("portal/domain")}
    assert {path: names for path, names in wrong.items() if names} == {}


def test_only_the_channel_knows_the_bot_framework() -> None:
    wrong = [
        path
        for path, module in sources(*PACKAGES)
        if not path.startswith("bot/channel/")
        and any(name.startswith(("botbuilder", "botframework")) for name in imported(module))
    ]
    assert wrong == []


def test_only_the_command_line_prints() -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for path, module in sources(*PACKAGES)
        if not path.startswith(MAY_PRINT)
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert wrong == []


def values_in_statements(module: ast.Module) -> Iterator[int]:
    """Lines with an SQL statement into which text is formatted, other than names in capitals."""
    for node in ast.walk(module):
        if not isinstance(node, ast.JoinedStr):
            continue
        text = "".join(
            part.value
            for part in node.values
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )
        inserted = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        fixed = all(isinstance(value, ast.Name) and value.id.isupper() for value in inserted)
        if text.lstrip().lower().startswith(STATEMENTS) and not fixed:
            yield node.lineno


def test_no_text_is_formatted_into_sql() -> None:
    wrong = [
        f"{path}:{line}"
        for path, module in sources("portal/adapters/storage")
        for line in values_in_statements(module)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("f'SELECT a FROM t WHERE b = {b}'", True),
        ("f'  delete from {table}'", True),
        ("f'SELECT {COLUMNS} FROM t WHERE b = ?'", False),
        ("'SELECT a FROM t WHERE b = ?'", False),
        ("f'selected {x}'", False),
    ],
)
def test_formatted_sql_would_be_found(source: str, found: bool) -> None:
    assert bool(list(values_in_statements(ast.parse(source)))) is found


def test_every_package_and_module_says_what_it_is_for() -> None:
    wrong = [
        path
        for path, module in sources(*PACKAGES)
        if len((ast.get_docstring(module) or "").split()) < 3
    ]
    assert wrong == []


def test_no_file_holds_what_belongs_to_one_machine() -> None:
    assert tree.problems() == []
