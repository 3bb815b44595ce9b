"""Claim: whatever is done to an agency's files, the answer is an agency or Problems, never a traceback."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from agency_files import folder, full, workbook
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.exceptions import IllegalCharacterError

from sim.agency import TABLES, Doubt, check_agency, load_agency, write_agency
from sim.errors import Problems

ODD = [
    "",
    " ",
    "-1",
    "0",
    "1e400",
    "1,5",
    "1.000,5",
    "nan",
    "*",
    "'",
    '"',
    ";",
    "\t",
    "a\nb",
    "=1",
    "\u200b",
    "🙂",
]
cells = (
    st.sampled_from(ODD)
    | st.text(max_size=8)
    | st.integers(-(10**19), 10**19)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.none()
    | st.dates()
    | st.times()
    | st.timedeltas()
)
wishes = st.lists(
    st.tuples(st.sampled_from(list(TABLES)), st.integers(0, 999), st.integers(0, 999), cells), max_size=6
)
ACTS = ["drop row", "double row", "drop column", "swap headings", "cut row", "longer row", "no table"]
quick = settings(max_examples=40, deadline=None)


def agency_or_problems(path: Path) -> None:
    found = check_agency(path)
    wrong = [p for p in found if not isinstance(p, Doubt)]
    if wrong:
        with pytest.raises(Problems) as raised:
            load_agency(path)
        assert raised.value.problems == wrong
        assert all(p.what and p.do and str(p) for p in found)
    else:
        agency = load_agency(path)
        assert load_agency(write_agency(agency, path.parent / "again")) == agency


@quick
@given(changes=wishes, delimiter=st.sampled_from(",;\t"), sheets=st.sampled_from([False, False, True]))
def test_odd_cells(changes, delimiter, sheets):
    tables = full()
    for table, row, column, cell in changes:
        rows = tables[table]
        row %= len(rows)
        rows[row][column % len(rows[row])] = cell
    with tempfile.TemporaryDirectory() as there:
        try:
            path = (
                workbook(tables, Path(there, "a.xlsx"))
                if sheets
                else folder(tables, Path(there, "a"), delimiter)
            )
        except (ValueError, IllegalCharacterError):  # what no file of this kind can hold
            return
        agency_or_problems(path)


@quick
@given(
    seed=st.integers(0, 2**32),
    table=st.sampled_from(list(TABLES)),
    sheets=st.sampled_from([False, False, True]),
)
def test_tables_cut_doubled_and_shuffled(seed, table, sheets):
    luck = random.Random(seed)
    tables = full()
    rows = tables[table]
    for _ in range(luck.randint(1, 4)):
        act = luck.choice(ACTS)
        if act == "no table":
            tables.pop(table, None)
        elif not rows or not rows[0]:
            continue
        elif act == "drop row":
            rows.pop(luck.randrange(len(rows)))
        elif act == "double row":
            rows.append(list(luck.choice(rows)))
        elif act == "drop column":
            column = luck.randrange(len(rows[0]))
            rows[:] = [row[:column] + row[column + 1 :] for row in rows]
        elif act == "swap headings":
            luck.shuffle(rows[0])
        elif act == "cut row":
            row = luck.choice(rows)
            del row[luck.randint(0, len(row)) :]
        else:
            luck.choice(rows).append("1")
    with tempfile.TemporaryDirectory() as there:
        if sheets and tables:
            agency_or_problems(workbook(tables, Path(there, "a.xlsx")))
        else:
            agency_or_problems(folder(tables, Path(there, "a")))


@quick
@given(
    seed=st.integers(0, 2**32),
    table=st.sampled_from(list(TABLES)),
    bits=st.lists(st.binary(min_size=1, max_size=5), min_size=1, max_size=4),
    sheets=st.sampled_from([False, False, True]),
)
def test_bytes_put_in_taken_out_and_cut_off(seed, table, bits, sheets):
    luck = random.Random(seed)
    with tempfile.TemporaryDirectory() as there:
        if sheets:
            path = workbook(full(), Path(there, "a.xlsx"))
            target = path
        else:
            path = folder(full(), Path(there, "a"))
            target = path / f"{table}.csv"
        data = bytearray(target.read_bytes())
        for bit in bits:
            at = luck.randrange(len(data) + 1)
            data[at : at + luck.choice([0, 0, len(bit), 40, 10**6])] = bit
        target.write_bytes(data)
        agency_or_problems(path)
