"""What the app adds to Teams, and what it asks for: the tables behind manifest and guide.

Nothing is listed before it exists. Words for people are in the catalogues under
`manifest/languages`, by the keys given here.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """Where a capability can be met, in the manifest's own words."""

    PERSONAL = "personal"
    GROUP = "groupChat"
    TEAM = "team"


EVERYWHERE: Final = (Scope.PERSONAL, Scope.TEAM, Scope.GROUP)


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of the personal app. `key` is what the tab is told of as its page's id."""

    key: str
    path: str


@dataclass(frozen=True, slots=True)
class Command:
    """Something the bot can be asked; the word for it is in the catalogues, and the bot knows the
    words of every language. `scopes` are the places whose menu offers it; anything about the person
    who asks is offered in the 1:1 chat alone."""

    key: str
    scopes: tuple[Scope, ...]


@dataclass(frozen=True, slots=True)
class Permission:
    """What an administrator or a person agrees to. `reason` and `without` are for people: why it
    is asked for, and what would not work otherwise."""

    name: str
    kind: str
    granted_by: str
    reason: str
    without: str


TAB_PATH: Final = "/tab/"
MESSAGES_PATH: Final = "/api/messages"
SIGN_IN_SCOPE: Final = "access_as_user"
GRAPH_SCOPE: Final = "User.Read"

TABS: Final = (
    Tab("dashboards", TAB_PATH),
    Tab("alerts", f"{TAB_PATH}?view=alerts"),
    Tab("incidents", f"{TAB_PATH}?view=incidents"),
    Tab("setup", f"{TAB_PATH}?view=setup"),
)
"""Pages of the personal app, in order; Teams puts the chat with the bot behind them."""

BOARD: Final = "board"
"""The channel tab's kind of page: one board, the same for every member."""

COMMANDS: Final = (
    Command("help", EVERYWHERE),
    Command("dashboard", EVERYWHERE),
    Command("queues", EVERYWHERE),
    Command("my_stats", (Scope.PERSONAL,)),
    Command("alerts", EVERYWHERE),
    Command("report", EVERYWHERE),
    Command("incidents", (Scope.PERSONAL,)),
    Command("triage", (Scope.TEAM, Scope.GROUP)),
    Command("settings", (Scope.PERSONAL,)),
    Command("whoami", (Scope.PERSONAL,)),
    Command("who_can_see", (Scope.PERSONAL,)),
)

PERSONAL_COMMANDS: Final = frozenset({"my_stats", "incidents", "settings", "whoami", "who_can_see"})
"""Answers for the person who asks alone: no menu of a shared place offers them."""

UNLISTED: Final = frozenset({"notice", "setup"})
"""Commands that no menu offers, which hold ten: cards and `help` lead to them."""

REPORT: Final = "report_message"
"""The action on messages: they are reported to security."""

SEARCH: Final = "search"
"""The message extension's command, and its one parameter."""
SEARCH_PARAMETER: Final = "query"

MANIFEST_PERMISSION: Final = "Manifest permission"
API_PERMISSION: Final = "Own API scope"
GRAPH_PERMISSION: Final = "Microsoft Graph, delegated"

PERMISSIONS: Final = (
    Permission(
        "identity",
        MANIFEST_PERMISSION,
        "Whoever installs the app",
        "Tab and bot must know who is looking, because what is shown depends on that person's "
        "role: an agent sees own figures, a partner sees figures without names.",
        "Nobody could be shown anything, since everything depends on the role.",
    ),
    Permission(
        "messageTeamMembers",
        MANIFEST_PERMISSION,
        "Whoever installs the app",
        "Somebody who asks for personal figures in a channel gets the answer in the 1:1 chat, and "
        "an alert that a person subscribed to arrives there.",
        "Personal figures could only be asked for in the 1:1 chat itself.",
    ),
    Permission(
        SIGN_IN_SCOPE,
        API_PERMISSION,
        "An administrator, once for everybody",
        "The tab signs people in silently with the account they use in Teams. The scope belongs to "
        "Switchroom's own API and opens nothing of Microsoft 365.",
        "The tab would show its sign-in problem instead of figures.",
    ),
    Permission(
        GRAPH_SCOPE,
        GRAPH_PERMISSION,
        "An administrator, once for everybody",
        "Access can be given to groups of Microsoft Entra ID. Of somebody who is in more groups "
        "than a token holds, the ids of their own groups are asked for; nothing else is read.",
        "People in very many groups could not sign in.",
    ),
)

NOT_ASKED_FOR: Final = (
    (
        "Other permissions of Microsoft Graph",
        "no mail, files, calendars, presence or profiles of others are read",
    ),
    (
        "Resource-specific permissions",
        "the bot receives what is said to it, and not the other messages of a channel or chat",
    ),
    ("Device permissions", "no camera, microphone, location or notifications of the device"),
    ("Files", "the bot reads those alone that people attach in their 1:1 chat, and sends none"),
    ("Calls", "the bot does not answer or place calls"),
    ("Private and shared channels", "board and bot are for standard channels and chats"),
)
"""What the package does without, and what that means; the guide says it."""
