"""Sealed blobs in a container of Azure Blob Storage.

A path is an empty blob marked `state=part` until its frames, staged as blocks, are committed in one
step. Whoever writes it, or reads it alone, holds its lease: a minute long, renewed every twenty
seconds, so that another may take up what a killed process left. Blocks that were staged and never
committed are dropped by the service after a week.
"""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from azure.core import MatchConditions
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.storage.blob import BlobBlock, BlobProperties
from azure.storage.blob.aio import BlobClient, BlobLeaseClient, ContainerClient

from portal.adapters.blobs.chunks import FRAME
from portal.domain.shared.errors import Conflict, DomainError, NotFound, RateLimited, Unavailable

LEASE_SECONDS = 60
RENEW_SECONDS = 20.0
PART: dict[str, str] = {"state": "part"}
ABSENT = "There is no such file."
TAKEN = "There is a file of that name."
IN_USE = "Another process uses this file."
RETRY_AFTER_SECONDS = 5.0
ADDRESS = re.compile(r"https://[a-z0-9.-]+(:\d+)?(/[a-z0-9]+)?/[a-z0-9-]{3,63}")
CLIENT: dict[str, Any] = {
    "retry_total": 3,
    "initial_backoff": 1,
    "increment_base": 2,
    "connection_timeout": 10,
    "read_timeout": 60,
}
REGION = "switchroom_region"
BLOCK_NAME = 12
SAME = MatchConditions.IfNotModified
LOST = frozenset(
    {
        "LeaseIdMismatchWithBlobOperation",
        "LeaseIdMissing",
        "LeaseLost",
        "LeaseNotPresentWithBlobOperation",
    }
)
"""The codes of writing with a lease that is another's by now, or over."""


class AzureBlobs:
    """Raw blobs of a container; see the protocol. `open_container` makes one."""

    def __init__(self, container: ContainerClient, *, young_seconds: float) -> None:
        self._container = container
        self._young = timedelta(seconds=young_seconds)

    async def close(self) -> None:
        """Closes the connections."""
        await self._container.close()

    async def begin(self, path: str, header: bytes, *, resumable: bool) -> "_Writer":
        """See the protocol. Staged blocks are durable whether they need to be or not."""
        blob = self._container.get_blob_client(path)
        async with _told():
            try:
                await blob.upload_blob(b"", overwrite=False, metadata=PART)
            except ResourceExistsError as error:
                raise Conflict(TAKEN) from error
            writer = _Writer(blob, await _Lease.taken(blob), staged=0)
            try:
                await writer.stage(-1, header)
            except BaseException:
                with suppress(DomainError):
                    await writer.discard()
                raise
        return writer

    async def take_up(self, path: str, header: bytes) -> "_Writer":
        """See the protocol."""
        blob = self._container.get_blob_client(path)
        async with _told():
            if not _is_part(await blob.get_blob_properties()):
                raise NotFound(ABSENT)
            lease = await _Lease.taken(blob)
            try:
                _, waiting = await blob.get_block_list("uncommitted", lease=lease.client)
                sizes = {str(block.id): int(block.size) for block in waiting}
                if sizes.get(_id(0)) != len(header):
                    raise NotFound(ABSENT)
            except BaseException:
                await lease.release()
                raise
        staged = 0
        while sizes.get(_id(staged + 1)) == FRAME:
            staged += 1
        return _Writer(blob, lease, staged=staged)

    async def open(self, path: str, *, exclusive: bool) -> "_Reader":
        """See the protocol."""
        blob = self._container.get_blob_client(path)
        async with _told():
            known = await blob.get_blob_properties()
            if _is_part(known):
                raise NotFound(ABSENT)
            lease = await _Lease.taken(blob) if exclusive else None
        return _Reader(blob, lease, known)

    async def finished(self, prefix: str) -> tuple[str, ...]:
        """See the protocol."""
        return tuple([one.name async for one in self._listed(prefix) if not _is_part(one)])

    async def left(self, prefix: str) -> tuple[str, ...]:
        """See the protocol."""
        listed = [one async for one in self._listed(prefix) if _is_part(one)]
        begun = datetime.now(UTC) - self._young  # a writer takes its lease behind making the blob
        return tuple(
            one.name for one in listed if one.lease.state != "leased" and one.last_modified <= begun
        )

    async def delete(self, path: str) -> None:
        """See the protocol."""
        blob = self._container.get_blob_client(path)
        async with _told():
            with suppress(ResourceNotFoundError):
                try:
                    await blob.delete_blob("include")
                except HttpResponseError as error:
                    if _code(error) != "LeaseIdMissing":
                        raise
                    await BlobLeaseClient(blob).break_lease(lease_break_period=0)
                    await blob.delete_blob("include")

    async def _listed(self, prefix: str) -> AsyncIterator[BlobProperties]:
        async with _told():
            async for one in self._container.list_blobs(prefix, include=["metadata"]):
                yield one


