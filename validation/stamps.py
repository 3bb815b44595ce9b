"""Stamps: which code a table in the docs was made with, and whether that code has changed since.

A proof writes its table between two marks of a page, under a line such as
``Stamp: 1a2b3c4d5e6f of src/sim/inference, ...``. The hash covers what the code does: comments, docstrings and imports
do not count, nor do names of files: a text that was mended or a module that was moved leaves the stamp as it is.
"""

from __future__ import annotations

import ast
import datetime
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Proof:
    """A long proof and the page that holds its table.

    Attributes
    ----------
    name : str
        As in the marks of the page: ``<!-- proof NAME -->`` and ``<!-- end of proof NAME -->``.
    page : str
        Path of the page from the root of the repository.
    target : str
        The make target that makes it.
    covers : tuple of str
        Files and folders the proof is about, from the root; those that are not there do not count.
    """

    name: str
    page: str
    target: str
    covers: tuple[str, ...]

    def files(self) -> list[Path]:
        """List the files the proof covers.

        Raises
        ------
        FileNotFoundError
            Where there are none: the layout has changed, and so must `covers`.
        """
        found: list[Path] = []
        for name in self.covers:
            path = ROOT / name
            if path.is_file():
                found.append(path)
            for file in path.rglob("*"):
                if file.suffix in (".py", ".csv", ".yaml"):
                    found.append(file)
        if not found:
            raise FileNotFoundError(f"proof {self.name}: none of {', '.join(self.covers)} is there")
        return found

    def digest(self) -> str:
        """Hash what the covered files do, as 12 hexadecimal digits."""
        parts = sorted(content(path) for path in self.files())
        return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()[:12]

    def stamp(self, digest: str | None = None) -> str:
        """Write the line that stands above the table."""
        day = datetime.date.today()
        return (
            f"Stamp: `{digest or self.digest()}` of {', '.join(f'`{name}`' for name in self.covers)}; "
            f"made by `make {self.target}` on {day.day} {day:%B %Y}."
        )

    def stamped(self) -> str | None:
        """Read the digest on the page; None where the page has none."""
        match = re.search(r"Stamp: `([0-9a-f]{12})`", self._text())
        return match[1] if match else None

    def write(self, text: str, digest: str) -> None:
        """Put a text and its stamp on the page in place of the earlier one."""
        path = ROOT / self.page
        page = path.read_text(encoding="utf-8")
        new = f"{self._marks[0]}\n{self.stamp(digest)}\n\n{text.strip()}\n{self._marks[1]}"
        path.write_text(page.replace(self._marks[0] + self._text() + self._marks[1], new), encoding="utf-8")

    @property
    def _marks(self) -> tuple[str, str]:
        return f"<!-- proof {self.name} -->", f"<!-- end of proof {self.name} -->"

    def _text(self) -> str:
        page = (ROOT / self.page).read_text(encoding="utf-8")
        first, last = self._marks
        if page.count(first) != 1 or page.count(last) != 1:
            raise ValueError(f"{self.page}: there must be one {first} and one {last}")
        return page.partition(first)[2].partition(last)[0]


def content(path: Path) -> str:
    """Give what a file does: a Python file without comments, docstrings and imports, any other as it is."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return text
    tree = ast.parse(text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [child for child in body if not _is_text(child)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return isinstance(node, ast.Import | ast.ImportFrom)
