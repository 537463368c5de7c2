"""Contact data of members is unsealed in one place of the sources."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.settings import ROOT

ONE_PLACE = "portal/domain/shared/contact_data.py"
CONTEXTS = ("contact|", "member|", "conversation|")


def starts(argument: ast.expr) -> str:
    """What a context begins with, "" when that is not written there."""
    if isinstance(argument, ast.JoinedStr) and argument.values:
        argument = argument.values[0]
    is_text = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    return str(argument.value) if is_text else ""  # type: ignore[attr-defined]


def unsealing(source: str) -> Iterator[str]:
    """Contexts that are opened with a keyring, as far as they are written down."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"open", "open_all"}
            and len(node.args) == 3
        ):
            yield starts(node.args[1])


def sources() -> list[Path]:
    return [path for folder in ("portal", "bot") for path in (ROOT / folder).rglob("*.py")]


def is_contact_data(context: str) -> bool:
    return context.startswith(CONTEXTS)


def test_no_other_code_unseals_contact_data() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in sources()
        if str(path.relative_to(ROOT)) != ONE_PLACE
        and any(is_contact_data(one) for one in unsealing(path.read_text(encoding="utf-8")))
    ]
    assert wrong == []


def test_modules_that_declare_purposes_unseal_nothing_by_a_context_made_elsewhere() -> None:
    """What is neither written down nor sealed text of the same module's could be anything."""
    own = {
        "portal/domain/communications/documents.py": {"message|"},
        "portal/domain/access/documents.py": {"access|"},
    }
    for path in sources():
        name, source = str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
        if "purposes=frozenset({Purpose." in source:
            assert set(unsealing(source)) <= own.get(name, set()), name


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("keyring.open(key, f'contact|{field}', sealed)", True),
        ("k.open(k.own_key, 'member|x', s)", True),
        ("keyring.open(key, f'view|{id}', sealed)", False),
        ("path.open('contact|')", False),
    ],
)
def test_such_code_would_be_found(source: str, found: bool) -> None:
    assert any(is_contact_data(one) for one in unsealing(source)) is found
