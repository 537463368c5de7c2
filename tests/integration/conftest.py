"""One server for most tests, and the means to start more; all of them end with their tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.web.openapi import describe
from portal.web.operations import DEVELOPMENT_OPERATIONS, OPERATIONS
from tests.integration.contract import Contract
from tests.integration.product import Product

Make = Callable[..., Product]


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The description with the operations that exist in development only."""
    return Contract(describe((*OPERATIONS, *DEVELOPMENT_OPERATIONS), version="0"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, contract: Contract) -> Iterator[Product]:
    """A running server that tests share; each uses days of its own."""
    made = Product(tmp_path_factory.mktemp("shared"), SWITCHROOM_IMPORT_MAX_BYTES="20000000")
    made.contract = contract
    made.start()
    yield made
    try:
        assert made.stop() == 0, made.logged()
    finally:
        made.end()
    assert "Traceback" not in made.logged()


@pytest.fixture
def make(tmp_path: Path, contract: Contract) -> Iterator[Make]:
    """Makes products on data directories of their own."""
    made: list[Product] = []

    def one(**variables: str) -> Product:
        product = Product(tmp_path / f"product{len(made)}", **variables)
        product.contract = contract
        made.append(product)
        return product

    yield one
    for product in made:
        product.end()
