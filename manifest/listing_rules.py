"""The store's rules about what people read and see: texts, icons, translations."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from manifest import png

Files = Mapping[str, bytes]
Manifest = Mapping[str, Any]
Problems = Iterator[tuple[str, str]]
"""Where in the package, and what is wrong there."""

FEATURES_OF_TEAMS: Final = frozenset(
    {"activity", "apps", "calendar", "calls", "chat", "contacts", "files", "help"}
)
PRODUCTS: Final = (
    r"\b(Microsoft|MSFT|Teams|Azure|Excel|PowerPoint|OneDrive|OneNote|SharePoint|Outlook|Office)\b"
)
BOASTS: Final = r"\b(best|top|ranked|leading|guaranteed|number one|certified for|powered by|free)\b"
UNFINISHED: Final = r"\{\{|\}\}|\[\[|\bTODO\b|\bTBD\b|(?i:lorem ipsum)|\$\{"
LENGTHS: Final = {
    r"name\.short": 30,
    r"name\.full": 100,
    r"description\.short": 80,
    r"description\.full": 4000,
    r"staticTabs\[\d+\]\.name": 128,
    r"bots\[0\]\.commandLists\[\d\]\.commands\[\d+\]\.(title|description)": 128,
    r"composeExtensions\[0\]\.commands\[\d\](\.parameters\[\d\])?\.title": 32,
    r"composeExtensions\[0\]\.commands\[\d\](\.parameters\[\d\])?\.description": 128,
}
"""Path of a text -> the most characters. A command's description may be longer by the schema;
menus cut it off."""
MOST_WORDS: Final = 500
COLOR_SIDE, OUTLINE_SIDE = 192, 32
OPAQUE: Final = 255
HARMLESS_CHUNKS: Final = frozenset({"IHDR", "PLTE", "IDAT", "IEND", "sRGB", "gAMA", "pHYs"})


def texts(manifest: Manifest, files: Files) -> Problems:
    """Problems of names and descriptions, in every language."""
    yield from _language(_texts(manifest), "")
    for file in _translated(manifest):
        yield from _language(json.loads(files.get(file, b"{}")), f"{file} ")


def _texts(manifest: Manifest) -> dict[str, str]:
    """Path -> text of everything that can be translated."""
    return {
        path: text
        for path, text in _strings(manifest, "")
        if any(re.fullmatch(pattern, path) for pattern in LENGTHS)
    }


def _strings(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _strings(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _strings(inner, f"{path}[{place}]")
    elif isinstance(value, str):
        yield path, value


def _translated(manifest: Manifest) -> list[str]:
    info = manifest.get("localizationInfo", {})
    return [one["file"] for one in info.get("additionalLanguages", [])]


def _language(found: Mapping[str, str], prefix: str) -> Problems:
    """Problems of one language's texts, path -> text."""
    for path, text in found.items():
        yield from ((prefix + path, wrong) for wrong in _text(path, text))
    for key in ("name.short", "name.full"):
        if key in found:
            yield from ((prefix + key, wrong) for wrong in _name(found[key]))
    name, short = found["name.short"], found["description.short"]
    full = found["description.full"]
    for wrong in _short_description(short, name):
        yield f"{prefix}description.short", wrong
    for wrong in _full_description(full, short):
        yield f"{prefix}description.full", wrong
    for key, text in (("description.short", short), ("description.full", full)):
        yield from ((prefix + key, wrong) for wrong in _claims(text))


def _text(path: str, text: str) -> Iterator[str]:
    most = next((most for one, most in LENGTHS.items() if re.fullmatch(one, path)), None)
    if most is not None and not 0 < len(text) <= most:
        yield f"has {len(text)} characters; 1 to {most} are allowed"
    if text != text.strip() or "\t" in text:
        yield "begins or ends with a space"
    if re.search(UNFINISHED, text):
        yield "is not finished"


def _short_description(short: str, name: str) -> Iterator[str]:
    if name.lower() in short.lower():
        yield "repeats the app's name"
    if re.search(r"(?i)\bapp\b", short):
        yield "calls itself an app"
    if re.search(r"[.!?]\s+\S", short):
        yield "is more than one sentence"


