"""What the app proves with that it is the app: read when it is needed, and never kept."""

from pathlib import Path
from typing import Any, Self

import pytest

from portal.adapters.identity.entra_msal import EXCHANGE, credential
from portal.domain.shared.errors import Unavailable


def test_a_secret_is_read_each_time_so_that_a_new_one_counts(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("first\n")
    read = credential("secret", path)
    assert read() == "first"
    path.write_text("second")
    assert read() == "second"


def test_a_certificate_comes_with_its_key(tmp_path: Path) -> None:
    path = tmp_path / "pem"
    path.write_text("both")
    assert credential("certificate", path)() == {
        "private_key": "both",
        "public_certificate": "both",
    }


def test_a_federated_token_is_read_when_msal_wants_it(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("one")
    given = credential("workload_identity", path)()
    path.write_text("two")
    assert given["client_assertion"]() == "two"


def test_the_identity_of_the_process_is_exchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    class Identity:
        """Azure's, which is not here."""

        def __init__(self, *, client_id: str | None) -> None:
            asked.append(client_id)

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            asked.append("closed")

        def get_token(self, scope: str) -> Any:
            asked.append(scope)
            return type("Token", (), {"token": "of the identity"})

    monkeypatch.setattr("azure.identity.ManagedIdentityCredential", Identity)
    monkeypatch.setenv("AZURE_CLIENT_ID", "web")
    assert credential("managed_identity", None)()["client_assertion"]() == "of the identity"
    assert asked == ["web", EXCHANGE, "closed"]


def test_without_a_file_there_is_none() -> None:
    with pytest.raises(Unavailable):
        credential("secret", None)()
