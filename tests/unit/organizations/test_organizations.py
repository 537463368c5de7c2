import pytest

from portal.adapters.identity import local
from portal.domain.organizations.model import Organization, Region
from portal.domain.shared.errors import InvalidInput


@pytest.mark.parametrize("region", Region)
def test_the_sample_organisations_are_valid_in_every_region(region: Region) -> None:
    assert {one.region for one in local.organizations(region)} == {region}


def test_every_malformed_field_is_named() -> None:
    with pytest.raises(InvalidInput) as refused:
        Organization("Not A Code", " spaced", Region.UK, "Europe/Atlantis", "gb")
    assert set(refused.value.fields) == {"code", "name", "time_zone", "country"}


@pytest.mark.parametrize(
    "code", ["a", "-ab", "ab-", "a--b", "1ab", "ab_c", "ä-b", "a" * 41, "ab\n"]
)
def test_codes_are_short_slugs(code: str) -> None:
    with pytest.raises(InvalidInput):
        Organization(code, "Name", Region.UK, "Europe/London", "GB")


@pytest.mark.parametrize("name", ["", "Europe", "europe/atlantis", "../etc/passwd", "/etc/passwd"])
def test_time_zones_are_iana_names(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Organization("bay", "Bay", Region.UK, name, "GB")
    assert set(refused.value.fields) == {"time_zone"}


def test_a_code_may_have_hyphens_and_digits() -> None:
    assert Organization("bay-2", "Bay Two", Region.AU, "Australia/Sydney", "AU").code == "bay-2"
