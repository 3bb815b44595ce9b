"""Claim: whatever is wrong with an agency is told, all of it at once, with its place and what to do."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from agency_files import Cells, contoh, folder, put, workbook

from sim.agency import Doubt, check_agency, load_agency
from sim.agency.parse import Wrong, number
from sim.errors import Problem, Problems

NIK, NIP = "7371" + "010190" + "000123", "19850101" + "201001" + "1" + "007"

CASES = [
    # table, row, column, value -> column named, words of the message
    ("units", 2, "pns", "-3", "pns", "negative"),
    ("units", 2, "pns", "two", "pns", "not a number"),
    ("units", 2, "pns", "2.5", "pns", "whole number"),
    ("units", 2, "pns", "", "pns", "empty"),
    ("units", 2, "absence", "0.9", "absence", "out of range.*0 to 0.6"),
    ("units", 2, "absence", "12 %", "absence", "percentage"),
    ("units", 2, "ikm", "nan", "ikm", "not a number"),
    ("units", 2, "ikm", "1e999", "ikm", "finite"),
    ("units", 2, "kind", "servise", "kind", "'service' meant"),
    ("units", 2, "speed", "0.8", "speed", "sum to 1.45"),
    ("units", 2, "unit", "duk capil", "unit", "not a code"),
    ("units", 2, "label_id", "=1+1", "label_id", "formula"),
    ("units", 2, "label_id", "Dinas\u200b", "label_id", "U\\+200B"),
    ("units", 2, "status", "X", "status", "V, V2, M, D, A"),
    ("units", 2, "source", "", "source", "empty"),
    ("units", 4, "kind", "service", "unit", "no row in the table 'services'"),
    ("services", 2, "demand", "-1", "demand", "negative"),
    ("services", 2, "unit", "dukcapi", "unit", "no unit 'dukcapi'.*'dukcapil' meant"),
    ("services", 2, "unit", "disdik", "unit", "is a unit of kind 'programme'"),
    ("services", 2, "staff", "16", "staff", "the unit has 15"),
    ("services", 3, "service", "ktp", "service", "already in row 2"),
    ("demand", 2, "service", "ktpp", "service", "no service 'ktpp'.*'ktp' meant"),
    ("demand", 2, "index", "6", "index", "no unit of this service is open on weekday 6"),
    ("complaints", 2, "share", "0.9", "share", "sum to 1.35"),
    ("programmes", 2, "unit", "dukcapil", "unit", "is a unit of kind 'service'"),
    ("agency", 4, "value", "-5", "value", "negative"),
    ("agency", 4, "value", "many", "value", "not a number"),
    ("agency", 4, "key", "populasi", "key", "'population' is missing.*'populasi' meant"),
    ("courses", 2, "seats", "0", "seats", "out of range.*from 1"),
]


def problems_of(path: Path) -> list[Problem]:
    with pytest.raises(Problems) as raised:
        load_agency(path)
    assert raised.value.problems
    assert all(not isinstance(p, Doubt) for p in raised.value.problems)
    assert all(p.what and p.do for p in raised.value.problems)
    return raised.value.problems


@pytest.mark.parametrize(("table", "row", "column", "value", "named", "words"), CASES)
def test_a_wrong_cell_is_named_in_csv(tmp_path, table, row, column, value, named, words):
    found = problems_of(folder(put(contoh(), table, row, column, value), tmp_path / "a"))
    told = [p for p in found if p.where.startswith(f"{table}.csv") or "no row in" in str(p.what)]
    match = [p for p in told if p.column == named and re.search(words, f"{p.what} {p.do}")]
    assert match, [str(p) for p in found]
    assert match[0].row in (row, None)


@pytest.mark.parametrize(("table", "row", "column", "value", "named", "words"), CASES[:6])
def test_a_wrong_cell_is_named_in_excel(tmp_path, table, row, column, value, named, words):
    found = problems_of(workbook(put(contoh(), table, row, column, value), tmp_path / "a.xlsx"))
    letter = "FGHIJKLMNO"[("pns", "pppk", "retiring", "absence", "ikm").index(named)]
    match = [p for p in found if p.column == f"{named} ({letter})" and p.where == f"a.xlsx, sheet {table}"]
    assert match, [str(p) for p in found]
    assert match[0].row == row
    assert re.search(words, f"{match[0].what} {match[0].do}")


def test_all_problems_are_told_at_once(tmp_path):
    tables = contoh()
    for table, row, column, value, _, _ in CASES[:4]:
        put(tables, table, row + 1, column, value)
    put(tables, "services", 2, "demand", "-1")
    put(tables, "services", 3, "unit", "nowhere")
    put(tables, "complaints", 2, "share", "x")
    path = folder(tables, tmp_path / "a")
    (path / "courses.csv").unlink()
    found = problems_of(path)
    assert {p.where for p in found} == {"units.csv", "services.csv", "complaints.csv", "courses.csv"}
    assert len(found) == 5  # the four of units overwrite one another


def test_a_wrong_row_brings_no_false_alarms(tmp_path):
    """A unit whose row is wrong is still there for its services."""
    found = problems_of(folder(put(contoh(), "units", 2, "pns", "x"), tmp_path / "a"))
    assert [(p.where, p.row, p.column) for p in found] == [("units.csv", 2, "pns")]


@pytest.mark.parametrize("write", [folder, workbook])
def test_every_missing_table_is_told(tmp_path, write):
    tables = contoh()
    tables["servis"] = tables.pop("services")
    del tables["courses"]
    path = write(tables, tmp_path / ("a" if write is folder else "a.xlsx"))
    text = "\n".join(map(str, check_agency(path)))
    assert re.search(r"services.*missing.*'servis' meant", text)
    assert re.search(r"courses.*missing", text)
    assert re.search(r"warning: .*servis.*not read", text)


def test_columns_missing_unknown_and_twice(tmp_path):
    tables = contoh()
    heading = tables["units"][0]
    heading[heading.index("absence")] = "absense"
    heading[heading.index("pppk")] = "pns"
    found = problems_of(folder(tables, tmp_path / "a"))
    text = "\n".join(map(str, found))
    assert re.search(r"row 1, column absense: this column is unknown. Is 'absence' meant", text)
    assert re.search(r"row 1, column absence: this column is missing. Is 'absense' meant", text)
    assert re.search(r"row 1, column pns: this column is there twice", text)
    assert re.search(r"row 1, column pppk: this column is missing", text)


def test_rows_too_long_short_and_repeated(tmp_path):
    tables = contoh()
    tables["units"][1].append("more")
    tables["units"][2].pop()
    tables["complaints"].append(list(tables["complaints"][1]))
    tables["courses"][1].append("")  # an empty cell at the end does no harm
    found = problems_of(folder(tables, tmp_path / "a"))
    assert [(p.where, p.row) for p in found if "long" in str(p.what) or "short" in str(p.what)] == [
        ("units.csv", 2),
        ("units.csv", 3),
    ]
    assert next((p.row, str(p.what)) for p in found if p.where == "complaints.csv") == (
        6,
        "this row is the same as row 2.",
    )


def test_rows_count_as_the_user_sees_them(tmp_path):
    tables = put(contoh(), "units", 4, "pns", "x")
    tables["units"].insert(2, [""] * len(tables["units"][0]))
    tables["units"][1][1] = "Dinas\nDukcapil"
    found = problems_of(folder(tables, tmp_path / "a"))
    assert [p.row for p in found if p.column == "pns"] == [5]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        ("key,value\nnama,Kota \xe9".encode("latin-1"), "row 2.*not UTF-8 .byte 0xE9.*CSV UTF-8"),
        ("key,value\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest", "Excel workbook under the name"),
        (b"key,value\n\x00,1", "NUL"),
        (b'key,value\n"open', "cannot be separated"),
        (b"key,value,unit,source,status\n", "no rows"),
    ],
)
def test_files_that_are_no_table(tmp_path, data, words):
    path = folder(contoh(), tmp_path / "a")
    (path / "agency.csv").write_bytes(data)
    assert any(re.search(words, str(p)) for p in problems_of(path)), problems_of(path)


@pytest.mark.parametrize("table", ["units", "complaints", "courses"])
def test_a_table_without_rows_is_refused_where_rows_are_needed(tmp_path, table):
    tables = contoh()
    del tables[table][1:]
    assert any("no rows" in str(p.what) for p in problems_of(folder(tables, tmp_path / "a")))


@pytest.mark.parametrize("data", [b"", b"not a zip", b"PK\x03\x04" + bytes(50)])
def test_a_damaged_workbook_is_told(tmp_path, data):
    (tmp_path / "a.xlsx").write_bytes(data)
    assert "Excel could not have written" in str(problems_of(tmp_path / "a.xlsx")[0])


def test_excel_dates_formulas_and_booleans(tmp_path):
    tables = put(contoh(), "units", 2, "pns", date(2025, 2, 1))
    put(tables, "units", 3, "pns", True)
    put(tables, "units", 4, "pns", "=1+1")
    text = "\n".join(map(str, problems_of(workbook(tables, tmp_path / "a.xlsx"))))
    assert re.search(r"row 2, column pns \(F\): Excel took this for a date", text)
    assert re.search(r"row 3, column pns \(F\): 'True' is not a number", text)
    assert re.search(r"row 4, column F: the formula has no result", text)


@pytest.mark.parametrize("path", ["nowhere/at-all", "contho", "nothing.xlsx"])
def test_what_is_not_there(path):
    assert "there is no" in str(problems_of(Path(path))[0])


def test_a_misspelt_name_finds_the_shipped_one():
    assert "'jambi' meant" in str(problems_of("jamby")[0])


# Personal data


@pytest.mark.parametrize(
    "secret", [NIK, NIP, "19850101 201001 1 007", f"pegawai {NIP}.", "73.71.01.010190.0001"]
)
@pytest.mark.parametrize("write", [folder, workbook])
def test_personal_numbers_are_refused_and_not_echoed(tmp_path, secret, write):
    tables = put(contoh(), "units", 2, "label_id", secret)
    put(tables, "services", 2, "demand", secret)
    put(tables, "services", 3, "unit", secret)
    put(tables, "units", 1, "access", secret)
    tables["staff"] = [["name", "nip"], ["-", secret]]
    path = write(tables, tmp_path / ("a" if write is folder else "a.xlsx"))
    found = check_agency(path)
    personal = [p for p in found if "personal data" in str(p.what)]
    assert {(re.search(r"units|services|staff", p.where)[0], p.row) for p in personal} == {
        ("units", 1),
        ("units", 2),
        ("services", 2),
        ("services", 3),
        ("staff", 2),
    }
    digits = re.sub(r"\D", "", secret)
    assert not any(secret in str(p) or digits in re.sub(r"\D", "", str(p)) for p in found)


def test_a_number_typed_into_excel_is_personal_too(tmp_path):
    tables = put(contoh(), "agency", 4, "value", float(NIK))
    assert any("personal" in str(p.what) for p in check_agency(workbook(tables, tmp_path / "a.xlsx")))
    tables = put(contoh(), "agency", 4, "value", "1.98501E+17")
    assert any("personal" in str(p.what) for p in check_agency(folder(tables, tmp_path / "a")))


def test_long_decimals_are_not_personal(tmp_path):
    tables = put(contoh(), "units", 2, "absence", "0.1234567890123456")
    assert load_agency(folder(tables, tmp_path / "a")).units[0].absence == 0.1234567890123456


# Indonesian Excel


def test_semicolons_and_decimal_commas_read_the_same(tmp_path):
    def swap(cell: object) -> object:
        return str(cell).replace(".", ",") if re.fullmatch(r"\d+\.\d+", str(cell)) else cell

    tables: Cells = contoh()
    comma = {table: [[swap(c) for c in row] for row in rows] for table, rows in tables.items()}
    assert load_agency(folder(comma, tmp_path / "a", delimiter=";")) == load_agency("contoh")


def test_semicolons_mean_decimal_commas_where_both_could_be_meant(tmp_path):
    tables = put(contoh(), "units", 2, "ikm", "81,761")
    assert load_agency(folder(tables, tmp_path / "a", delimiter=";")).units[0].ikm == 81.761
    assert "may mean two numbers" in str(problems_of(folder(tables, tmp_path / "b"))[0].what)


def test_a_byte_order_mark_is_no_problem(tmp_path):
    path = folder(contoh(), tmp_path / "a")
    for file in path.iterdir():
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert load_agency(path) == load_agency("contoh")


CLEAR = [
    ("12.5", ".", 12.5),
    ("12,5", ".", 12.5),
    ("12.5", ",", 12.5),
    ("81.761", ".", 81.761),
    ("81,761", ",", 81.761),
    ("0,125", ".", 0.125),
    ("0.125", ",", 0.125),
    ("5,68E+12", ",", 5.68e12),
    ("-3", ".", -3.0),
    (" 7 ", ".", 7.0),
]
UNCLEAR = [
    ("1,250", "."),
    ("1.250", ","),
    ("1.250.000", "."),
    ("1.250.000", ","),
    ("1,250,000", ","),
    ("1.250,5", ","),
]
NO_NUMBERS = ["", "1 000", "1_000", "Rp 5", "0x10", "١٢", "inf", "--1", "1e999"]


@pytest.mark.parametrize(("text", "mark", "value"), CLEAR)
def test_numbers_that_are_clear(text, mark, value):
    assert number(text, mark) == value


@pytest.mark.parametrize(("text", "mark"), [*UNCLEAR, *((text, ".") for text in NO_NUMBERS)])
def test_numbers_that_are_not(text, mark):
    with pytest.raises(Wrong):
        number(text, mark)


# Doubts


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "words"),
    [
        (
            "services",
            2,
            "demand",
            "200",
            "units.csv, row 2.*imply a utilisation of 1.20, not the stated 0.85",
        ),
        ("services", 2, "demand", "200", "services.csv, row 2, column staff: it brings 1.6. times the work"),
        ("services", 2, "demand", "900", "units.csv, row 2.*the desk would be overloaded"),
        ("units", 4, "utilisation", "0.8", "programme unit has no desk"),
        ("demand", 2, "factor", "9", "services.csv, row 2, column demand.*average 2.57"),
        ("agency", 15, "value", "2", "lebaran_peak"),
        ("agency", 5, "value", "1", "45 officers, more than"),
    ],
)
def test_what_is_odd_is_a_doubt_and_loads(tmp_path, table, row, column, value, words):
    tables = put(contoh(), table, row, column, value)
    if table == "agency" and row == 5:
        put(tables, table, 6, column, "1")
    path = folder(tables, tmp_path / "a")
    found = check_agency(path)
    assert all(isinstance(p, Doubt) for p in found)
    assert any(re.match("warning: .*" + words, str(p)) for p in found), [str(p) for p in found]
    load_agency(path)
