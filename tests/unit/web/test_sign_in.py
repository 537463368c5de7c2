from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from yarl import URL

Client = TestClient[web.Request, web.Application]
SignIn = Callable[..., Awaitable[dict[str, str]]]


async def test_local_people_are_listed(product: Client) -> None:
    listed = await (await product.get("/dev/people")).json()
    assert {one["role"] for one in listed} == {
        "agent", "supervisor", "authorized_customer_representative", "managing_partner",
        "privacy_officer", "security_responder", "operator",
    }  # fmt: skip
    assert {code for one in listed for code in one["organizations"]} == {"harbour", "juniper"}
    assert all(one["organization"] == one["organizations"][0] for one in listed)


async def test_each_listed_person_can_sign_in_everywhere_they_belong(
    product: Client, token: SignIn
) -> None:
    for one in await (await product.get("/dev/people")).json():
        for code in one["organizations"]:
            answer = await product.get("/api/me", headers=await token(one["person"], code))
            me = await answer.json()
            assert (me["person"], me["organization"]["code"]) == (one["person"], code)
            assert [each["code"] for each in me["organizations"]] == one["organizations"]


async def test_the_organization_parameter_names_another_of_ones_own(
    product: Client, token: SignIn
) -> None:
    headers = await token("ruth.engel")
    answer = await product.get("/api/me?organization=juniper", headers=headers)
    assert (await answer.json())["organization"]["time_zone"] == "America/New_York"


async def test_the_parameter_counts_however_its_name_is_encoded(
    product: Client, token: SignIn
) -> None:
    headers = await token("ruth.engel")
    answer = await product.get(URL("/api/me?%6frganization=juniper", encoded=True), headers=headers)
    assert (await answer.json())["organization"]["code"] == "juniper"


@pytest.mark.parametrize("code", ["juniper", "nowhere", "%00"])
async def test_a_strangers_organisation_is_not_found(
    product: Client, token: SignIn, code: str
) -> None:
    headers = await token("amira.khan")
    answer = await product.get(f"/api/me?organization={code}", headers=headers)
    assert answer.status == 404


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer x", "bearer a.b.c", "Bearer " + "x" * 7000],
)
async def test_without_a_valid_token_nothing_is_shown(product: Client, header: str) -> None:
    answer = await product.get("/api/me", headers={"Authorization": header})
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_token_in_the_address_is_no_token(product: Client, token: SignIn) -> None:
    text = (await token("amira.khan"))["Authorization"].split()[1]
    assert (await product.get(f"/api/me?access_token={text}")).status == 401


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"person": "nobody"}, 404),
        ({"person": "amira.khan", "organization": "juniper"}, 404),
        ({}, 422),
        ({"person": 5}, 422),
        ({"person": "amira.khan", "role": "operator"}, 422),
    ],
)
async def test_who_cannot_be_signed_in(
    product: Client, sent: dict[str, object], status: int
) -> None:
    assert (await product.post("/dev/token", json=sent)).status == status


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "localhost.evil"])
async def test_a_foreign_name_for_this_machine_signs_nobody_in(product: Client, host: str) -> None:
    headers = {"Host": host}
    assert (await product.get("/dev/people", headers=headers)).status == 404
    sent = {"person": "amira.khan"}
    assert (await product.post("/dev/token", json=sent, headers=headers)).status == 404


@pytest.mark.parametrize("host", ["localhost:3978", "127.0.0.1", "[::1]:3978"])
async def test_this_machines_own_names_do(product: Client, host: str) -> None:
    assert (await product.get("/dev/people", headers={"Host": host})).status == 200


async def test_outside_development_local_people_do_not_exist(production: Client) -> None:
    assert (await production.get("/dev/people")).status == 404
    assert (await production.post("/dev/token", json={"person": "amira.khan"})).status == 404
    assert (await production.get("/")).status == 404


async def test_outside_development_local_tokens_are_refused(
    production: Client, product: Client, token: SignIn
) -> None:
    headers = await token("amira.khan")
    assert (await product.get("/api/me", headers=headers)).status == 200
    assert (await production.get("/api/me", headers=headers)).status == 401
