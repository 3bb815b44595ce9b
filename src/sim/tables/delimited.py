"""Read a text with delimiters (CSV, tabs) as rows of cells, however it was encoded and separated."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from pathlib import Path

import pandas as pd

from sim.errors import Problem, Problems, _
from sim.tables.places import Told

DELIMITERS = ",;\t|"
_SEP = re.compile(r"\s*sep=(.)\s*\r?\n", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"\n]*"')


def read_text(path: Path) -> tuple[str, list[Told]]:
    """Return the text of a file, and how it was decoded where that is a guess.

    Raises
    ------
    Problems
        What is no text, or a damaged gzip file.
    """
    data = path.read_bytes()
    if path.suffix.lower() == ".gz":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            what = _("the compressed file is damaged or cut short; it cannot be read.")
            raise Problems([Problem(path.name, None, None, what, _("Copy or export it again."))]) from error
    save = _("In Excel: Save As, type 'CSV UTF-8 (Comma delimited)'.")
    if data[:4] == b"PK\x03\x04" or data[:4] == b"\xd0\xcf\x11\xe0":
        what = _("this is an Excel workbook under the name of a CSV file.")
        raise Problems(
            [Problem(path.name, None, None, what, _("Give it the ending .xlsx, or export it as CSV."))]
        )
    told: list[Told] = []
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            text = data.decode("utf-16")
        elif b"\0" in data[:400] and data[1:400:2].count(0) > 0.8 * len(data[1:400:2]):
            text = data.decode("utf-16-le")
        else:
            text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
        if "\ufffd" in text:
            raise Problems(
                [Problem(path.name, None, None, _("the text is in no encoding that is known."), save)]
            ) from None
        told.append(("encoding", {"encoding": "Windows-1252"}))
    if "\0" in text:
        raise Problems(
            [Problem(path.name, None, None, _("the file holds NUL characters; it is not a text."), save)]
        )
    return text.replace("\u00a0", " "), told


def split(path: Path) -> tuple[str, str, list[Told]]:
    """Return the text of a CSV file without a ``sep=`` line, the mark that separates its cells, and what was noticed.

    Raises
    ------
    Problems
        An empty file, what `read_text` refuses.
    """
    text, told = read_text(path)
    if not text.strip():
        what, do = _("the file is empty."), _("Give it a heading and rows.")
        raise Problems([Problem(path.name, None, None, what, do)])
    named = _SEP.match(text)
    if named:
        return text[named.end() :], named.group(1), told
    return text, _delimiter(text), told


def rows_of(text: str, delimiter: str, where: str) -> list[list[str]]:
    """Return the rows of a text as cells.

    Raises
    ------
    Problems
        A quotation mark that is not closed.
    """
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        what = _("the cells cannot be separated ({error}).", error=error)
        do = _('Look for a quotation mark (") that is not closed.')
        raise Problems([Problem(where, None, None, what, do)]) from error


def regular(text: str, delimiter: str) -> pd.DataFrame | None:
    """Return the columns of a text in which every row has the heading's width and quotes are plain; else None.

    What `rows_of` gives, many times faster. Empty cells are missing.
    """
    text = text.replace("\r\n", "\n")
    if len(delimiter) != 1 or "\r" in text or not _quotes_are_plain(text, delimiter):
        return None
    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=delimiter, header=None, dtype="str", na_filter=False, skip_blank_lines=False,
            low_memory=False,
        )  # fmt: skip
    except (ValueError, pd.errors.ParserError, pd.errors.EmptyDataError):
        return None
    outside = re.sub(r'"[^"]*"', "", text) if '"' in text else text
    marks = text.count(delimiter)  # a quoted mark could make up for a short row
    if outside.count(delimiter) != marks or marks != (frame.shape[1] - 1) * len(frame):
        return None
    for k in range(frame.shape[1]):
        cells = frame[k].str.strip()
        frame[k] = cells.mask(cells == "")
    return frame


def _quotes_are_plain(text: str, delimiter: str) -> bool:
    """Tell whether every quotation mark opens or closes a cell."""
    opening = text.count(delimiter + '"') + text.count('\n"') + text.startswith('"')
    closing = text.count('"' + delimiter) + text.count('"\n') + text.endswith('"')
    return opening == closing and opening + closing == text.count('"')


def _delimiter(text: str) -> str:
    """Return the mark that separates cells: the one that most of the first lines hold as often as the heading."""
    lines = [_QUOTED.sub("", line) for line in text[:50_000].splitlines()[:40] if line.strip()]
    for k, heading in enumerate(lines):  # a title has none
        counts = {d: heading.count(d) for d in DELIMITERS if d in heading}
        if counts:
            rest = lines[k:]
            return max(counts, key=lambda d: (sum(line.count(d) == counts[d] for line in rest), counts[d]))
    return ","
