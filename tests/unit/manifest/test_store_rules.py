"""Each of the twelve rules, by what breaks it; the package that is built breaks none."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from manifest import capabilities, package, png, store_rules, template
from manifest.package import Package

Files = dict[str, bytes]
Change = Callable[[dict[str, Any]], object]


def found(files: Mapping[str, bytes]) -> set[str]:
    return {finding.rule for finding in store_rules.findings(files)}


def put(path: str, value: Any) -> Change:
    """Sets what lies at the dotted path; numbers are places in lists."""

    def change(manifest: dict[str, Any]) -> None:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        inner: Any = manifest
        for part in way:
            inner = inner[part]
        inner[last] = value

    return change


def test_the_built_package_keeps_every_rule(made: Package) -> None:
    assert store_rules.findings(made.files) == []


def test_there_are_twelve_rules_with_a_source_each() -> None:
    assert len({rule.name for rule in store_rules.RULES}) == 12
    assert all(rule.source and rule.meaning for rule in store_rules.RULES)


TAB = "https://switchroom.example.com/tab/"
BROKEN: list[tuple[str, str, Any]] = [
    ("released-package", "manifestVersion", "devPreview"),
    ("released-package", "manifestVersion", "1.29"),
    ("released-package", "$schema", f"{template.SCHEMAS}/vDevPreview/MicrosoftTeams.schema.json"),
    ("released-package", "version", "1.0"),
    ("released-package", "version", "1.0.0-beta"),
    ("released-package", "icons.color", "other.png"),
    ("own-domains", "validDomains.0", "*.example.com"),
    ("own-domains", "validDomains.0", "abc.ngrok-free.app"),
    ("own-domains", "validDomains.0", "abc-3978.euw.devtunnels.ms"),
    ("own-domains", "validDomains.0", "switchroom.azurewebsites.net"),
    ("own-domains", "validDomains.0", "teams.microsoft.com"),
    ("own-domains", "validDomains.0", "localhost:3978"),
    ("own-domains", "validDomains.0", "10.0.0.1"),
    ("own-domains", "validDomains.0", "https://switchroom.example.com"),
    ("own-domains", "validDomains.0", "switchroom.example.com/tab"),
    ("own-domains", "validDomains.0", "com"),
    ("own-domains", "composeExtensions.0.messageHandlers.0.value.domains", ["*.example.com"]),
    ("secure-addresses", "staticTabs.0.contentUrl", TAB.replace("https", "http")),
    ("secure-addresses", "staticTabs.0.contentUrl", "https://other.example.com/tab/"),
    ("secure-addresses", "staticTabs.0.contentUrl", TAB.replace(".com", ".com:8443")),
    ("secure-addresses", "staticTabs.0.contentUrl", TAB.replace("://", "://user:pw@")),
    ("secure-addresses", "staticTabs.0.contentUrl", "https://[::1/tab"),
    ("secure-addresses", "configurableTabs.0.configurationUrl", "javascript:alert(1)"),
    ("secure-addresses", "developer.privacyUrl", "http://www.example.com/privacy"),
    ("secure-addresses", "validDomains", ["switchroom.example.com", "unused.example.com"]),
    ("public-policies", "developer.privacyUrl", f"{TAB}privacy"),
    ("public-policies", "developer.termsOfUseUrl", "https://www.example.com/switchroom/privacy"),
    ("public-policies", "developer.websiteUrl", "https://staging.example.com/"),
    ("public-policies", "developer.privacyUrl", "https://acme.github.io/privacy"),
    ("one-registration", "bots.0.botId", "11111111-1111-4111-8111-111111111111"),
    ("one-registration", "composeExtensions.0.botId", "11111111-1111-4111-8111-111111111111"),
    ("one-registration", "id", "00000000-0000-0000-0000-000000000000"),
    ("one-registration", "id", "{{TEAMS_APP_ID}}"),
    ("one-registration", "webApplicationInfo.resource", "api://other.example.com/x"),
    ("least-permissions", "permissions", ["identity"]),
    ("least-permissions", "permissions", ["identity", "messageTeamMembers", "everything"]),
    ("least-permissions", "devicePermissions", ["media"]),
    (
        "least-permissions",
        "authorization",
        {"permissions": {"resourceSpecific": [{"name": "ChannelMessage.Read.Group"}]}},
    ),
    ("no-files", "bots.0.supportsVideo", True),
    ("no-files", "bots.0.supportsCalling", True),
    ("right-audience", "staticTabs.0.scopes", ["personal", "team"]),
    ("right-audience", "configurableTabs.0.context", ["channelTab", "personalTab"]),
    ("right-audience", "bots.0.commandLists.1.commands.0.title", "my stats"),
    ("way-forward", "showLoadingIndicator", False),
    ("way-forward", "bots.0.commandLists.2.commands", [{"title": "queues"}]),
    ("listing-texts", "name.short", "Teams Figures"),
    ("listing-texts", "name.short", "Contacts"),
    ("listing-texts", "name.short", "Switchroom beta"),
    ("listing-texts", "name.short", "S" * 31),
    ("listing-texts", "description.short", "The app for your figures"),
    ("listing-texts", "description.short", "Switchroom shows figures"),
    ("listing-texts", "description.short", "Shows figures. And more."),
    ("listing-texts", "description.short", ""),
    (
        "listing-texts",
        "description.full",
        "The best figures of your contact centre, for everybody.",
    ),
    ("listing-texts", "description.full", "word " * 501 + "word"),
    (
        "listing-texts",
        "description.full",
        "Works in Teams, and in Microsoft Teams, for all of you.",
    ),
    ("listing-texts", "description.full", "Read https://www.example.com/ for all the rest of it."),
    ("listing-texts", "staticTabs.0.name", "{{TAB}}"),
    ("listing-texts", "staticTabs.0.name", " Dashboard"),
    ("translations", "staticTabs.0.name", "Another name"),
    ("translations", "localizationInfo.additionalLanguages.0.languageTag", "en"),
]


@pytest.mark.parametrize(
    ("rule", "path", "value"), BROKEN, ids=[f"{one[0]}-{place}" for place, one in enumerate(BROKEN)]
)
def test_a_broken_rule_is_found(
    rule: str, path: str, value: Any, files: Files, manifest: dict[str, Any]
) -> None:
    put(path, value)(manifest)
    assert rule in found({**files, "manifest.json": package.encoded(manifest)})


def test_every_rule_is_broken_by_some_test() -> None:
    tried = {rule for rule, *_ in BROKEN} | {"icons"}
    assert tried == {rule.name for rule in store_rules.RULES}


def test_the_platforms_own_exceptions_are_allowed(files: Files, manifest: dict[str, Any]) -> None:
    manifest["validDomains"] += ["token.botframework.com", "{teamSiteDomain}"]
    assert found({**files, "manifest.json": package.encoded(manifest)}) == set()


def test_a_managed_identity_may_be_the_bot(files: Files, manifest: dict[str, Any]) -> None:
    for kind in ("bots", "composeExtensions"):
        manifest[kind][0]["botId"] = "11111111-1111-4111-8111-111111111111"
    assert found({**files, "manifest.json": package.encoded(manifest)}) == set()


def test_a_file_that_nothing_names_is_found(files: Files) -> None:
    findings = store_rules.findings({**files, "notes.txt": b""})
    assert [str(one) for one in findings] == [
        "released-package: notes.txt is in the package and named nowhere"
    ]


@pytest.mark.parametrize("name", ["color.png", "outline.png", "de.json", "en.json"])
def test_a_missing_file_is_found(files: Files, name: str) -> None:
    del files[name]
    assert "released-package" in found(files)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"staticTabs[0].name": None}, "lacks staticTabs[0].name"),
        ({"staticTabs[7].name": "x"}, "has staticTabs[7].name"),
    ],
)
def test_a_translation_must_fit_the_manifest(
    files: Files, change: dict[str, str | None], where: str
) -> None:
    texts = {**json.loads(files["de.json"]), **change}
    files["de.json"] = package.encoded({key: text for key, text in texts.items() if text})
    assert any(where in str(one) for one in store_rules.findings(files))


def test_a_translation_that_is_too_long_is_found(files: Files) -> None:
    texts = {**json.loads(files["de.json"]), "composeExtensions[0].commands[0].title": "x" * 33}
    files["de.json"] = package.encoded(texts)
    (finding,) = store_rules.findings(files)
    assert finding.where == "de.json composeExtensions[0].commands[0].title"
    assert finding.problem == "has 33 characters; 1 to 32 are allowed"


@pytest.mark.parametrize("tag", template.TRANSLATIONS)
def test_every_language_has_every_text(tag: str) -> None:
    own, other = template.catalogue(template.LANGUAGE), template.catalogue(tag)
    assert own.keys() == other.keys()
    assert all(text.strip() for text in other.values())


WHITE, CLEAR, RED = (255, 255, 255, 255), (255, 255, 255, 0), (255, 0, 0, 255)


def square(side: int, pixel: png.Pixel, inner: png.Pixel, margin: int) -> bytes:
    inside = range(margin, side - margin)
    return png.write(
        [
            [inner if x in inside and y in inside else pixel for x in range(side)]
            for y in range(side)
        ]
    )


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("color.png", square(96, RED, WHITE, 20), "96x96"),
        ("color.png", square(192, RED, RED, 0), "shows nothing"),
        ("color.png", square(192, (255, 0, 0, 90), WHITE, 20), "ground"),
        ("color.png", b"GIF89a", "no PNG"),
        ("outline.png", square(32, CLEAR, RED, 1), "white alone"),
        ("outline.png", square(32, WHITE, WHITE, 0), "transparent"),
        ("outline.png", square(32, CLEAR, CLEAR, 0), "transparent"),
        ("outline.png", square(32, CLEAR, WHITE, 6), "padding"),
        ("outline.png", square(32, CLEAR, WHITE, 1)[:-20], "damaged"),
    ],
)
def test_a_wrong_icon_is_found(files: Files, name: str, content: bytes, why: str) -> None:
    findings = store_rules.findings({**files, name: content})
    assert {one.rule for one in findings} == {"icons"}
    assert why in str(findings[0])


def test_plain_icons_are_accepted(files: Files) -> None:
    files["color.png"] = square(192, RED, WHITE, 40)
    files["outline.png"] = square(32, CLEAR, WHITE, 0 + 1)
    assert found(files) == set()


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"null", b"\xff", b'{"icons": 5}', b'{"bots": [[]]}', b"[" * 100_000],
)
def test_a_manifest_of_another_shape_is_a_finding_not_a_crash(files: Files, content: bytes) -> None:
    assert store_rules.findings({**files, "manifest.json": content})


def test_every_part_may_be_of_another_shape(files: Files, manifest: dict[str, Any]) -> None:
    shapes: tuple[Any, ...] = (None, 5, "text", [], [None], [[]], {}, {"x": {}}, True)
    for key in manifest:
        for value in shapes:
            store_rules.findings(
                {**files, "manifest.json": package.encoded({**manifest, key: value})}
            )


def test_every_other_file_may_be_anything(files: Files) -> None:
    for name in ("de.json", "en.json", "color.png", "outline.png"):
        for content in (b"", b"[]", b"5", b'{"name.short": 5}', png.SIGNATURE, b"\xff"):
            assert store_rules.findings({**files, name: content})


def test_personal_commands_are_those_offered_to_one_person_alone() -> None:
    alone = {
        command.key
        for command in capabilities.COMMANDS
        if command.scopes == (capabilities.Scope.PERSONAL,)
    }
    assert alone == capabilities.PERSONAL_COMMANDS
