"""The guides for whoever installs the app, filled in from the manifest so that they cannot drift.

`docs/install.md` and `docs/permissions.md` are what `pages` answers, a test compares them; the
sentences around the tables are in `manifest/guides`.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template
from typing import Any, Final

from manifest import capabilities, store_rules, template
from manifest.environment import FIELDS, Developer, Environment
from portal import VERSION

FOLDER: Final = Path(__file__).resolve().parent / "guides"
NAMES: Final = ("install.md", "permissions.md")
PLACEHOLDERS: Final = Environment(
    name="ENVIRONMENT",
    app_id="APP-ID",
    client_id="CLIENT-ID",
    bot_id="CLIENT-ID",
    host="HOST",
    developer=Developer("NAME", "WEBSITE", "PRIVACY", "TERMS"),
)
TEAMS_CLIENTS: Final = {
    "1fec8e78-bce4-4aaf-ab1b-5451cc387264": "Teams on desktop and phone",
    "5e3ce6c0-2b1f-4285-8d4b-75ee78787346": "Teams in the browser",
}
"""Microsoft's own clients, which ask for the tab's token."""
SETTINGS: Final = {
    "SWITCHROOM_BOT": "`on`",
    "SWITCHROOM_BOT_APP_ID": "`bot_id` of the package, else `client_id`",
    "SWITCHROOM_BOT_TENANT_ID": "your tenant's id",
    "SWITCHROOM_TEAMS_APP_ID": "`app_id` of the package, for links into the tab",
    "SWITCHROOM_PUBLIC_URL": "`https://HOST`",
}
"""What the service must know to be the one that the package leads to."""
TEAMS_TABS: Final = {"conversations": "Chat", "about": "About"}
PLACES: Final = {"personal": "1:1 chat", "team": "Channel", "groupChat": "Group chat"}
WRITTEN: Final = "<!-- Written by `python -m manifest guide`; change manifest/guides instead. -->"


def pages() -> dict[str, str]:
    """File name -> Markdown of every guide."""
    manifest = template.manifest(PLACEHOLDERS)
    values = {**_facts(manifest), **_tables(manifest)}
    texts = {name: (FOLDER / name).read_text(encoding="utf-8") for name in NAMES}
    return {
        name: Template(text.replace("\n\n", f"\n\n{WRITTEN}\n\n", 1)).substitute(values)
        for name, text in texts.items()
    }


def _facts(manifest: Mapping[str, Any]) -> dict[str, str]:
    host, search = PLACEHOLDERS.host, manifest["composeExtensions"][0]["commands"][0]
    description = search["description"]
    languages = (template.LANGUAGE, *template.TRANSLATIONS)
    return {
        "version": VERSION,
        "schema": manifest["manifestVersion"],
        "host": host,
        "client": manifest["webApplicationInfo"]["id"],
        "resource": manifest["webApplicationInfo"]["resource"],
        "scope": capabilities.SIGN_IN_SCOPE,
        "messages": f"https://{host}{capabilities.MESSAGES_PATH}",
        "clients": " and ".join(f"`{key}` ({name})" for key, name in TEAMS_CLIENTS.items()),
        "search": search["title"],
        "search_description": description[0].lower() + description[1:],
        "languages": ", ".join(f"`{language}`" for language in languages),
        "domains": ", ".join(f"`{domain}`" for domain in manifest["validDomains"]),
        "places": ", ".join(PLACES[scope].lower() for scope in manifest["bots"][0]["scopes"]),
    }


def _tables(manifest: Mapping[str, Any]) -> dict[str, str]:
    without = capabilities.NOT_ASKED_FOR
    return {
        "fields": _table(("Field", "What it is"), ((f"`{k}`", text) for k, text in FIELDS.items())),
        "settings": _table(
            ("Setting", "Value"), ((f"`{name}`", value) for name, value in SETTINGS.items())
        ),
        "tabs": _tabs(manifest),
        "commands": _commands(manifest["bots"][0]["commandLists"]),
        "rules": _table(
            ("Rule", "Means", "After"),
            ((f"`{rule.name}`", rule.meaning, rule.source) for rule in store_rules.RULES),
        ),
        "permissions": _permissions(manifest),
        "without": "\n".join(f"- {name}: {meaning}." for name, meaning in without),
    }


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _tabs(manifest: Mapping[str, Any]) -> str:
    rows = [
        (
            tab.get("name") or TEAMS_TABS[tab["entityId"]],
            "Personal app",
            f"`{tab['contentUrl']}`" if "contentUrl" in tab else "Teams' own",
        )
        for tab in manifest["staticTabs"]
    ]
    rows += [
        ("Queue board", "Channel, the same for every member", f"`{tab['configurationUrl']}`")
        for tab in manifest["configurableTabs"]
    ]
    return _table(("Tab", "Where", "Page"), rows)


def _commands(menus: list[Mapping[str, Any]]) -> str:
    offered = {
        menu["scopes"][0]: {one["title"]: one["description"] for one in menu["commands"]}
        for menu in menus
    }
    every = {title: text for menu in offered.values() for title, text in menu.items()}
    return _table(
        ("Say", "To get", *(PLACES[scope] for scope in offered)),
        (
            (f"`{title}`", text, *("yes" if title in menu else "" for menu in offered.values()))
            for title, text in every.items()
        ),
    )


def _permissions(manifest: Mapping[str, Any]) -> str:
    asked = {*manifest["permissions"], capabilities.SIGN_IN_SCOPE, capabilities.GRAPH_SCOPE}
    return _table(
        ("Permission", "Kind", "Granted by", "Why", "Without it"),
        (
            (f"`{one.name}`", one.kind, one.granted_by, one.reason, one.without)
            for one in capabilities.PERMISSIONS
            if one.name in asked
        ),
    )
