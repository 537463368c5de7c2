"""The sample organisations' customers, each with a fictional number, a name and an address.

Numbers: Ofcom's numbers for drama (mobile 07700 900xxx and the 496 0xxx and 7946 0xxx blocks of
five cities) and the plan's 555-0100 to 555-0199 in real area codes.
"""

import random
from functools import cache
from typing import Final, NamedTuple

_UK_BLOCKS: Final = ("7700900", "1174960", "1134960", "2079460", "1614960")
_US_AREAS: Final = (
    "202 212 646 718 917 347 516 914 845 518 315 607 585 716 201 973 908 732 "
    "203 860 617 508 401 215 267 610 412 302 410 301"
)
_FIRST: Final = (
    "Ada Alan Beth Boris Cara Colin Dina Derek Edna Eric Farah Felix Gita Glenn Hana Hugh Iris "
    "Ian Jill Jonas Kate Keith Lena Lars Maya Miles Nora Neil Olga Oscar Petra Paul Rita Ravi "
    "Sara Simon Tess Tariq Una Victor Wendy Walter Yara Yusuf Zoe Zack"
)
_LAST: Final = (
    "Abbot Archer Barlow Birch Carver Cole Dale Draper Ellery Elm Fenn Fisher Garrick Glover "
    "Hart Heath Irving Ives Jarvis Joyner Kemp Kirby Larch Linden Mason Mercer Nash North Oakes "
    "Osborne Pike Pryor Quill Rowan Rusk Sawyer Stone Tanner Thorne Usher Vance Wade Weaver York"
)


class Customer(NamedTuple):
    """A customer: `number` in E.164, `reference` the organisation's own account number."""

    number: str
    name: str
    email: str
    reference: str


def _customer(number: str, n: int, first_names: list[str], last_names: list[str]) -> Customer:
    first, last = first_names[n % len(first_names)], last_names[n // 7 % len(last_names)]
    email = f"{first}.{last}{n}@post.example".lower()
    return Customer(number, f"{first} {last}", email, f"AC{100_000 + n * 37}")


@cache
def customers(country: str) -> tuple[Customer, ...]:
    """All customers of a country: 5,000 of `GB`, 3,000 of `US`."""
    if country == "GB":
        numbers = [f"+44{block}{n:03}" for n in range(1000) for block in _UK_BLOCKS]
    else:
        numbers = [f"+1{area}55501{n:02}" for n in range(100) for area in _US_AREAS.split()]
    first, last = _FIRST.split(), _LAST.split()
    return tuple(_customer(number, n, first, last) for n, number in enumerate(numbers))


def pick(rng: random.Random, country: str) -> Customer:
    """A customer at random; some ask for help far more often than others."""
    pool = customers(country)
    return pool[int(len(pool) * rng.random() ** 1.6)]
