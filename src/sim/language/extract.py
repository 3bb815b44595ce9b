"""Find every text marked for translation and bring ``id.po`` up to date: ``make messages``.

Marked are calls of ``_`` with a literal in Python and in Jinja templates, units of parameters of levers (``param``),
and the cells of the data tables in :data:`TABLES`. Translations are kept; a text that is nowhere any more is dropped;
a new one waits with an empty translation, which ``tests/language`` refuses.
"""

from __future__ import annotations

import ast
import csv
import io
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from sim.language.catalogue import CATALOGUE, read_po
from sim.paths import data_dir

if TYPE_CHECKING:
    from babel.messages import Catalog

SOURCE = Path(__file__).parents[1]
"""The package."""

TABLES: dict[str, tuple[str, ...]] = {
    "evidence/effects.csv": ("basis",),
    "uncertainties.csv": ("source",),
}
"""Data tables with English texts that people are shown: path in the data folder (a pattern) -> columns."""

Key = tuple[str | None, str]
"""Context (mostly None) and English text."""


@dataclass(frozen=True)
class Misuse:
    """A call of ``_`` that cannot be read without running it.

    Attributes
    ----------
    place : str
        File and line.
    why : str
        What is wrong with it.
    """

    place: str
    why: str


def messages(source: Path = SOURCE) -> dict[Key, list[str]]:
    """Return every marked text and the files it is in; those of data tables where `source` is the package."""
    found: dict[Key, list[str]] = {}
    for key, place in _marked(source):
        places = found.setdefault(key, [])
        if place not in places:
            places.append(place)
    return found


def misuses(source: Path = SOURCE) -> list[Misuse]:
    """Return what is not a plain ``_("literal", name=value)``: f-strings, sums, variables, slots without values."""
    wrong = []
    for path in sorted(source.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        where = path.relative_to(source.parent).as_posix()
        if not _imports_marker(tree):
            continue
        for node in ast.walk(tree):
            line = f"{where}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Name) and node.id == "_" and isinstance(node.ctx, ast.Store):
                wrong.append(Misuse(line, "_ is the marker here; give the variable a name"))
            elif isinstance(node, ast.arg) and node.arg == "_":
                wrong.append(Misuse(line, "_ is the marker here; give the argument a name"))
            elif (
                isinstance(node, ast.Attribute)
                and node.attr in ("format", "replace")
                and _is_call(node.value)
            ):
                wrong.append(Misuse(line, f"_(...).{node.attr}: give the values to _, or use .filled()"))
            elif _is_call(node):
                wrong += [Misuse(line, why) for why in _wrong_call(node)]
    return wrong


def slots(text: str) -> set[str]:
    """Return the slots of a text as they are written: ``{name!r}``, ``{share:.1%}``, ``%(name)s``, ``%s``."""
    try:
        parsed = [part[1:] for part in string.Formatter().parse(text) if part[1]]
    except ValueError:  # a brace that is no slot, in a text without values
        parsed = []
    braces = {
        f"{name}{f'!{kind}' if kind else ''}{f':{spec}' if spec else ''}" for name, spec, kind in parsed
    }
    return braces | set(re.findall(r"%\(\w+\)[sdr]|%[sdr](?![a-z])", text))


def names(text: str) -> set[str]:
    """Return the names that the slots of a text ask for."""
    return {re.split(r"[.\[!:]", slot)[0] for slot in slots(text) if not slot.startswith("%")}


def update(path: Path = CATALOGUE, source: Path = SOURCE) -> dict[str, list[str]]:
    """Write the catalogue anew, sorted, with the translations it has.

    Returns
    -------
    dict
        "missing" and "dropped": the texts without a translation, and those that are nowhere any more.
    """
    old = read_po(path) if path.exists() else {}
    found = messages(source)
    write_po(path, {key: old.get(key, "") for key in found}, found)
    return {
        "missing": sorted(text for (context, text) in found if not old.get((context, text))),
        "dropped": sorted(text for (context, text) in old.keys() - found.keys() if text),
    }


def write_po(path: Path, entries: dict[Key, str], places: dict[Key, list[str]] | None = None) -> None:
    """Write a catalogue: entries sorted by text, with the files they are in."""
    from babel.messages import Catalog
    from babel.messages.pofile import write_po as write

    catalogue: Catalog = Catalog(locale="id", project="Kinerja Lab", charset="utf-8", fuzzy=False)
    for (context, text), translation in entries.items():
        if text:
            locations = [(place, 0) for place in (places or {}).get((context, text), [])]
            catalogue.add(text, translation, locations=locations, context=context)
    out = io.BytesIO()
    write(out, catalogue, width=110, sort_output=True, omit_header=True, include_lineno=False)
    head = 'msgid ""\nmsgstr ""\n"Language: id\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    path.write_text(
        "# Indonesian texts of Kinerja Lab. `make messages` keeps this file complete and sorted.\n"
        + head
        + out.getvalue().decode("utf-8").strip()
        + "\n",
        encoding="utf-8",
        newline="\n",
    )


