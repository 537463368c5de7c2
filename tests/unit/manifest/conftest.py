import json
from typing import Any

import pytest

from manifest import environment, package
from manifest.environment import Environment
from manifest.package import Package


@pytest.fixture(scope="session")
def example() -> Environment:
    return environment.load("example")


@pytest.fixture(scope="session")
def made(example: Environment) -> Package:
    return package.make(example)


@pytest.fixture
def files(made: Package) -> dict[str, bytes]:
    """The files of a package, to be changed at will."""
    return dict(made.files)


@pytest.fixture
def manifest(made: Package) -> dict[str, Any]:
    """A manifest, to be changed at will."""
    found: dict[str, Any] = json.loads(made.files["manifest.json"])
    return found
