"""The command line: ``kinerja COMMAND``.

Each command is a module of this package with ``HELP`` (Indonesian, English), ``add(parser, talk)``, which
declares its arguments, and ``run(args, talk) -> int``, which imports what it needs and returns the exit code.
To add one, write the module and name it in :data:`COMMANDS`.

Exit codes: 0 done, 1 done and different (``repeat``), 2 something the user can put right (every problem is named), 130
interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from sim.language.talk import LANGUAGES, Talk

if TYPE_CHECKING:
    from sim.errors import KinerjaError

COMMANDS = (
    "study",
    "compare",
    "repeat",
    "planner",
    "explain",
    "agencies",
    "levers",
    "template",
    "check",
    "ratings",
    "evaluate",
    "calibrate",
)
"""Modules of this package, in the order of the help."""

OK, DIFFERENT, WRONG, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process by default.

    Returns
    -------
    int
        Exit code. Help, a version and arguments that cannot be read leave by SystemExit, as argparse does.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a console or pipe that is not UTF-8 must not end in a traceback
            stream.reconfigure(errors="replace")
    talk = Talk(_language(arguments))
    parser = _parser(talk)
    args = parser.parse_args(arguments)
    if args.command is None:
        parser.print_help()
        return OK
    from sim.errors import KinerjaError

    try:
        return importlib.import_module(f"sim.cli.{args.command}").run(args, talk)
    except KinerjaError as error:
        _tell(error, talk)
        return WRONG
    except KeyboardInterrupt:
        print(talk("Dihentikan; tidak ada hasil.", "Interrupted; there is no result."), file=sys.stderr)
        return INTERRUPTED


def _tell(error: KinerjaError, talk: Talk) -> None:
    """Everything that is wrong, in the language asked for."""
    from sim.errors import Problems
    from sim.language.problems import lines

    found = lines(error, talk.lang)
    if isinstance(error, Problems):
        told = [talk(f"{len(found)} masalah:", f"{len(found)} problem(s):"), *(f"  {line}" for line in found)]
    else:
        told = [f"{talk('Masalah', 'Problem')}: {found[0]}"]
    print(*told, sep="\n", file=sys.stderr)


def _language(arguments: list[str]) -> str:
    """The language, read before the parser is made, because its help is in that language."""
    found = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    found.add_argument("--lang")
    try:
        lang = found.parse_known_args(arguments)[0].lang
    except argparse.ArgumentError:
        lang = None
    return lang if lang in LANGUAGES else LANGUAGES[0]


class _Help(argparse.HelpFormatter):
    """argparse's own words in the language asked for."""

    talk = Talk(LANGUAGES[0])

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, self.talk("cara pakai: ", "usage: "))


class _Parser(argparse.ArgumentParser):
    """Errors in one line with where to look, not the whole usage."""

    def __init__(self, **words: Any) -> None:
        super().__init__(**words, formatter_class=_Help, add_help=False, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        if _Help.talk.lang != "en":  # what tells it takes half a second to import
            from sim.language.problems import said

            message = said(message, _Help.talk.lang)
        problem, see = _Help.talk("Masalah", "Problem"), _Help.talk("Lihat", "See")
        self.exit(WRONG, f"{problem}: {message}\n{see}: {self.prog} --help\n")


def _parser(talk: Talk) -> _Parser:
    _Help.talk = talk
    parser = _Parser(
        prog="kinerja",
        description=talk(
            "Kinerja Lab: menimbang kebijakan kinerja ASN dengan simulasi.",
            "Kinerja Lab: weighs performance policies for Indonesia's civil service by simulation.",
        ),
    )
    _common(parser, talk)
    parser.add_argument(
        "--version", action=_Version, nargs=0, help=talk("tampilkan versi", "show the version")
    )
    commands = parser.add_subparsers(
        dest="command",
        title=talk("perintah", "commands"),
        metavar=talk("PERINTAH", "COMMAND"),
        prog="kinerja",
    )
    for name in COMMANDS:
        module = importlib.import_module(f"sim.cli.{name}")
        text = talk(*module.HELP)
        command = commands.add_parser(name, help=text, description=text)
        module.add(command, talk)
        _common(command, talk)
    return parser


def _common(parser: argparse.ArgumentParser, talk: Talk) -> None:
    parser._positionals.title = talk("argumen", "arguments")
    parser._optionals.title = talk("pilihan", "options")
    parser.add_argument("-h", "--help", action="help", help=talk("tampilkan bantuan ini", "show this help"))
    language = talk("bahasa (bawaan: id)", "language (default: id)")
    parser.add_argument("--lang", choices=LANGUAGES, default=talk.lang, help=language)


class _Version(argparse.Action):
    """The version is looked up only when asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        print(f"kinerja {version('kinerja-lab')}")
        parser.exit(OK)