def _marked(source: Path) -> Iterator[tuple[Key, str]]:
    for path in sorted(source.rglob("*.py")):
        where = path.relative_to(source.parent).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if _is_call(node) and not _wrong_call(node):
                context = next((ast.literal_eval(k.value) for k in node.keywords if k.arg == "context"), None)
                yield (context, ast.literal_eval(node.args[0])), where
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "param":
                for keyword in node.keywords:
                    if keyword.arg == "unit" and (unit := ast.literal_eval(keyword.value)):
                        yield (None, str(unit)), where
    for path in sorted(source.rglob("*.j2")):
        where = path.relative_to(source.parent).as_posix()
        for key in _in_template(path.read_text(encoding="utf-8")):
            yield key, where
    for pattern, columns in TABLES.items() if source == SOURCE else ():
        for path in sorted(data_dir().glob(pattern)):
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    for column in columns:
                        if row.get(column):
                            yield (None, row[column]), f"data/{path.relative_to(data_dir()).as_posix()}"


def _in_template(text: str) -> Iterator[Key]:
    import jinja2
    from jinja2 import nodes

    for call in jinja2.Environment().parse(text).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "_":
            if len(call.args) != 1 or not isinstance(call.args[0], nodes.Const):
                raise ValueError(f"line {call.lineno}: _ takes one literal in a template")
            context = next((k.value.value for k in call.kwargs if k.key == "context"), None)  # type: ignore[attr-defined]
            yield context, call.args[0].value


def _is_call(node: Any) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"


def _wrong_call(node: Any) -> list[str]:
    if (
        len(node.args) != 1
        or not isinstance(node.args[0], ast.Constant)
        or not isinstance(node.args[0].value, str)
    ):
        return ["_ takes one literal: no f-string, sum or variable"]
    given = [keyword.arg for keyword in node.keywords if keyword.arg != "context"]
    context = [k.value for k in node.keywords if k.arg == "context"]
    if context and not (isinstance(context[0], ast.Constant) and isinstance(context[0].value, str)):
        return ["the context of _ is a literal"]
    if None in given:
        return []  # **values: only a run knows
    there = names(node.args[0].value)
    if given and there != set(given):
        return [f"slots {sorted(there)} but values {sorted(map(str, given))}"]
    return []


def _imports_marker(tree: ast.AST) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "sim.errors"
        and any(name.name == "_" and name.asname is None for name in node.names)
        for node in ast.walk(tree)
    )


def main() -> None:
    """Bring ``id.po`` up to date and say what is left to translate."""
    wrong = misuses()
    for misuse in wrong:
        print(f"{misuse.place}: {misuse.why}")
    said = update()
    for text in said["missing"]:
        print(f"to translate: {text}")
    print(f"{CATALOGUE.name}: {len(said['missing'])} to translate, {len(said['dropped'])} dropped.")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
