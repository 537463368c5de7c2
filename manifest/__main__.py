"""The package's command line: build, verify, check, guide, icons.

Exit codes: 0 done, or untouched; 2 unusable input or wrong use, nothing written; 4 a package is not
as it was built, or not as the store's rules want it, or the guide is not the manifest's.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TextIO

from manifest import archive, artwork, environment, guide, materials, package, store_rules
from manifest.verification import NothingToCompareError, verify

DONE, UNUSABLE, DIFFERENT = 0, 2, 4
DOCS: Final = Path(__file__).resolve().parent.parent / "docs"
NO_ORIGIN: Final = (
    "Checksums that came with a file do not prove where it is from: who changes one can change "
    "both. --environment builds it anew and compares."
)

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code."""
    options = _parser().parse_args(arguments)
    command: Command = options.command
    try:
        return command(options)
    except (environment.UnusableEnvironmentError, NothingToCompareError) as error:
        _problem(str(error))
    except OSError as error:
        _problem(f"{error.filename or 'a file'}: {error.strerror}")
    return UNUSABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m manifest",
        description="The Teams app package: build it, check it, describe how it is installed.",
        epilog="docs/install.md leads from nothing to an installed app.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, text: str) -> argparse.ArgumentParser:
        one: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
        one.set_defaults(command=command)
        return one

    known = "a name under manifest/environments, or a TOML file"
    made = add("build", build, "Write the package, its checksums and its bill of materials.")
    made.add_argument("--environment", required=True, metavar="NAME_OR_FILE", help=known)
    made.add_argument("--output", required=True, type=Path, metavar="DIRECTORY")
    checked = add("verify", verify_file, "Say whether a package is untouched, or what differs.")
    checked.add_argument("file", type=Path, metavar="FILE")
    against = checked.add_mutually_exclusive_group()
    against.add_argument(
        "--environment", metavar="NAME_OR_FILE", help=f"build it anew and compare; {known}"
    )
    against.add_argument(
        "--checksums", type=Path, metavar="FILE", help="instead of FILE.sha256 beside it"
    )
    judged = add("check", check, "Hold a package, also a foreign one, to the store's rules.")
    judged.add_argument("file", type=Path, metavar="FILE")
    described = add("guide", write_guide, "Write the installation and permission guides.")
    described.add_argument("--output", type=Path, default=DOCS, metavar="DIRECTORY")
    described.add_argument("--check", action="store_true", help="compare, write nothing")
    drawn = add("icons", draw, "Draw the icons anew.")
    drawn.add_argument("--output", type=Path, default=artwork.FOLDER, metavar="DIRECTORY")
    return parser


def build(options: argparse.Namespace) -> int:
    """Writes the package of an environment that keeps the store's rules."""
    wanted = environment.load(options.environment)
    made = package.make(wanted)
    if findings := store_rules.findings(made.files):
        _problem(f"the package of {wanted.name} would break rules of the Teams store:")
        _lines(findings, sys.stderr)
        return DIFFERENT
    bill = materials.bill(made)
    contents = {made.zip_name: made.content, made.materials_name: bill}
    contents[made.checksums_name] = package.checksums(contents)
    _write(options.output, contents)
    _lines(options.output / name for name in contents)
    _lines([f"SHA-256 {package.digest(made.content)}"])
    for note in _notes(wanted):
        _problem(f"note: {note}")
    return DONE


def _notes(wanted: environment.Environment) -> Iterator[str]:
    """What is allowed, and would not work in anybody's Teams."""
    example = environment.load("example")
    if wanted.is_reserved:
        yield f"{wanted.host} is a name for documents; Teams will find nothing there"
    for key in ("app_id", "client_id"):
        if wanted != example and getattr(wanted, key) == getattr(example, key):
            yield f"{key} is still that of the example"


def verify_file(options: argparse.Namespace) -> int:
    """Says `untouched`, or one line for each difference."""
    rebuilt = package.make(environment.load(options.environment)) if options.environment else None
    verdict = verify(options.file, rebuilt, options.checksums)
    if not verdict.differences:
        _lines([f"untouched: {options.file} (as {verdict.compared})", f"SHA-256 {verdict.sha256}"])
        if rebuilt is None:
            _lines([NO_ORIGIN])
        return DONE
    _lines([f"not untouched: {options.file} (unlike {verdict.compared})"])
    _lines(f"  {difference}" for difference in verdict.differences)
    return DIFFERENT


def check(options: argparse.Namespace) -> int:
    """Says which of the store's rules the package breaks."""
    try:
        files = archive.read(options.file.read_bytes())
    except archive.ArchiveError as error:
        _problem(f"{options.file} {error}")
        return UNUSABLE
    if findings := store_rules.findings(files):
        _lines(findings)
        return DIFFERENT
    _lines([f"{options.file} keeps all {len(store_rules.RULES)} rules"])
    return DONE


def write_guide(options: argparse.Namespace) -> int:
    """Writes the guides, or says which of them are not what the manifest says."""
    pages = {name: text.encode() for name, text in guide.pages().items()}
    if not options.check:
        _write(options.output, pages)
        _lines(options.output / name for name in pages)
        return DONE
    stale = [name for name, content in pages.items() if _kept(options.output / name) != content]
    for name in stale:
        _problem(f"{options.output / name} is not what the manifest says: run guide again")
    return DIFFERENT if stale else DONE


def draw(options: argparse.Namespace) -> int:
    """Draws the icons."""
    artwork.draw(options.output)
    _lines(options.output / name for name in ("color.png", "outline.png"))
    return DONE


def _kept(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Writes each file whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        unfinished = folder / f".{name}.part"
        unfinished.write_bytes(content)
        unfinished.replace(folder / name)


def _lines(lines: Iterable[object], stream: TextIO | None = None) -> None:
    out = stream or sys.stdout
    out.writelines(f"{_harmless(str(line))}\n" for line in lines)


def _harmless(line: str) -> str:
    """The line with what a foreign package could do to a terminal spelt out."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in line)


def _problem(text: str) -> None:
    sys.stderr.write(f"switchroom: {text}\n")


if __name__ == "__main__":
    sys.exit(main())
