"""The store's rules about how a package is made: schema, domains, ids, permissions, audience."""

import re
from collections.abc import Iterator
from typing import Final

from manifest import capabilities, template
from manifest.addresses import addresses, split, wrong_address, wrong_host
from manifest.listing_rules import Files, Manifest, Problems

PLATFORM_DOMAINS: Final = frozenset({"token.botframework.com", "{teamSiteDomain}"})
"""The two names of others that the guidelines allow among the valid domains."""


def released(manifest: Manifest, files: Files) -> Problems:
    """The schema is a released one, and the package holds what the manifest names."""
    version = str(manifest.get("manifestVersion"))
    expected = f"{template.SCHEMAS}/v{version}/MicrosoftTeams.schema.json"
    if not re.fullmatch(r"1\.\d+", version):
        yield "manifestVersion", f"{version!r} is not a released version of the schema"
    elif manifest.get("$schema") not in {expected, expected.replace("/en-us/", "/")}:
        yield "$schema", "is not the released schema of manifestVersion"
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", str(manifest.get("version"))):
        yield "version", "is not three numbers"
    named = {"manifest.json", *manifest["icons"].values(), *_language_files(manifest)}
    for name in sorted(files.keys() - named):
        yield name, "is in the package and named nowhere"
    for name in sorted(named - files.keys()):
        yield name, "is named and not in the package"


def _language_files(manifest: Manifest) -> list[str]:
    info = manifest.get("localizationInfo", {})
    default = [info["defaultLanguageFile"]] if "defaultLanguageFile" in info else []
    return default + [one["file"] for one in info.get("additionalLanguages", [])]


def domains(manifest: Manifest, _: Files) -> Problems:
    """Every domain is one that the publisher can control."""
    links = [
        (f"composeExtensions[{place}].messageHandlers", domain)
        for place, extension in enumerate(manifest.get("composeExtensions", []))
        for handler in extension.get("messageHandlers", [])
        for domain in handler["value"].get("domains", [])
    ]
    valid = [("validDomains", domain) for domain in manifest.get("validDomains", [])]
    for where, domain in valid + links:
        wrong = None if domain in PLATFORM_DOMAINS else wrong_host(domain)
        if wrong:
            yield where, f"{domain!r} {wrong}"


