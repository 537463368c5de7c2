"""Blob Storage that is missing, somebody else's, or in trouble, through the official client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from azure.core.exceptions import ServiceRequestError
from azure.storage.blob.aio import BlobClient

from portal.adapters.blobs.azure import open_container
from portal.adapters.blobs.sealed import SealedBlobs
from portal.adapters.secrets.keyring import AesKeyring
from portal.domain.shared.blobs import Owner
from portal.domain.shared.errors import Conflict, DomainError, RateLimited, Unavailable
from tests.blobs.places import REGION_OF_TESTS, Container
from tests.blobs.stand_in import Identity, StandIn
from tests.fakes import tls

BAY = Owner("uk|bay", AesKeyring("bay", b"b" * 32))
NO_WAIT = {"initial_backoff": 0, "increment_base": 0, "random_jitter_range": 0}


@pytest.fixture
async def container(blob_service: StandIn) -> AsyncIterator[Container]:
    made = Container(blob_service)
    await made.open()
    yield made
    await made.close()


@asynccontextmanager
async def answering(folder: Path, status: int, **headers: str) -> AsyncIterator[tuple[str, Any]]:
    """A service that answers everything so, or not at all for 0; its container's address and what
    to trust."""
    trusted = tls.made(folder, "localhost")

    async def handle(request: web.Request) -> web.Response:
        if not status:
            assert request.transport is not None
            request.transport.abort()
        code = {429: "ServerBusy", 503: "ServerBusy", 403: "AuthorizationPermissionMismatch"}
        told = headers | {"x-ms-error-code": code.get(status, "InternalError")}
        return web.Response(status=status or 500, headers=told)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=trusted.server_context()).start()
    port = runner.addresses[0][1]
    try:
        yield (
            f"https://localhost:{port}/account/blobs",
            {"connection_verify": str(trusted.authority)},
        )
    finally:
        await runner.cleanup()


async def told(url: str, identity: Identity | None = None, **options: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        await open_container(
            url, identity or Identity(), region=REGION_OF_TESTS, **NO_WAIT, **options
        )
    return refused.value


async def test_a_missing_container_is_named(blob_service: StandIn) -> None:
    error = await told(blob_service.container("nothing-here"), **blob_service.options)
    assert isinstance(error, Unavailable)
    assert "no container nothing-here at localhost" in error.message


async def test_another_regions_container_is_refused(container: Container) -> None:
    for mark in ({"switchroom_region": "eu"}, {}):
        await container._client.set_container_metadata(mark)
        error = await told(container.url, **container._options)
        assert isinstance(error, Unavailable)
        assert "not marked as one of region uk" in error.message


@pytest.mark.parametrize(
    "identity", [Identity(begins_in_s=7200), Identity(begins_in_s=-7200), Identity(audience="x")]
)
async def test_an_identity_that_is_not_accepted(container: Container, identity: Identity) -> None:
    """By a clock that is wrong, or for another service."""
    error = await told(container.url, identity, **container._options)
    assert isinstance(error, Unavailable)
    assert "does not accept this process's identity" in error.message


@pytest.mark.parametrize(
    "url",
    [
        "http://account.blob.core.windows.net/blobs",
        "https://account.blob.core.windows.net",
        "https://account.blob.core.windows.net/blobs?sig=abc",
        "account",
    ],
)
async def test_an_address_that_is_no_containers(url: str) -> None:
    assert "no address of a container" in (await told(url)).message


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (429, RateLimited, "no more requests"),
        (503, RateLimited, "no more requests"),
        (403, Unavailable, "no role"),
        (500, Unavailable, "does not answer as it should"),
        (0, Unavailable, "does not answer"),
    ],
)
async def test_trouble_is_told_in_words(
    tmp_path: Path, status: int, kind: type[DomainError], words: str
) -> None:
    async with answering(tmp_path, status, **{"Retry-After": "7"}) as (url, options):
        error = await told(url, **options)
    assert isinstance(error, kind)
    assert words in error.message
    if isinstance(error, RateLimited):
        assert error.retry_after == 7


async def test_a_beginning_that_fails_leaves_nothing(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = SealedBlobs(await container.open())

    async def fail(*_: Any, **__: Any) -> None:
        raise ServiceRequestError("no way to it")

    with monkeypatch.context() as patch:
        patch.setattr(BlobClient, "stage_block", fail)
        with pytest.raises(Unavailable):
            await blobs.create(BAY, "one")
    assert await container.everything() == []
    assert not [task for task in asyncio.all_tasks() if "_renew" in repr(task)]
    writer = await blobs.create(BAY, "one")
    await writer.finish()


async def test_two_who_begin_the_same_blob_are_told_apart(container: Container) -> None:
    places = [SealedBlobs(await container.open()) for _ in range(4)]

    async def begin(blobs: SealedBlobs) -> str:
        try:
            writer = await blobs.create(BAY, "one")
        except Conflict:
            return "refused"
        await writer.write(b"rows")
        await writer.finish()
        return "wrote"

    outcomes = await asyncio.gather(*(begin(one) for one in places))
    assert sorted(outcomes) == ["refused", "refused", "refused", "wrote"]


async def test_a_writer_that_lost_its_lease_changes_nothing(container: Container) -> None:
    blobs = SealedBlobs(await container.open())
    first = await blobs.create(BAY, "one", resumable=True)
    await first.write(b"first")
    await container.kill(first, "uk-bay/one")
    second = await blobs.resume(BAY, "one", first.token)
    await second.write(b"second")
    with pytest.raises(Conflict):
        await first.finish()
    await first.discard()
    await second.finish()
    reader = await blobs.open(BAY, "one")
    assert await reader.read(0, 100) == b"second"
    await reader.close()


async def test_a_reader_that_lost_its_lease_reads_no_more(container: Container) -> None:
    blobs = SealedBlobs(await container.open())
    writer = await blobs.create(BAY, "one")
    await writer.write(b"rows")
    await writer.finish()
    reader = await blobs.open(BAY, "one", exclusive=True)
    lease = reader._raw._lease  # type: ignore[attr-defined]
    await lease.stop()
    await lease.client.break_lease(lease_break_period=0)
    other = await blobs.open(BAY, "one", exclusive=True)
    await lease.renewed()
    with pytest.raises(Conflict):
        await reader._raw.read(0, 1)  # type: ignore[attr-defined]
    await reader.close()
    assert await other.read(0, 100) == b"rows"
    await other.close()


async def test_names_of_blobs_tell_nothing_of_their_content(container: Container) -> None:
    """Neither do the marks on the blob."""
    blobs = SealedBlobs(await container.open())
    writer = await blobs.create(BAY, "recordings/r-1")
    await writer.write(b"+12025550101")
    await writer.finish()
    known = await container._client.get_blob_client("uk-bay/recordings/r-1").get_blob_properties()
    assert known.metadata == {}
    assert "12025550101" not in str(known)
