"""The bill of materials: what the locks say, and nothing else."""

import json

from manifest import materials
from manifest.package import Package

PYTHON = """alpha==1.2 \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
    # via -r requirements.in
beta-core==0.1 ; python_full_version < '3.12' \\
    --hash=sha256:{a}
    # via
    #   -r requirements.in
    #   alpha
gamma==3 \\
    --hash=sha256:{b}
    # via beta-core
""".format(a="a" * 64, b="b" * 64)

NPM = {
    "packages": {
        "": {"dependencies": {"@scope/one": "1"}},
        "node_modules/@scope/one": {
            "version": "1.0.0",
            "integrity": "sha512-" + "A" * 86 + "==",
            "license": "MIT",
            "dependencies": {"two": "^2", "absent": "1"},
        },
        "node_modules/@scope/one/node_modules/two": {"version": "2.1.0"},
        "node_modules/two": {"version": "1.9.0", "dependencies": {"three": "*"}},
        "node_modules/three": {"version": "3.0.0"},
        "node_modules/tests-only": {"version": "1.0.0", "dev": True},
    }
}


def test_python_packages_come_from_their_lock() -> None:
    alpha, beta, gamma = materials.python_components(PYTHON)
    assert alpha.key == "pkg:pypi/alpha@1.2"
    assert alpha.digests == [("SHA-256", "a" * 64), ("SHA-256", "b" * 64)]
    assert alpha.uses == {"pkg:pypi/beta-core@0.1"}
    assert beta.marker == "python_full_version < '3.12'"
    assert beta.uses == {"pkg:pypi/gamma@3"}
    assert gamma.uses == set()


def test_npm_packages_of_the_tab_come_from_its_lock_without_those_of_tests() -> None:
    found = {one.key: one for one in materials.npm_components(NPM)}
    assert found.keys() == {
        "pkg:npm/%40scope/one@1.0.0",
        "pkg:npm/two@2.1.0",
        "pkg:npm/two@1.9.0",
        "pkg:npm/three@3.0.0",
    }
    one = found["pkg:npm/%40scope/one@1.0.0"]
    assert one.uses == {"pkg:npm/two@2.1.0"}, "the nearer one is used"
    assert one.license == "MIT"
    assert [(kind, len(value)) for kind, value in one.digests] == [("SHA-512", 128)]
    assert found["pkg:npm/two@1.9.0"].uses == {"pkg:npm/three@3.0.0"}


def test_the_bill_lists_every_locked_package(made: Package) -> None:
    bill = json.loads(materials.bill(made))
    lock = materials.PYTHON_LOCK.read_text(encoding="utf-8")
    pinned = [line for line in lock.splitlines() if "==" in line and line[0].isalnum()]
    named = [one["purl"] for one in bill["components"]]
    assert sum(purl.startswith("pkg:pypi/") for purl in named) == len(pinned)
    assert any(purl.startswith("pkg:npm/%40fluentui/") for purl in named)
    assert not any("vitest" in purl for purl in named)


def test_everything_in_the_graph_exists_and_is_reached(made: Package) -> None:
    bill = json.loads(materials.bill(made))
    graph = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    assert {used for uses in graph.values() for used in uses} <= graph.keys()
    reached, waiting = set(), [made.zip_name]
    while waiting:
        one = waiting.pop()
        if one not in reached:
            reached.add(one)
            waiting += graph[one]
    assert reached == graph.keys()


def test_the_bill_has_no_time_and_no_chance(made: Package) -> None:
    assert materials.bill(made) == materials.bill(made)
    assert "timestamp" not in json.loads(materials.bill(made))["metadata"]
