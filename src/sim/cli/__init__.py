"""The command line: ``kinerja COMMAND``.

Each command is a module of this package with ``HELP`` (a message), ``add(parser)``, which
declares its arguments, and ``run(args) -> int``, which imports what it needs and returns the exit code.
To add one, write the module and name it in :data:`COMMANDS`.

Exit codes: 0 done, 1 done and different (``repeat``), 2 something the user can put right (every problem is named), 130
interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

from sim.errors import KinerjaError, Message, Problems, _
from sim.language import LANGUAGES, speaking, translated, write_safely

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
    write_safely(sys.stdout, sys.stderr)
    with speaking(_language(arguments)) as lang, _argparse_translated():
        parser = _parser(lang)
        args = parser.parse_args(arguments)
        if args.command is None:
            parser.print_help()
            return OK
        try:
            code = importlib.import_module(f"sim.cli.{args.command}").run(args)
            sys.stdout.flush()
            return code
        except KinerjaError as error:
            print(*_lines(error), sep="\n", file=sys.stderr)
            return WRONG
        except KeyboardInterrupt:
            print(_("Interrupted; there is no result."), file=sys.stderr)
            return INTERRUPTED
        except BrokenPipeError:  # whoever reads has seen enough, as in "kinerja levers | head"
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return OK


def _lines(error: KinerjaError) -> list[str]:
    """Everything that is wrong, a line for each problem."""
    if isinstance(error, Problems):
        return [
            str(_("{n} problem(s):", n=len(error.problems))),
            *(f"  {line}" for line in error.lines()),
        ]
    return [str(_("Problem: {problem}", problem=error))]


def _language(arguments: list[str]) -> str:
    """The language, read before the parser is made, because its help is in that language."""
    found = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    found.add_argument("--lang")
    try:
        lang = found.parse_known_args(arguments)[0].lang
    except argparse.ArgumentError:
        lang = None
    return lang if lang in LANGUAGES else LANGUAGES[0]


ARGPARSE: tuple[Message, ...] = (
    _("usage: "),
    _("the following arguments are required: %s"),
    _("argument %(argument_name)s: %(message)s"),
    _("invalid choice: %(value)r (choose from %(choices)s)"),
    _("invalid %(type)s value: %(value)r"),
    _("expected one argument"),
    _("expected at most one argument"),
    _("expected at least one argument"),
    _("unrecognized arguments: %s"),
    _("not allowed with argument %s"),
    _("ignored explicit argument %r"),
    _("one of the arguments %s is required"),
)
"""The texts of argparse that our commands can show."""


@contextmanager
def _argparse_translated() -> Iterator[None]:
    """Let argparse, which looks its texts up by gettext, look them up in our catalogue."""
    before = argparse._, argparse.ngettext  # type: ignore[attr-defined]
    argparse._ = translated  # type: ignore[attr-defined]
    argparse.ngettext = lambda one, many, n: translated(one if n == 1 else many)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        argparse._, argparse.ngettext = before  # type: ignore[attr-defined]


class _Parser(argparse.ArgumentParser):
    """Errors in one line with where to look, not the whole usage."""

    def __init__(self, **words: Any) -> None:
        super().__init__(**words, add_help=False, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        problem = _("Problem: {problem}", problem=message)
        self.exit(WRONG, f"{problem}\n{_('See: {command}', command=f'{self.prog} --help')}\n")


def _parser(lang: str) -> _Parser:
    text = _("Kinerja Lab: weighs performance policies for Indonesia's civil service by simulation.")
    parser = _Parser(prog="kinerja", description=str(text))
    _common(parser, lang)
    parser.add_argument("--version", action=_Version, nargs=0, help=str(_("show the version")))
    commands = parser.add_subparsers(
        dest="command", title=str(_("commands")), metavar=str(_("COMMAND")), prog="kinerja"
    )
    for name in COMMANDS:
        module = importlib.import_module(f"sim.cli.{name}")
        about = str(module.HELP)
        command = commands.add_parser(name, help=about, description=about)
        module.add(command)
        _common(command, lang)
    return parser


def _common(parser: argparse.ArgumentParser, lang: str) -> None:
    parser._positionals.title = str(_("arguments"))
    parser._optionals.title = str(_("options"))
    parser.add_argument("-h", "--help", action="help", help=str(_("show this help")))
    parser.add_argument("--lang", choices=LANGUAGES, default=lang, help=str(_("language (default: id)")))


class _Version(argparse.Action):
    """The version is looked up only when asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *rest: object) -> NoReturn:
        from importlib.metadata import version

        print(f"kinerja {version('kinerja-lab')}")
        parser.exit(OK)
