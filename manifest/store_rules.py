"""The twelve rules of the Teams store that a package can be held to before anybody sees it.

Each follows Microsoft's "Teams Store validation guidelines" and names the commercial marketplace
policy or the section it stands for. They are judged on the files of a package, so that a package
from elsewhere can be judged as well. `build` refuses a package that breaks one.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from manifest import listing_rules, package_rules
from manifest.listing_rules import Files, Manifest, Problems


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `source` is the policy's number or the guideline's section."""

    name: str
    source: str
    meaning: str
    problems: Callable[[Manifest, Files], Problems]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that the package breaks, and where."""

    rule: str
    where: str
    problem: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.where} {self.problem}"


def findings(files: Files) -> list[Finding]:
    """Every rule that the files of a package break; empty when they may be published."""
    try:
        manifest = json.loads(files.get("manifest.json", b""))
    except (ValueError, RecursionError):
        manifest = None
    if not isinstance(manifest, dict):
        return [Finding(RULES[0].name, "manifest.json", "is missing or not a JSON object")]
    found = []
    for rule in RULES:
        try:
            problems = list(rule.problems(manifest, files))
        except (AttributeError, KeyError, TypeError, ValueError, IndexError, RecursionError):
            # What the schema would have refused: a rule has nothing to go by.
            problems = [("manifest.json", "is not shaped as its schema says")]
        found += [Finding(rule.name, where, wrong) for where, wrong in problems]
    return found


RULES: Final = (
    Rule(
        "released-package",
        "App package, app manifest",
        "A released schema, a version of three numbers, and no file but those the manifest names",
        package_rules.released,
    ),
    Rule(
        "own-domains",
        "1140.3.3 External domains",
        "No wildcard, tunnel, shared or foreign name among the domains",
        package_rules.domains,
    ),
    Rule(
        "secure-addresses",
        "1140.3.3 External domains",
        "Every address is https; tabs are on a valid domain, and each valid domain has a tab",
        package_rules.secure_addresses,
    ),
    Rule(
        "public-policies",
        "Privacy policy, terms of use, support links",
        "Privacy policy, terms and help are public pages of the publisher, and different ones",
        package_rules.policies,
    ),
    Rule(
        "one-registration",
        "App manifest, consistency with the bot's registration",
        "Bot and message extension are one bot, tokens are asked for under the app's own name",
        package_rules.registration,
    ),
    Rule(
        "least-permissions",
        "Microsoft 365 Certification, least privilege",
        "Exactly the permissions that have a reason",
        package_rules.permissions,
    ),
    Rule(
        "no-files",
        "1140.3.2 Bots, downloads",
        "The bot takes no calls or video, and of files only what people attach",
        package_rules.no_files,
    ),
    Rule(
        "right-audience",
        "Sensitive content, configurable tabs",
        "What is about one person is offered to that person alone; boards are shared ones",
        package_rules.audience,
    ),
    Rule(
        "way-forward",
        "1140.4 Response time, bot commands",
        "A tab shows that it loads, and help is in every menu",
        package_rules.way_forward,
    ),
    Rule(
        "listing-texts",
        "1140.1.1 App name, app descriptions",
        "Names and descriptions as the listing wants them",
        listing_rules.texts,
    ),
    Rule(
        "icons",
        "App icons",
        "192x192 on a solid ground, and 32x32 in white on nothing without padding",
        listing_rules.icons,
    ),
    Rule(
        "translations",
        "Localization",
        "Every language has every text, within its length, and nothing that leads nowhere",
        listing_rules.translations,
    ),
)
"""In the order in which they are judged."""