async def open_container(
    url: str,
    credential: AsyncTokenCredential,
    *,
    region: str,
    young_seconds: float = 60.0,
    **options: Any,
) -> AzureBlobs:
    """The container at that address, https://ACCOUNT.blob.core.windows.net/CONTAINER. Raises
    Unavailable when it is missing, is another region's, or cannot be used with the credential.
    Unfinished blobs younger than `young_seconds` do not count as left."""
    if not ADDRESS.fullmatch(url):
        raise Unavailable(f"{url} is no address of a container (https://ACCOUNT.blob…/CONTAINER).")
    client = ContainerClient.from_container_url(url, credential, **CLIENT | options)
    try:
        async with _told():
            known = await client.get_container_properties()
        if (known.metadata or {}).get(REGION) != region:
            raise Unavailable(
                f"The container {client.container_name} is not marked as one of region {region}; "
                f"set its metadata {REGION}={region} if it is."
            )
    except NotFound as error:
        await client.close()
        raise Unavailable(
            f"There is no container {client.container_name} at {client.primary_hostname}."
        ) from error
    except BaseException:
        await client.close()
        raise
    return AzureBlobs(client, young_seconds=young_seconds)


class _Lease:
    """A lease, kept by renewing it until it is released or lost."""

    def __init__(self, client: BlobLeaseClient) -> None:
        self.client = client
        self.is_lost = False
        self._renewing = asyncio.create_task(self._renew())

    @classmethod
    async def taken(cls, blob: BlobClient) -> "_Lease":
        """The lease of a blob. Conflict while another has it."""
        try:
            return cls(await blob.acquire_lease(LEASE_SECONDS))
        except ResourceExistsError as error:
            raise Conflict(IN_USE) from error

    async def release(self) -> None:
        """Gives it back. No error when it is not ours any more: then it was another's to take."""
        await self.stop()
        with suppress(AzureError):
            await self.client.release()

    async def stop(self) -> None:
        """Renews it no more."""
        self._renewing.cancel()
        await asyncio.gather(self._renewing, return_exceptions=True)

    async def renewed(self) -> None:
        """Renews it once. Trouble on the way is no loss: the next time is early enough."""
        try:
            await self.client.renew()
        except (ResourceExistsError, ResourceNotFoundError):
            self.is_lost = True
        except AzureError:
            return

    async def _renew(self) -> None:
        while not self.is_lost:
            await asyncio.sleep(RENEW_SECONDS)
            await self.renewed()


class _Writer:
    def __init__(self, blob: BlobClient, lease: _Lease, *, staged: int) -> None:
        self._blob = blob
        self._lease = lease
        self.staged = staged

    async def stage(self, place: int, frame: bytes) -> None:
        """See the protocol; -1 is the place of the header."""
        async with _told():
            await self._blob.stage_block(_id(place + 1), frame, lease=self._lease.client)

    async def commit(self, frames: int) -> None:
        blocks = [BlobBlock(_id(place)) for place in range(frames + 1)]
        async with _told():
            await self._blob.commit_block_list(blocks, lease=self._lease.client)
        await self._lease.release()

    async def discard(self) -> None:
        await self._lease.stop()
        async with _told():
            with suppress(ResourceNotFoundError):
                try:
                    await self._blob.delete_blob("include", lease=self._lease.client)
                except HttpResponseError as error:
                    if _code(error) not in LOST:
                        raise
                    if _code(error) == "LeaseNotPresentWithBlobOperation":
                        await self._blob.delete_blob("include")  # finished, and let go of

    async def release(self) -> None:
        await self._lease.release()


class _Reader:
    def __init__(self, blob: BlobClient, lease: _Lease | None, known: BlobProperties) -> None:
        self._blob = blob
        self._lease = lease
        self._etag = known.etag
        self.size = int(known.size)

    async def read(self, offset: int, length: int) -> bytes:
        if self._lease is not None and self._lease.is_lost:
            raise Conflict(IN_USE)
        wanted = min(length, self.size - offset)
        if wanted <= 0:
            return b""
        async with _told():
            stream = await self._blob.download_blob(
                offset, wanted, etag=self._etag, match_condition=SAME
            )
            return await stream.readall()

    async def close(self) -> None:
        if self._lease is not None:
            await self._lease.release()


@asynccontextmanager
async def _told() -> AsyncIterator[None]:
    """Turns the client's errors into the domain's. Nothing of what the service said is repeated."""
    try:
        yield
    except ResourceNotFoundError as error:
        raise NotFound(ABSENT) from error
    except ClientAuthenticationError as error:
        raise Unavailable("The storage account does not accept this process's identity.") from error
    except HttpResponseError as error:
        if _code(error) in LOST:
            raise Conflict(IN_USE) from error
        if error.status_code in {429, 503}:
            wait = str(getattr(error.response, "headers", {}).get("Retry-After", ""))
            seconds = float(wait) if wait.isdecimal() else RETRY_AFTER_SECONDS
            busy = "The storage account takes no more requests now."
            raise RateLimited(busy, retry_after=seconds) from error
        if error.status_code == 403:
            role = "This process's identity has no role in the storage account."
            raise Unavailable(role) from error
        raise Unavailable("The storage account does not answer as it should.") from error
    except AzureError as error:
        raise Unavailable("The storage account does not answer.") from error


def _code(error: HttpResponseError) -> str:
    """The service's code: "Blob service error codes" of its REST reference."""
    code = getattr(error, "error_code", "")
    return str(getattr(code, "value", code))


def _is_part(known: BlobProperties) -> bool:
    return (known.metadata or {}).get("state") == PART["state"]


def _id(place: int) -> str:
    """A block's id: all of a blob's must be of one length. 0 is the header."""
    return base64.b64encode(f"{place:0{BLOCK_NAME}d}".encode()).decode()
