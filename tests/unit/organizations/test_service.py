"""Organisations in the store: one tenancy each, in their own region, with keys of their own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.domain.audit.model import Action
from portal.domain.organizations.model import Organization, Region
from portal.domain.shared.errors import InvalidInput, NotFound
from tests.fakes.world import World, opened

COVE = Organization("cove", "Cove Example", Region.UK, "Asia/Kathmandu", "NP")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path) as services:
        yield services


async def test_an_organisation_is_made_once_and_found_again(world: World) -> None:
    made = await world.organizations.ensure(COVE)
    assert made.organization == COVE
    assert made.partition == "uk|cove"
    again = await world.organizations.ensure(COVE)
    assert again.keyring.own_key == made.keyring.own_key
    async with opened(world.folder) as second:
        found = await second.organizations.get("cove")
        assert found.organization == COVE
        assert found.keyring.own_key == made.keyring.own_key
    created = [e async for e in world.audit.entries("uk|cove")]
    assert [e.action for e in created] == [Action.ORGANIZATION_CREATED]


async def test_of_many_makers_one_makes_it(world: World) -> None:
    async with opened(world.folder) as second:
        makers = [world.organizations, second.organizations] * 10
        tenancies = await asyncio.gather(*(maker.ensure(COVE) for maker in makers))
    assert len({tenancy.keyring.own_key for tenancy in tenancies}) == 1
    assert [one.code for one in await world.organizations.all()] == ["bay", "cove"]
    assert len([e async for e in world.audit.entries("uk|cove")]) == 1


async def test_organisations_have_keys_of_their_own(world: World) -> None:
    cove, bay = await world.organizations.ensure(COVE), await world.organizations.get("bay")
    assert cove.keyring.own_key != bay.keyring.own_key
    assert cove.keyring.blind("n", "x") != bay.keyring.blind("n", "x")


@pytest.mark.parametrize("region", set(Region) - {Region.UK})
async def test_another_regions_organisation_is_refused(world: World, region: Region) -> None:
    far = Organization("far", "Far Example", region, "Europe/Berlin", "DE")
    with pytest.raises(InvalidInput) as refused:
        await world.organizations.ensure(far)
    assert set(refused.value.fields) == {"region"}
    with pytest.raises(NotFound):
        await world.organizations.get("far")


@pytest.mark.parametrize("code", ["", "-", "nowhere", "a/b", "BAY", "bay ", "\ud800", "x" * 300])
async def test_an_unknown_organisation_is_not_found(world: World, code: str) -> None:
    with pytest.raises(NotFound):
        await world.organizations.get(code)
