"""The manifest and its translations, made from an environment and the tables of capabilities.

Schema 1.30 is the newest released one that Microsoft's own validator accepts; the tests run that
validator offline.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from manifest import capabilities
from manifest.capabilities import Scope
from manifest.environment import Environment
from portal import VERSION

SCHEMA: Final = "1.30"
SCHEMAS: Final = "https://developer.microsoft.com/en-us/json-schemas/teams"
NAME: Final = "Switchroom"
ACCENT: Final = "#0E7A6A"
LANGUAGE: Final = "en"
TRANSLATIONS: Final = ("de",)
ICONS: Final = {"color": "color.png", "outline": "outline.png"}

Catalogue = Mapping[str, str]

_LANGUAGES = Path(__file__).resolve().parent / "languages"


def catalogue(language: str) -> Catalogue:
    """Key -> text of one language."""
    texts: dict[str, str] = json.loads((_LANGUAGES / f"{language}.json").read_bytes())
    return texts


def manifest(environment: Environment) -> dict[str, Any]:
    """The manifest of `environment`, with the texts of the default language."""
    texts, host = catalogue(LANGUAGE), environment.host
    developer = environment.developer
    tab = f"https://{host}{capabilities.TAB_PATH}"
    asked = [
        permission.name
        for permission in capabilities.PERMISSIONS
        if permission.kind == capabilities.MANIFEST_PERMISSION
    ]
    return {
        "$schema": f"{SCHEMAS}/v{SCHEMA}/MicrosoftTeams.schema.json",
        "manifestVersion": SCHEMA,
        "version": VERSION,
        "id": environment.app_id,
        "localizationInfo": {
            "defaultLanguageTag": LANGUAGE,
            "defaultLanguageFile": language_file(LANGUAGE),
            "additionalLanguages": [
                {"languageTag": tag, "file": language_file(tag)} for tag in TRANSLATIONS
            ],
        },
        "developer": {
            "name": developer.name,
            "websiteUrl": developer.website,
            "privacyUrl": developer.privacy,
            "termsOfUseUrl": developer.terms,
        },
        "name": {"short": NAME, "full": texts["name.full"]},
        "description": {
            "short": texts["description.short"],
            "full": texts["description.full"],
        },
        "icons": dict(ICONS),
        "accentColor": ACCENT,
        "defaultInstallScope": Scope.PERSONAL.value,
        "defaultGroupCapability": {"team": "tab", "groupchat": "bot"},
        "staticTabs": _static_tabs(environment, texts),
        "configurableTabs": [
            {
                "id": capabilities.BOARD,
                "configurationUrl": tab,
                "canUpdateConfiguration": True,
                "scopes": [Scope.TEAM.value],
                "context": ["channelTab"],
            }
        ],
        "bots": [_bot(environment, texts)],
        "composeExtensions": [_message_extension(environment, texts)],
        "permissions": asked,
        "validDomains": [host],
        "webApplicationInfo": {
            "id": environment.client_id,
            "resource": f"api://{host}/{environment.client_id}",
        },
        "showLoadingIndicator": True,
    }


def _static_tabs(environment: Environment, texts: Catalogue) -> list[dict[str, Any]]:
    """Our tabs, then Teams' own two: the chat with the bot and the page about the app."""
    personal = [Scope.PERSONAL.value]
    tabs: list[dict[str, Any]] = [
        {
            "entityId": tab.key,
            "name": texts[f"tab.{tab.key}"],
            "contentUrl": f"https://{environment.host}{tab.path}",
            "websiteUrl": f"https://{environment.host}{tab.path}",
            "scopes": personal,
        }
        for tab in capabilities.TABS
    ]
    return [*tabs, *({"entityId": key, "scopes": personal} for key in ("conversations", "about"))]


def _bot(environment: Environment, texts: Catalogue) -> dict[str, Any]:
    def commands(scope: Scope) -> list[dict[str, str]]:
        return [
            {"title": texts[f"say.{command.key}"], "description": texts[f"command.{command.key}"]}
            for command in capabilities.COMMANDS
            if scope in command.scopes
        ]

    return {
        "botId": environment.bot_id,
        "scopes": [scope.value for scope in capabilities.EVERYWHERE],
        "isNotificationOnly": False,
        "supportsFiles": True,
        "supportsCalling": False,
        "supportsVideo": False,
        "commandLists": [
            {"scopes": [scope.value], "commands": commands(scope)}
            for scope in capabilities.EVERYWHERE
        ],
    }


def _message_extension(environment: Environment, texts: Catalogue) -> dict[str, Any]:
    return {
        "botId": environment.bot_id,
        "canUpdateConfiguration": False,
        "commands": [
            {
                "id": capabilities.SEARCH,
                "type": "query",
                "context": ["compose", "commandBox"],
                "title": texts["search.title"],
                "description": texts["search.description"],
                "initialRun": True,
                "parameters": [
                    {
                        "name": capabilities.SEARCH_PARAMETER,
                        "title": texts["search.query.title"],
                        "description": texts["search.query.description"],
                        "inputType": "text",
                    }
                ],
            },
            {
                "id": capabilities.REPORT,
                "type": "action",
                "context": ["message"],
                "title": texts["report_message.title"],
                "description": texts["report_message.description"],
                "fetchTask": True,
            },
        ],
        "messageHandlers": [
            {
                "type": "link",
                "value": {"domains": [environment.host], "supportsAnonymizedPayloads": False},
            }
        ],
    }


def language_file(language: str) -> str:
    """What the file of a language is called in the package."""
    return f"{language}.json"


def translation(language: str) -> dict[str, str]:
    """The file of one language: a path into the manifest -> its text there."""
    texts = catalogue(language)
    paths = {
        "name.short": NAME,
        "name.full": texts["name.full"],
        "description.short": texts["description.short"],
        "description.full": texts["description.full"],
    }
    for place, tab in enumerate(capabilities.TABS):
        paths[f"staticTabs[{place}].name"] = texts[f"tab.{tab.key}"]
    for menu, scope in enumerate(capabilities.EVERYWHERE):
        offered = [command for command in capabilities.COMMANDS if scope in command.scopes]
        for place, command in enumerate(offered):
            path = f"bots[0].commandLists[{menu}].commands[{place}]"
            paths[f"{path}.title"] = texts[f"say.{command.key}"]
            paths[f"{path}.description"] = texts[f"command.{command.key}"]
    search = "composeExtensions[0].commands[0]"
    for inner, key in {
        "title": "search.title",
        "description": "search.description",
        "parameters[0].title": "search.query.title",
        "parameters[0].description": "search.query.description",
    }.items():
        paths[f"{search}.{inner}"] = texts[key]
    for inner in ("title", "description"):
        path = f"composeExtensions[0].commands[1].{inner}"
        paths[path] = texts[f"{capabilities.REPORT}.{inner}"]
    schema = f"{SCHEMAS}/v{SCHEMA}/MicrosoftTeams.Localization.schema.json"
    return {"$schema": schema, **paths}
