"""Claim: the language is chosen by its name, `lang="id"`, in whatever people call: never by its place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import sim
from sim.errors import KinerjaError, Message, Problem, Problems, _
from sim.language import own_text, translated

ROOT = Path(sim.__file__).parent

ABOUT_LANGUAGE = {"set_language", "speaking", "checked"}
"""Functions whose one subject is the language."""


def public(body: list[ast.stmt], within: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function and method that people may call, with its full name."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public(node.body, f"{within}{node.name}.")
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield f"{within}{node.name}", node


def positional(source: str) -> list[str]:
    """Public functions of a module that take `lang` by its place."""
    return [
        f"{name}, line {node.lineno}"
        for name, node in public(ast.parse(source).body)
        if name not in ABOUT_LANGUAGE
        and "lang" in {arg.arg for arg in (*node.args.posonlyargs, *node.args.args)}
    ]


def test_no_public_function_takes_the_language_by_its_place() -> None:
    modules = sorted(ROOT.rglob("*.py"))
    assert len(modules) > 250
    wrong = {
        path.relative_to(ROOT).as_posix(): found
        for path in modules
        if (found := positional(path.read_text(encoding="utf-8")))
    }
    assert not wrong, "put a * before lang"


def test_a_language_by_its_place_is_found() -> None:
    assert positional("class A:\n def f(self, lang): ...\ndef g(x, lang=None): ...") == [
        "A.f, line 2",
        "g, line 3",
    ]
    assert positional("def f(x, *, lang): ...\ndef _g(lang): ...\ndef speaking(lang): ...") == []


@pytest.mark.parametrize(
    "call",
    [
        Message("x").text,
        Message("x").html,
        KinerjaError("x").text,
        Problem("x.csv", 1, None, _("rows")).text,
        Problems([]).lines,
        Problems([]).text,
    ],
)
def test_errors_and_messages_refuse_it(call) -> None:
    assert call(lang="id") is not None
    with pytest.raises(TypeError, match="positional"):
        call("id")


def test_words_refuse_it() -> None:
    for call in (lambda: own_text(object(), "label", "id"), lambda: translated("rows", "id")):  # type: ignore[misc]
        with pytest.raises(TypeError, match="positional"):
            call()