def _full_description(full: str, short: str) -> Iterator[str]:
    if full.startswith(short) or len(full) <= len(short):
        yield "says no more than the short one"
    if len(full.split()) > MOST_WORDS:
        yield f"has more than {MOST_WORDS} words"
    first = re.search(r"(\w+ )?\bTeams\b", full)
    if first and first[0] != "Microsoft Teams":
        yield "names Teams before it says Microsoft Teams"


def _claims(text: str) -> Iterator[str]:
    if boast := re.search(rf"(?i){BOASTS}", text):
        yield f"claims what cannot be shown ({boast[0]!r})"
    if re.search(r"\b(MS|MSFT|Office 365)\b", text):
        yield "shortens a name of Microsoft's"
    if re.search(r"(?i)\bhttps?://", text):
        yield "holds a link; links have fields of their own"


def _name(name: str) -> Iterator[str]:
    if product := re.search(rf"(?i){PRODUCTS}", name):
        yield f"holds the name of another's product ({product[0]!r})"
    if name.lower() in FEATURES_OF_TEAMS:
        yield "is the name of a feature of Teams"
    if re.search(r"(?i)\b(alpha|beta|demo|dev|preview|staging|test)\b", name):
        yield "says that it is not the released app"


def icons(manifest: Manifest, files: Files) -> Problems:
    """Problems of the two pictures."""
    sides = {"color": COLOR_SIDE, "outline": OUTLINE_SIDE}
    for kind, side in sides.items():
        name = manifest["icons"][kind]
        try:
            picture = png.read(files.get(name, b""))
        except png.PictureError as error:
            yield name, str(error)
            continue
        if (picture.width, picture.height) != (side, side):
            yield name, f"measures {picture.width}x{picture.height}, not {side}x{side}"
            continue
        if extra := sorted(set(picture.chunks) - HARMLESS_CHUNKS):
            yield name, f"carries more than a picture: {', '.join(extra)}"
        wrong = _outline(picture) if kind == "outline" else _color(picture)
        yield from ((name, problem) for problem in wrong)


def _outline(picture: png.Picture) -> Iterator[str]:
    visible = [
        (x, y, pixel)
        for y, row in enumerate(picture.pixels)
        for x, pixel in enumerate(row)
        if pixel[3]
    ]
    if any(pixel[:3] != (OPAQUE, OPAQUE, OPAQUE) for *_, pixel in visible):
        yield "has colours; the outline is white alone"
    if not 0 < len(visible) < picture.width * picture.height:
        yield "has no transparent ground, or no symbol"
        return
    xs, ys = [x for x, _, _ in visible], [y for _, y, _ in visible]
    margin = max(min(xs), min(ys), picture.width - 1 - max(xs), picture.height - 1 - max(ys))
    if margin > 2:
        yield f"leaves {margin} pixels empty at an edge; the symbol has no padding"


def _color(picture: png.Picture) -> Iterator[str]:
    last = picture.width - 1
    edge = {picture.pixels[y][x] for x in range(last + 1) for y in (0, last)}
    edge |= {picture.pixels[y][x] for y in range(last + 1) for x in (0, last)}
    if len(edge) != 1 or next(iter(edge))[3] not in {0, OPAQUE}:
        yield "has no solid or fully transparent square ground"
    if len({pixel for row in picture.pixels for pixel in row}) == 1:
        yield "shows nothing"


def translations(manifest: Manifest, files: Files) -> Problems:
    """Problems of the language files: what lacks, what leads nowhere, what differs."""
    info = manifest["localizationInfo"]
    own = _texts(manifest)
    default = info.get("defaultLanguageFile")
    tags = [
        info["defaultLanguageTag"],
        *(one["languageTag"] for one in info.get("additionalLanguages", [])),
    ]
    if len(set(tags)) != len(tags):
        yield "localizationInfo", "names a language twice"
    for file in ([default] if default else []) + _translated(manifest):
        translated = json.loads(files.get(file, b"{}"))
        paths = translated.keys() - {"$schema"}
        for path in sorted(own.keys() - paths):
            yield file, f"lacks {path}"
        for path in sorted(paths - own.keys()):
            yield file, f"has {path}, which the manifest has not"
        if file == default:
            for path in sorted(paths & own.keys()):
                if translated[path] != own[path]:
                    yield file, f"says something else than the manifest at {path}"
