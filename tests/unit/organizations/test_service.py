"""Organisations in the store: one tenancy each, in their own region, with keys of their own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.domain.access.keys import KeyRotation
from portal.domain.access.model import Role
from portal.domain.audit.model import Action
from portal.domain.organizations.model import Organization, Region
from portal.domain.sessions.sealing import SignInSeal
from portal.domain.shared.errors import Conflict, Forbidden, InvalidInput, NotFound
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


@pytest.mark.parametrize("region", [region for region in Region if region is not Region.UK])
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


async def test_a_rotated_key_seals_and_opens_as_before(world: World) -> None:
    before = await world.organizations.ensure(COVE)
    sealed = before.keyring.seal(before.keyring.own_key, "c", b"plain")
    for code in ("bay", "cove"):
        await world.organizations.rotate_key(code, by="luca")
    assert await world.organizations.retire_keys(by="luca") == 1
    async with opened(world.folder) as second:
        after = await second.organizations.get("cove")
        assert after.organization == COVE
        assert after.keyring.open(after.keyring.own_key, "c", sealed) == b"plain"
        await second.organizations.rotate_key("cove", by="luca")
    done = [(e.action, e.target) async for e in world.audit.entries("uk|")]
    assert done == [
        (Action.KEY_ROTATED, "bay"),
        (Action.KEY_ROTATED, "cove"),
        (Action.KEYS_RETIRED, "uk"),
        (Action.KEY_ROTATED, "cove"),
    ]
    assert await world.audit.first_break("uk|") is None


async def test_a_key_that_an_organisation_still_needs_is_not_retired(world: World) -> None:
    cove = await world.organizations.ensure(COVE)
    await world.organizations.rotate_key("bay", by="luca")
    assert await world.organizations.retire_keys(by="luca") == 0
    async with opened(world.folder) as second:
        assert (await second.organizations.get("cove")).keyring.own_key == cove.keyring.own_key


async def test_two_who_rotate_at_once_leave_one_key_that_opens(world: World) -> None:
    before = await world.organizations.get("bay")
    async with opened(world.folder) as second:
        outcomes = await asyncio.gather(
            *(
                one.organizations.rotate_key("bay", by="luca")
                for one in (world, second, world, second)
            ),
            return_exceptions=True,
        )
    assert None in outcomes
    assert all(one is None or isinstance(one, Conflict) for one in outcomes)
    await world.organizations.retire_keys(by="luca")
    async with opened(world.folder) as third:
        assert (await third.organizations.get("bay")).keyring.own_key == before.keyring.own_key


def seal_of(world: World) -> SignInSeal:
    """What seals sign-ins, under the same outer keys as the organisations."""
    return SignInSeal(world.organizations, world.documents, world.organizations._keyrings)


async def test_what_sign_ins_left_opens_after_old_keys_are_retired(world: World) -> None:
    operator = world.actor(Role.OPERATOR)
    sealed = await seal_of(world).seal("a sign-in", b"plain")
    rotation = KeyRotation(world.organizations, seal_of(world))
    await rotation.rotate("bay", actor=operator)
    assert await rotation.retire(actor=operator) == 0
    assert await seal_of(world).open("a sign-in", sealed) == b"plain"
    await rotation.rotate_service_key(actor=operator)
    assert await rotation.retire(actor=operator) == 1
    assert await seal_of(world).open("a sign-in", sealed) == b"plain"


async def test_nobody_but_an_operator_changes_keys(world: World) -> None:
    rotation = KeyRotation(world.organizations, seal_of(world))
    for role in set(Role) - {Role.OPERATOR}:
        with pytest.raises(Forbidden):
            await rotation.rotate("bay", actor=world.actor(role))
        with pytest.raises(Forbidden):
            await rotation.retire(actor=world.actor(role))
        with pytest.raises(Forbidden):
            await rotation.rotate_service_key(actor=world.actor(role))
    with pytest.raises(NotFound):
        await rotation.rotate("nowhere", actor=world.actor(Role.OPERATOR))