def _pages(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Path and address of what Teams opens as a tab."""
    for kind in ("staticTabs", "configurableTabs"):
        yield from addresses(manifest.get(kind, []), kind)


def secure_addresses(manifest: Manifest, _: Files) -> Problems:
    """Every address is https, and tabs and valid domains belong together."""
    sound = {}
    for path, address in addresses(manifest):
        if path == "webApplicationInfo.resource":
            continue
        if wrong := wrong_address(address):
            yield path, f"{address!r} {wrong}"
        else:
            sound[path] = address
    domains = set(manifest.get("validDomains", []))
    opened = {path: split(address).hostname for path, address in _pages(manifest) if path in sound}
    for path, host in opened.items():
        if host not in domains:
            yield path, f"is on {host}, which is not among the valid domains"
    for domain in sorted(domains - set(opened.values()) - PLATFORM_DOMAINS):
        yield "validDomains", f"{domain!r} is used by no tab"


def policies(manifest: Manifest, _: Files) -> Problems:
    """What people read before they install is public and the publisher's own."""
    developer = manifest["developer"]
    tabs = {split(address)[1:3] for _, address in _pages(manifest)}
    for key in ("websiteUrl", "privacyUrl", "termsOfUseUrl"):
        address = developer[key]
        parts = split(address)
        if any(parts.netloc == host and parts.path.startswith(path) for host, path in tabs):
            yield f"developer.{key}", "is a page of the tab, which asks for a sign-in"
        if wrong := wrong_host(parts.hostname or ""):
            yield f"developer.{key}", f"is not on a name of the publisher: {parts.hostname} {wrong}"
        if re.search(r"\b(beta|dev|staging|stage|preview|localhost)\b", address):
            yield f"developer.{key}", "is a trial's address"
    if developer["privacyUrl"] == developer["termsOfUseUrl"]:
        yield "developer.termsOfUseUrl", "is the privacy policy's; terms of use are another page"


def registration(manifest: Manifest, _: Files) -> Problems:
    """One bot speaks everywhere, and tokens are asked for under the app's own name."""
    application = manifest["webApplicationInfo"]
    bots = [
        (f"{kind}[{at}].botId", one["botId"])
        for kind in ("bots", "composeExtensions")
        for at, one in enumerate(manifest.get(kind, []))
    ]
    for where, bot in bots[1:]:
        if bot != bots[0][1]:
            yield where, f"is another bot than {bots[0][0]}"
    guid = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    ids = [("id", manifest["id"]), ("webApplicationInfo.id", application["id"])]
    for where, value in ids + bots:
        if not re.fullmatch(guid, value) or not value.strip("0-"):
            yield where, "is not a lower-case GUID of its own"
    hosts = manifest.get("validDomains", [])
    if application["resource"] not in {f"api://{host}/{application['id']}" for host in hosts}:
        yield "webApplicationInfo.resource", "is not api://HOST/CLIENT-ID of a valid domain"


def permissions(manifest: Manifest, _: Files) -> Problems:
    """Nothing is asked for without a reason."""
    reasons = {
        permission.name
        for permission in capabilities.PERMISSIONS
        if permission.kind == capabilities.MANIFEST_PERMISSION
    }
    asked = set(manifest.get("permissions", []))
    for name in sorted(asked - reasons):
        yield "permissions", f"{name!r} is asked for without a reason in the guide"
    for name in sorted(reasons - asked):
        yield "permissions", f"{name!r} has a reason in the guide and is not asked for"
    if manifest.get("devicePermissions"):
        yield "devicePermissions", "are asked for without a reason in the guide"
    if manifest.get("authorization", {}).get("permissions", {}).get("resourceSpecific"):
        yield "authorization", "asks for resource-specific permissions without a reason"


def no_files(manifest: Manifest, _: Files) -> Problems:
    """The bot has no way to take or send what nobody was asked about. Files are what people attach
    in their own chat; what became of each is said at once."""
    for place, bot in enumerate(manifest.get("bots", [])):
        for ability in ("supportsCalling", "supportsVideo"):
            if bot.get(ability):
                yield f"bots[{place}].{ability}", "is on, and nobody is asked before"


def audience(manifest: Manifest, _: Files) -> Problems:
    """What is about one person is shown to that person alone."""
    for place, tab in enumerate(manifest.get("staticTabs", [])):
        if tab["scopes"] != ["personal"]:
            yield f"staticTabs[{place}].scopes", "shows a personal page to more than one person"
    for place, tab in enumerate(manifest.get("configurableTabs", [])):
        if "personalTab" in tab.get("context", []) or tab.get("meetingSurfaces"):
            yield f"configurableTabs[{place}]", "puts a shared board where it is not shared"
    texts = template.catalogue(template.LANGUAGE)
    personal = {texts[f"say.{key}"] for key in capabilities.PERSONAL_COMMANDS}
    for place, bot in enumerate(manifest.get("bots", [])):
        for menu, commands in enumerate(bot.get("commandLists", [])):
            titles = {command["title"] for command in commands["commands"]}
            if commands["scopes"] == ["personal"]:
                continue
            for title in sorted(titles & personal):
                where = f"bots[{place}].commandLists[{menu}]"
                yield where, f"offers {title!r}, which is about one person, to everybody"


def way_forward(manifest: Manifest, _: Files) -> Problems:
    """A tab shows that it loads, and every menu has help."""
    if manifest.get("showLoadingIndicator") is not True:
        yield "showLoadingIndicator", "is off: nothing is shown while a tab opens"
    for place, bot in enumerate(manifest.get("bots", [])):
        helped = {
            scope
            for commands in bot.get("commandLists", [])
            for scope in commands["scopes"]
            if "help" in {command["title"].lower() for command in commands["commands"]}
        }
        for scope in sorted(set(bot["scopes"]) - helped):
            yield f"bots[{place}].commandLists", f"has no 'help' in the scope {scope!r}"
