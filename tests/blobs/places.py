"""The raw places that the suites of files run on, each with a hand for what others would do there:
a killed process, a thief of bytes, a disk that forgets."""

from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from azure.storage.blob.aio import BlobLeaseClient, ContainerClient

from portal.adapters.blobs.azure import REGION, AzureBlobs, open_container
from portal.adapters.blobs.directory import PART, SEALED, DirectoryBlobs
from portal.adapters.blobs.raw import RawBlobs
from portal.domain.shared.blobs import BlobWriter
from tests.blobs.stand_in import Identity, StandIn

REGION_OF_TESTS = "uk"


class Place(Protocol):
    """A raw place, and what can happen to what is there."""

    async def open(self) -> RawBlobs:
        """The place, as another process would open it."""
        ...

    async def stored(self, path: str) -> bytes:
        """A finished blob's bytes as stored."""
        ...

    async def store(self, path: str, data: bytes) -> None:
        """Other bytes in their place."""
        ...

    async def everything(self) -> list[str]:
        """Whatever is there, finished or not."""
        ...

    async def kill(self, writer: BlobWriter, path: str) -> None:
        """The end of the writer's process, and of whatever it held."""
        ...

    async def close(self) -> None:
        """Takes the place away."""
        ...


class Directory:
    """A directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def open(self) -> DirectoryBlobs:
        return DirectoryBlobs(self.folder)

    async def stored(self, path: str) -> bytes:
        return (self.folder / f"{path}{SEALED}").read_bytes()

    async def store(self, path: str, data: bytes) -> None:
        (self.folder / f"{path}{SEALED}").write_bytes(data)

    async def everything(self) -> list[str]:
        found = (one for one in self.folder.rglob("*") if one.is_file())
        paths = (one.relative_to(self.folder).as_posix() for one in found)
        return sorted(one.removesuffix(PART).removesuffix(SEALED) for one in paths)

    async def kill(self, writer: BlobWriter, path: str) -> None:
        await writer.release()  # the system closes a killed process's files, and their locks end

    async def close(self) -> None:
        pass


class Container:
    """A container of the stand-in for Blob Storage."""

    def __init__(self, service: StandIn) -> None:
        self.url = service.container(f"blobs-{uuid4().hex}")
        self._options: dict[str, Any] = dict(service.options)
        self._client = ContainerClient.from_container_url(self.url, Identity(), **self._options)
        self._opened: list[AzureBlobs] = []
        self._is_made = False

    async def open(self) -> AzureBlobs:
        if not self._is_made:
            await self._client.create_container(metadata={REGION: REGION_OF_TESTS})
            self._is_made = True
        opened = await open_container(
            self.url, Identity(), region=REGION_OF_TESTS, young_seconds=-2.0, **self._options
        )
        self._opened.append(opened)
        return self._opened[-1]

    async def stored(self, path: str) -> bytes:
        return await (await self._client.download_blob(path)).readall()

    async def store(self, path: str, data: bytes) -> None:
        await self._client.upload_blob(path, data, overwrite=True)

    async def everything(self) -> list[str]:
        return sorted([one.name async for one in self._client.list_blobs()])

    async def kill(self, writer: BlobWriter, path: str) -> None:
        raw = writer._raw  # type: ignore[attr-defined]
        await raw._lease.stop()  # nobody renews it; broken here instead of waiting for its minute
        await BlobLeaseClient(self._client.get_blob_client(path)).break_lease(lease_break_period=0)

    async def close(self) -> None:
        for one in self._opened:
            await one.close()
        if self._is_made:
            await self._client.delete_container()
        await self._client.close()
