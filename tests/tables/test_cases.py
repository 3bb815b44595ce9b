"""Claim: files as people have them are read right, or refused with their rows and the cure; nothing is guessed.

A test is named after the small file that failed once; beside it stand siblings of the same kind. All of it is made up.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.cli import main
from sim.errors import KinerjaError, Problems
from sim.inference import (
    difference_in_differences,
    event_log,
    ordered_model,
    predikat_compliance,
    read_360,
    read_complaints,
    read_events,
    read_panel,
    read_ratings,
)
from sim.inference.evaluation.report import evaluation_report
from sim.inference.ratings.report import ratings_report
from sim.tables import read_cells, record, rows_text, sentences
from sim.tables.delimited import regular, rows_of

RATING = {"ratee": "pegawai", "rater": "penilai", "score": "nilai"}
PANEL: dict[str, Any] = {"person": "unit", "period": "bulan", "numbers": ["hari"], "flags": ["dilatih"]}
LOG = {"case": "kasus", "activity": "kegiatan", "time": "waktu"}
REGISTER = {"opened": "buka", "closed": "tutup"}


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str | bytes, name: str = "f.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
        return path

    return write


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    def write(rows: list[list[object]], change: Callable[[Any, Any], None] | None = None) -> Path:
        workbook = openpyxl.Workbook()
        for row in rows:
            workbook.active.append(row)
        if change:
            change(workbook, workbook.active)
        workbook.save(tmp_path / "b.xlsx")
        return tmp_path / "b.xlsx"

    return write


def scores(*cells: object, heading: str = "nilai") -> str:
    """A file of ratings with semicolons, one a row."""
    return f"pegawai;penilai;{heading}\n" + "".join(f"a{k};r{k % 2};{c}\n" for k, c in enumerate(cells))


def panel(*names: object, comma: str = ",") -> str:
    """A panel of four units; half of them are treated from the middle on."""
    rows = [comma.join(["unit", "bulan", "hari", "dilatih"])]
    for u in range(4):
        for k, name in enumerate(names):
            on = int(u < 2 and k >= len(names) // 2)
            rows.append(comma.join(map(str, [f"u{u}", name, 20 + u + (k % 2) - 3 * on, on])))
    return "\n".join(rows) + "\n"


def problem(call: Callable[[], object]) -> str:
    with pytest.raises(Problems) as caught:
        call()
    return str(caught.value)


# ---- numbers -----------------------------------------------------------------------------------------------------


def test_f02_thousands_point(file: Callable[..., Path], tmp_path: Path) -> None:
    """1.003 beside 952 is a thousand days, not one; refused, with what the column shows."""
    text = "unit;bulan;hari;dilatih\nu00;1;1.000;0\nu00;2;1.003;0\nu00;3;952;1\nu01;1;1.024;0\nu01;2;940;1\n"
    said = problem(lambda: read_panel(file(text), **PANEL))
    assert "column hari: 3 cells such as '1.000' may mean two numbers (rows 2-3, 5)" in said
    assert "'952' in row 4" in said
    assert "--decimal" in said
    with pytest.raises(Problems, match="may mean two numbers"):
        evaluation_report(file(text), "hari", "unit", "bulan", "dilatih", tmp_path / "o.html")
    assert read_panel(file(text), decimal=".", **PANEL)["hari"].tolist()[:2] == [1.0, 1.003]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["80", "81,5"], [80, 81.5]),
        (["80", "81.5"], [80, 81.5]),
        (["1.250", "3.5"], [1.25, 3.5]),  # 3.5 shows the mark
        (["1,250", "0,5"], [1.25, 0.5]),
        (["0.250", "0.125"], [0.25, 0.125]),  # groups of thousands do not begin with zero
        (["1.2345", "-2"], [1.2345, -2]),
        (["1e3", "2"], [1000, 2]),
        (["", "3"], [np.nan, 3]),
        (["\u22123", "+4"], [-3, 4]),
        ([" 3 ", "\u00a04"], [3, 4]),
        ([".5", "1"], [0.5, 1]),
    ],
)
def test_numbers_that_are_sure_are_read(
    file: Callable[..., Path], cells: list[str], values: list[float]
) -> None:
    found = read_ratings(file(scores(*cells)), **RATING)["nilai"]
    np.testing.assert_array_equal(found, values)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["1.250", "1.300"], r"2 cells such as '1.250' may mean two numbers \(rows 2-3\)"),
        (["1,250", "900"], "may mean two numbers"),
        (["3,5", "1.250"], r"'3,5' in row 2 shows that the decimal mark is ,"),
        (["3,5", "4.5"], "contradict the decimal mark"),
        (["1.250.000", "3"], "thousands separators"),
        (["1.250,5", "3"], "thousands separators"),
        (["80%", "3"], "are percentages"),
        (["80,", "3"], "are not numbers"),
        (["3 4", "3"], "are not numbers"),
        (["٣", "x3", "1"], "are not numbers"),
        (["inf", "3"], r"infinite \(rows 2\)"),
        (["-Infinity", "3"], "infinite"),
        (["1e999", "3"], "infinite|not numbers"),
        (["NA", "3"], r"--missing=NA"),
        (["-", "3"], r"--missing=-"),
        (["nan", "3"], "--missing=nan"),
        (["#N/A", "3"], "errors of the spreadsheet"),
        (["2", "3", "2025-01-01", "5"], r"1 cells are not numbers \(rows 4\)"),
    ],
)
def test_numbers_that_are_not_sure_are_refused(
    file: Callable[..., Path], cells: list[str], says: str
) -> None:
    with pytest.raises(Problems, match=says):
        read_ratings(file(scores(*cells)), **RATING)


def test_inf_score(file: Callable[..., Path]) -> None:
    with pytest.raises(Problems, match=r"column s: 1 values are infinite \(rows 2\)"):
        read_ratings(file("p,r,s\na,b,inf\nb,b,3\n"), ratee="p", rater="r", score="s")


def test_text_in_a_frame_is_read_by_the_same_rules() -> None:
    frame = pd.DataFrame({"pegawai": ["a", "b"], "penilai": ["x", "y"], "nilai": ["1.250", "900"]})
    with pytest.raises(Problems, match="may mean two"):
        read_ratings(frame, **RATING)
    typed = frame.assign(nilai=[1.25, 900.0])
    assert read_ratings(typed, **RATING)["nilai"].tolist() == [1.25, 900.0]


def test_columns_nobody_named_are_numbers_only_where_that_is_sure(file: Callable[..., Path]) -> None:
    text = "pegawai;penilai;nilai;umur;kode;gaji\na;x;3;41;007;1.250\nb;y;4;38;012;1.300\n"
    found = read_ratings(file(text), **RATING)
    assert found["umur"].tolist() == [41, 38]
    assert found["kode"].tolist() == ["007", "012"]
    assert found["gaji"].tolist() == ["1.250", "1.300"]
    assert any("gaji" in str(s) for s in sentences(found))


# ---- missing -----------------------------------------------------------------------------------------------------


def test_f07_rater_called_na(file: Callable[..., Path], tmp_path: Path) -> None:
    rows = [
        f"a{k},{r},{70 + 6 * (k % 2) + k + j + (k * j * 7) % 5}"
        for k in range(8)
        for j, r in enumerate(["NA", "R1", "R2", "R3"])
    ]
    path = file("pegawai,penilai,nilai\n" + "\n".join(rows) + "\n")
    found = read_ratings(path, **RATING)
    assert found["penilai"].notna().sum() == 32
    page = ratings_report(path, "nilai", "pegawai", "penilai", tmp_path / "r.html", lang="en")
    assert "32 rows were read, 32 are used." in page.read_text(encoding="utf-8")
    page = ratings_report(path, "nilai", "pegawai", "penilai", tmp_path / "r.html", lang="en", missing=["NA"])
    assert "32 rows were read, 24 are used; left out: 8 without a rater." in page.read_text(encoding="utf-8")


def test_missing_words_are_taken_where_the_user_says_so(
    file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = file(scores("NA", "3", "-", "4"))
    found = read_ratings(path, missing=["na", "-"], **RATING)
    np.testing.assert_array_equal(found["nilai"], [np.nan, 3, np.nan, 4])
    assert any("2 cells with na, - were taken as empty" in s.text(lang="en") for s in sentences(found))
    ask = [
        "--lang",
        "en",
        "ratings",
        str(path),
        "--score",
        "nilai",
        "--ratee",
        "pegawai",
        "--rater",
        "penilai",
    ]
    out = ["--out", str(path.with_suffix(".html"))]
    assert main([*ask, *out]) == 2
    assert "--missing" in capsys.readouterr().err
    assert main([*ask, "--missing=NA,-", *out]) == 0


# ---- rows and headings -------------------------------------------------------------------------------------------


def test_f04_unquoted_decimal_comma(file: Callable[..., Path]) -> None:
    said = problem(lambda: read_ratings(file("pegawai,penilai,nilai\n100,1,81,0\n100,2,82,5\n"), **RATING))
    assert "row 2: 2 rows are too long: up to 4 cells under 3 headings (rows 2-3)" in said
    assert "double quotes" in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pegawai,penilai,nilai\na,b\nb,c,3\n", r"1 rows are too short for 3 headings \(rows 2\)"),
        ("pegawai,nilai,penilai,Nilai\na,1,b,2\n", "there twice"),
        ("pegawai,,penilai,nilai\na,x,b,2\n", "column 2 has cells but no heading"),
        ("Rekap penilaian 2025\npegawai,penilai,nilai\na,b,3\n", r"looks like a title \(rows 1\)"),
        ("Rekap;;\nDinas X;;\npegawai;penilai;nilai\na;b;3\n", r"looks like a title \(rows 1-2\)"),
        ("pegawai,penilai,nilai\na,b,3\nJumlah,,3\n", r"row of totals \(rows 3\)"),
        ("pegawai,penilai,nilai\na,b,3\nTOTAL,,3\nRata-rata,,3\n", r"row of totals \(rows 3-4\)"),
        (
            "pegawai,penilai,nilai\na,b,3\npegawai,penilai,nilai\nb,c,3\n",
            r"heading stands there again \(rows 3\)",
        ),
        ('pegawai,penilai,nilai\na,"b,3\n', "quotation mark"),
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
    ],
)
def test_tables_that_do_not_fit_are_refused(file: Callable[..., Path], text: str, says: str) -> None:
    with pytest.raises(Problems, match=says):
        read_ratings(file(text), **RATING)


def test_f18_sep_line(file: Callable[..., Path]) -> None:
    found = read_ratings(file("sep=;\npegawai;penilai;nilai\na;x;80\n"), **RATING)
    assert found["nilai"].tolist() == [80.0]
    assert len(read_ratings(file("sep=,\r\npegawai,penilai,nilai\r\na,x,80\r\n"), **RATING)) == 1


def test_quoted_as_r_writes(file: Callable[..., Path]) -> None:
    names = {"ratee": "p", "rater": "r", "score": "s"}
    assert read_ratings(file('"p","r","s"\n"a","b",3\n"b","a",4\n'), **names)["s"].tolist() == [3, 4]
    found = read_ratings(file('"","p","r","s"\n"1","a","b",3\n"2","b","a",4\n'), **names)
    assert found.columns.tolist() == ["p", "r", "s"]
    assert any("R writes" in str(s) for s in sentences(found))
    assert len(read_ratings(file('"p","r","s"\n"a","say ""b"", c",3\n'), **names)) == 1


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("pegawai\tpenilai\tnilai\na\tx\t80,5\n", "utf-8", "f.tsv"),
        ("pegawai;penilai;nilai\na;x;80,5\n", "utf-8-sig", "f.csv"),
        ("pegawai;penilai;nilai\na;x;80,5\n", "utf-16", "f.csv"),
        ("pegawai;penilai;nilai\na;x;80,5\n", "utf-16-le", "f.csv"),
        ("pegawai;penilai;nilai;catatan\na;x;80,5;caf\u00e9\n", "cp1252", "f.csv"),
        ("pegawai,penilai,nilai,,,\na,x,80.5,,,\n", "utf-8", "f.csv"),
        ("pegawai,penilai,nilai\r\na,x,80.5\r\n\r\n\r\n", "utf-8", "f.txt"),
        ("PEGAWAI; Penilai ;NILAI\na;x;80,5\n", "utf-8", "f.csv"),
        ('pegawai;penilai;nilai;"hari (Sen, Sel, Rab, Kam)"\na;x;80,5;1\n', "utf-8", "f.csv"),
    ],
)
def test_files_however_they_are_written(
    file: Callable[..., Path], text: str, encoding: str, name: str
) -> None:
    found = read_ratings(file(text, name, encoding), **RATING)
    assert (found["pegawai"].tolist(), found["penilai"].tolist(), found["nilai"].tolist()) == (
        ["a"],
        ["x"],
        [80.5],
    )


def test_damaged_files_are_told_in_words(file: Callable[..., Path]) -> None:
    good = gzip.compress(b"pegawai,penilai,nilai\na,x,80\n" * 50)
    for data, name, says in [
        (good[:-20], "f.csv.gz", "damaged or cut short"),
        (b"no gzip", "g.csv.gz", "damaged or cut short"),
        (b"PK\x03\x04 cut", "h.xlsx", "cannot be read"),
        (b"", "i.xlsx", "cannot be read"),
        (b"PAR1 cut", "j.parquet", "cannot be read"),
        (b"PK\x03\x04 x", "k.csv", "workbook under the name of a CSV"),
        (b"a,b\0c\n" + bytes(range(256)), "l.csv", "NUL|encoding"),
    ]:
        with pytest.raises(KinerjaError, match=says):
            read_ratings(file(data, name), **RATING)


def test_empty_rows_are_counted_and_footers_told(file: Callable[..., Path]) -> None:
    found = read_ratings(file("pegawai,penilai,nilai\na,x,1\n,,\nb,y,2\n,,\nSumber: BKD,,\n"), **RATING)
    assert found["nilai"].tolist() == [1, 2]
    said = [s.text(lang="en") for s in sentences(found)]
    assert said[0] == "3 rows were read, 2 are used; left out: 1 empty rows."
    assert any("rows 6" in s for s in said)


# ---- identities --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["1,980E+17", "1.98E+17", "1,98E17", "2E+15"])
def test_f06_id_in_scientific_notation(file: Callable[..., Path], cell: str) -> None:
    text = f"pegawai;penilai;nilai\n{cell};r0;70\n{cell};r1;71\nb;r0;72\n"
    said = problem(lambda: read_ratings(file(text), **RATING))
    assert (
        "column pegawai: Long numbers were stored as numbers and lost their last digits (2 cells, rows 2-3)"
        in said
    )
    said = problem(lambda: read_ratings(file(text), pseudonyms=["pegawai"], project="x", **RATING))
    assert "lost their last digits" in said


def test_lost_digits_are_seen_in_pseudonym_columns_of_any_file(
    book: Callable[..., Path], file: Callable[..., Path]
) -> None:
    rows: list[list[object]] = [
        ["pegawai", "penilai", "nilai", "nip"],
        ["a", "x", 3, 198001012005011000],
        ["b", "y", 4, 198101012005011000],
    ]
    with pytest.raises(Problems, match=r"column nip: .*lost their last digits \(2 cells, rows 2-3\)"):
        read_ratings(book(rows), pseudonyms=["nip"], project="x", **RATING)
    text = "pegawai,penilai,nilai\n198001012005011000,x,3\n198101012006011000,x,4\n"  # saved by a spreadsheet as CSV
    with pytest.raises(Problems, match="lost their last digits"):
        read_ratings(file(text), pseudonyms=["pegawai"], project="x", **RATING)
    assert read_ratings(file("pegawai,penilai,nilai\n001,2E3,3\n002,E+1,4\n"), **RATING)[
        "penilai"
    ].tolist() == ["2E3", "E+1"]


# ---- workbooks ---------------------------------------------------------------------------------------------------


def test_f10_half_formulas_without_result(book: Callable[..., Path]) -> None:
    rows: list[list[object]] = [
        ["pegawai", "penilai", "nilai"],
        ["a", "x", 70],
        ["a", "y", "=70+1"],
        ["b", "x", "=C2"],
    ]
    with pytest.raises(Problems, match=r"column C: 2 formulas have no result \(rows 3-4\)"):
        read_ratings(book(rows), **RATING)


def test_errors_of_the_spreadsheet_are_refused(book: Callable[..., Path]) -> None:
    rows: list[list[object]] = [["pegawai", "penilai", "nilai"], ["a", "#N/A", 70], ["a", "y", "#DIV/0!"]]
    said = problem(lambda: read_ratings(book(rows), **RATING))
    assert "penilai: 1 cells are errors" in said


def test_f08_dates_in_format_general(book: Callable[..., Path]) -> None:
    rows: list[list[object]] = [["buka", "tutup"], [45721, 45722], [45730, 45735.5]]
    found = read_complaints(book(rows), **REGISTER)
    assert found["buka"].tolist() == [pd.Timestamp(2025, 3, 5), pd.Timestamp(2025, 3, 14)]
    assert found["tutup"].tolist()[1] == pd.Timestamp(2025, 3, 19, 12)
    assert any("row 2: 2025-03-05" in str(s) for s in sentences(found))

    def since_1904(workbook: Any, sheet: Any) -> None:
        workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    found = read_complaints(book([["buka", "tutup"], [44259, 44260]], since_1904), **REGISTER)
    assert found["buka"].tolist() == [pd.Timestamp(2025, 3, 5)]


def test_merged_cells_title_rows_and_totals_of_a_sheet(book: Callable[..., Path]) -> None:
    rows: list[list[object]] = [["pegawai", "penilai", "nilai"], ["a", "x", 3], [None, "y", 4], ["b", "x", 5]]
    with pytest.raises(Problems, match=r"cells are merged \(A2:A3\)"):
        read_ratings(book(rows, lambda w, s: s.merge_cells("A2:A3")), **RATING)
    with pytest.raises(Problems, match=r"title \(rows 1-2\)"):
        read_ratings(book([["Rekap"], ["2025"], *rows]), **RATING)
    with pytest.raises(Problems, match=r"totals \(rows 5\)"):
        read_ratings(book([*rows, ["Jumlah", None, 12]]), **RATING)


def test_hidden_rows_and_sheets_are_told(book: Callable[..., Path]) -> None:
    rows: list[list[object]] = [["pegawai", "penilai", "nilai"], ["a", "x", 3], ["b", "y", 4]]

    def hide(workbook: Any, sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["B"].hidden = True
        other = workbook.create_sheet("lama")
        other.append(["x"])
        other.sheet_state = "hidden"
        workbook.create_sheet("Lain").append(["y"])

    found = read_ratings(book(rows, hide), **RATING)
    said = " ".join(s.text(lang="en") for s in sentences(found))
    assert "Rows 3 are hidden" in said
    assert "Columns B are hidden" in said
    assert "Hidden sheets were not read: lama" in said
    assert "The sheet Sheet was read; Lain were not" in said
    assert len(found) == 2
    with pytest.raises(KinerjaError, match="there is no sheet Tidak"):
        read_ratings(book(rows, hide), sheet="Tidak", **RATING)


def test_a_stray_cell_in_the_last_row_costs_nothing(book: Callable[..., Path]) -> None:
    rows: list[list[object]] = [["pegawai", "penilai", "nilai"], ["a", "x", 3], ["b", "y", 4]]
    found = read_ratings(book(rows, lambda w, s: s.cell(1_048_576, 1, "x")), **RATING)
    assert len(found) == 2
    assert any("1048576" in str(s) for s in sentences(found))

    def more(workbook: Any, sheet: Any) -> None:
        for column in (1, 2, 3):
            sheet.cell(500, column, "x")

    with pytest.raises(Problems, match="there are more"):
        read_ratings(book(rows, more), **RATING)


# ---- dates -------------------------------------------------------------------------------------------------------


def test_f03_day_first_log(file: Callable[..., Path]) -> None:
    text = (
        "kasus,kegiatan,waktu\n1,masuk,13/03/2025 08:00\n1,selesai,13/03/2025 10:00\n"
        "2,masuk,05/03/2025 08:00\n2,selesai,06/03/2025 08:00\n"
    )
    for frame in (read_events(file(text), **LOG), pd.read_csv(file(text))):
        assert event_log(frame, **LOG).table()["seconds"].tolist() == [7200.0, 86400.0]


def test_f12_two_offsets(file: Callable[..., Path]) -> None:
    path = file(
        "kasus,kegiatan,waktu\n1,masuk,2025-01-01T08:00:00+07:00\n1,selesai,2025-01-01T10:00:00+08:00\n"
    )
    with pytest.raises(Problems, match="another offset from UTC"):
        read_events(path, **LOG)
    with pytest.raises(Problems, match="Name the time zone"):
        event_log(pd.read_csv(path), **LOG)
    for zone in ("Asia/Jakarta", "Asia/Makassar"):
        found = read_events(path, timezone=zone, **LOG)
        assert event_log(found, **LOG).table()["seconds"].tolist() == [3600.0]
    with pytest.raises(KinerjaError, match="no time zone"):
        read_events(path, timezone="Asia/Bandung", **LOG)


def test_f19_iso_and_day_first(file: Callable[..., Path]) -> None:
    found = read_complaints(file("buka,tutup\n2025-03-04,2025-06-28\n05/03/2025,2025-06-28\n"), **REGISTER)
    assert found["buka"].tolist() == [pd.Timestamp(2025, 3, 4), pd.Timestamp(2025, 3, 5)]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("5 Maret 2025", datetime(2025, 3, 5)),
        ("Rabu, 5 Maret 2025 pukul 08.30 WIB", datetime(2025, 3, 5, 8, 30)),
        ("05-Mar-2025", datetime(2025, 3, 5)),
        ("March 5, 2025", datetime(2025, 3, 5)),
        ("5 Agt 2025", datetime(2025, 8, 5)),
        ("13.03.2025", datetime(2025, 3, 13)),
        ("20250305", datetime(2025, 3, 5)),
        ("2025/3/5", datetime(2025, 3, 5)),
        ("2025-03-05T08:00:00Z", datetime(2025, 3, 5, 8)),
        ("13/03/2025 2:15 PM", datetime(2025, 3, 13, 14, 15)),
        ("2025-03-05 24:00", datetime(2025, 3, 6)),
        ("45721", datetime(2025, 3, 5)),
    ],
)
def test_dates_however_they_are_written(file: Callable[..., Path], cell: str, value: datetime) -> None:
    found = read_events(file(f"kasus;kegiatan;waktu\n1;a;{cell}\n"), **LOG)["waktu"]
    found = found if found.dt.tz is None else found.dt.tz_localize(None)
    assert found.tolist() == [pd.Timestamp(value)]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["13/03/2025", "03/14/2025", "05/03/2025"], r"contradict the order of the others \(rows 3\)"),
        (["31/02/2025"], "are not dates"),
        (["2025-13-01"], "are not dates"),
        (["05/03/25"], "year of two digits"),
        (["17"], "are not dates|are numbers"),
        (["12345678901"], "are not dates|are numbers"),
        (["08:00"], "are not dates"),
        (["2025-01-01T08:00+07:00", "2025-01-01T09:00"], r"carry no offset, while others do \(rows 3\)"),
        (["13/13/2025"], "are not dates"),
    ],
)
def test_dates_that_are_not_sure_are_refused(file: Callable[..., Path], cells: list[str], says: str) -> None:
    text = "kasus;kegiatan;waktu\n" + "".join(f"{k};a;{c}\n" for k, c in enumerate(cells))
    with pytest.raises(Problems, match=says):
        read_events(file(text), **LOG)


def test_month_first_is_read_where_the_column_shows_it(file: Callable[..., Path]) -> None:
    found = read_complaints(file("buka,tutup\n03/05/2025,\n03/14/2025,04/01/2025\n"), **REGISTER)
    assert found["buka"].tolist() == [pd.Timestamp(2025, 3, 5), pd.Timestamp(2025, 3, 14)]
    assert found["tutup"].tolist()[1] == pd.Timestamp(2025, 4, 1)  # columns of one file agree
    assert any("month/day/year" in str(s) for s in sentences(found))


def test_times_without_a_date_in_a_sheet_are_refused(book: Callable[..., Path]) -> None:
    with pytest.raises(Problems, match="without a date"):
        read_events(book([["kasus", "kegiatan", "waktu"], [1, "a", time(8, 0)]]), **LOG)


# ---- periods -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["Januari", "Februari", "Maret", "April", "Mei", "Juni"], id="f13_month_names"),
        pytest.param(["202411", "202412", "202501", "202502"], id="f14_yyyymm"),
        ["Jan", "Feb", "Mar", "Apr"],
        ["July", "August", "September", "October"],
        ["NOVEMBER 2024", "DESEMBER 2024", "JANUARI 2025", "FEBRUARI 2025"],
        ["11-2024", "12-2024", "01-2025", "02-2025"],
        ["2024-11", "2024-12", "2025-01", "2025-02"],
        ["TW3/2024", "TW4/2024", "TW1/2025", "TW2/2025"],
        ["TW III 2024", "TW IV 2024", "TW I 2025", "TW II 2025"],
        ["2024Q3", "2024Q4", "2025Q1", "2025Q2"],
        ["Triwulan I", "Triwulan II", "Triwulan III", "Triwulan IV"],
        ["Semester 1 2024", "Semester 2 2024", "Semester 1 2025", "Semester 2 2025"],
        ["31/10/2024", "30/11/2024", "31/12/2024", "31/01/2025"],
        ["bulan 8", "bulan 9", "bulan 10", "bulan 11"],
        ["8", "9", "10", "11"],
        ["2021", "2022", "2023", "2024"],
    ],
)
def test_periods_stand_in_order_of_time(file: Callable[..., Path], names: list[str]) -> None:
    """In every spelling the panel of the file is the same as with periods 1, 2, ...; the frame as it stands, too."""
    path = file(panel(*names, comma=";"))
    found = read_panel(path, **PANEL)
    plain = read_panel(file(panel(*range(1, len(names) + 1)), "plain.csv"), **PANEL)
    np.testing.assert_array_equal(found["hari"], plain["hari"])
    columns = ("hari", "unit", "bulan", "dilatih")
    expected = difference_in_differences(plain, *columns).table()["estimate"].tolist()
    for frame in (found, pd.read_csv(path, sep=";")):
        assert difference_in_differences(frame, *columns).table()["estimate"].tolist() == expected
    order = next(s.text(lang="en") for s in sentences(found) if "in this order" in str(s))
    assert order.index(names[0].split("/")[-1]) < order.index(names[-1])


def test_f13_f14_the_report_shows_the_order_and_the_gaps(file: Callable[..., Path], tmp_path: Path) -> None:
    def page(*names: object) -> str:
        out = evaluation_report(
            file(panel(*names)), "hari", "unit", "bulan", "dilatih", tmp_path / "o.html", lang="en"
        )
        return out.read_text(encoding="utf-8")

    text = page("Januari", "Februari", "Maret", "April")
    assert "4 periods, in this order: Januari, Februari, Maret, April." in text
    assert "No period is missing" in text
    assert "16 rows were read, 16 are used." in text
    assert "these are missing: 2025-01" in page("202411", "202412", "202502", "202503")


def test_f13b_pre_post(file: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    path = file(panel("pre", "post"))
    with pytest.raises(Problems, match="Say the order") as caught:
        read_panel(path, **PANEL)
    assert "--order pre,post" in str(caught.value)
    assert read_panel(path, order=["pre", "post"], **PANEL)["bulan"].tolist()[:2] == [1, 2]
    ask = ["--lang", "en", "evaluate", str(path), "--outcome", "hari", "--unit", "unit", "--time", "bulan"]
    ask += ["--treated", "dilatih", "--out", str(path.with_suffix(".html"))]
    assert main(ask) == 2
    assert "Say the order" in capsys.readouterr().err
    assert main([*ask, "--order", "pre,post"]) == 0
    assert "in this order: pre, post" in path.with_suffix(".html").read_text(encoding="utf-8")
    with pytest.raises(Problems, match="no period of the order given"):
        read_panel(path, order=["pre", "mid"], **PANEL)


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["November", "Desember", "Januari", "Februari"], "run over the end of a year"),
        (["Januari 2025", "Februari", "Maret 2025", "April 2025"], "have no year, while others do"),
        (["awal", "tengah", "akhir", "usai"], "Say the order"),
        (["01/02/2025", "31/02/2025", "01/03/2025", "01/04/2025"], "are not dates"),
    ],
)
def test_periods_without_a_sure_order_are_refused(
    file: Callable[..., Path], names: list[str], says: str
) -> None:
    with pytest.raises(Problems, match=says):
        read_panel(file(panel(*names)), **PANEL)
    with pytest.raises(Problems, match=says):
        difference_in_differences(pd.read_csv(file(panel(*names))), "hari", "unit", "bulan", "dilatih")


@pytest.mark.parametrize("words", [("0", "1"), ("tidak", "ya"), ("No", "YES"), ("FALSE", "TRUE")])
def test_yes_and_no_of_a_panel(file: Callable[..., Path], words: tuple[str, str]) -> None:
    text = f"unit,bulan,hari,dilatih\nu,1,20,{words[0]}\nu,2,18,{words[1]}\n"
    assert read_panel(file(text), **PANEL)["dilatih"].tolist() == [0.0, 1.0]
    with pytest.raises(Problems, match=r"neither 0 nor 1 \(rows 3\)"):
        read_panel(file(text.replace(f",{words[1]}\n", ",mungkin\n")), **PANEL)


# ---- predikat ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "levels",
    [
        pytest.param(["cukup", "baik", "sangat baik"], id="f17_predikat_2019"),
        ["C", "B", "SB"],
        ["K", "C", "B", "SB"],
        ["Buruk", "Kurang", "Cukup", "Baik", "Sangat Baik"],
        ["SANGAT KURANG", "KURANG/MISCONDUCT", "BUTUH PERBAIKAN", "BAIK", "SANGAT BAIK"],
        ["Di Bawah Ekspektasi", "Sesuai Ekspektasi", "Di Atas Ekspektasi"],
    ],
)
def test_predikat_of_old_and_new_scales(file: Callable[..., Path], levels: list[str], tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = [
        f"a{k},r{j},{levels[min(len(levels) - 1, int(rng.integers(0, 2)) + k % len(levels))]}"
        for k in range(12)
        for j in range(4)
    ]
    path = file("pegawai,penilai,nilai,x\n" + "".join(f"{r},{k % 3}\n" for k, r in enumerate(rows)))
    found = read_ratings(path, ordered=None, **RATING)
    assert list(ordered_model(found, score="nilai", fixed="x").levels) == levels
    page = ratings_report(path, "nilai", "pegawai", "penilai", tmp_path / "r.html", lang="en")
    assert "48 rows were read, 48 are used." in page.read_text(encoding="utf-8")


def test_spellings_of_one_predikat_are_one_level(file: Callable[..., Path]) -> None:
    found = read_ratings(
        file(scores("Baik", "BAIK", "baik ", "Baik", "SB", "Sangat  Baik", "sangat baik")),
        ordered=True,
        **RATING,
    )
    assert set(found["nilai"]) == {"Baik", "SB"} or len(set(found["nilai"])) == 2
    assert any("Spellings of one predikat" in str(s) for s in sentences(found))
    with pytest.raises(Problems, match="older scale"):
        read_ratings(file(scores("cukup", "butuh perbaikan", "baik")), ordered=True, **RATING)
    with pytest.raises(Problems, match="--missing=-"):
        read_ratings(file(scores("baik", "-", "sangat baik")), ordered=None, **RATING)


def test_other_words_need_their_order_and_the_advice_exists(
    file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["merah", "kuning", "hijau"]
    path = file(
        "pegawai,penilai,nilai\n"
        + "".join(f"a{k},r{j},{words[(k + j * k) % 3]}\n" for k in range(9) for j in range(3))
    )
    ask = [
        "--lang",
        "en",
        "ratings",
        str(path),
        "--score",
        "nilai",
        "--ratee",
        "pegawai",
        "--rater",
        "penilai",
    ]
    ask += ["--out", str(path.with_suffix(".html"))]
    assert main(ask) == 2
    assert "--levels" in capsys.readouterr().err
    assert main([*ask, "--levels", "merah,kuning,hijau"]) == 0
    assert main([*ask, "--levels", "merah,hijau"]) == 2
    assert "none of the levels given" in capsys.readouterr().err


def test_compliance_knows_the_old_spellings() -> None:
    data = pd.DataFrame({"unit": "A", "predikat": ["BAIK"] * 8 + ["Cukup", "SB"]})
    row = predikat_compliance(data, unit="unit", predikat="predikat", organisation="baik").table().iloc[0]
    assert (row["baik"], row["butuh_perbaikan"], row["sangat_baik"]) == (8, 1, 1)


# ---- what is kept ------------------------------------------------------------------------------------------------


def test_the_record_travels_with_the_frame_and_can_be_saved(
    file: Callable[..., Path], tmp_path: Path
) -> None:
    found = read_ratings(file(scores("3", "", "4")), **RATING)
    assert record(found)["rows"] == 3
    found.to_parquet(tmp_path / "x.parquet")
    assert record(found[found["nilai"].notna()])["file"] == "f.csv"
    long = read_360(file("pegawai,atasan,rekan\na,3,\nb,4,5\n"), ratee="pegawai", columns=["atasan", "rekan"])
    assert record(long)["left_out"] == {"empty_cells": 1}


def test_digits_of_a_measurement_are_no_personal_number(file: Callable[..., Path]) -> None:
    """g11: an outcome of -2.385520752643487e-10 holds sixteen digits, one in forty of which could be a NIK."""
    text = "unit,bulan,hari,dilatih\nu0,0,-2.385520752643487e-10,0\nu0,1,9.302899041939234e-10,0\n"
    assert read_panel(file(text), **PANEL)["hari"].tolist() == [-2.385520752643487e-10, 9.302899041939234e-10]


def test_messages_do_not_quote_what_may_be_personal(file: Callable[..., Path]) -> None:
    nip = "19" + "80" + "0101" + "2005" + "01" + "1001"
    said = problem(lambda: read_ratings(file(scores("3", nip, "4")), **RATING))
    assert nip not in said
    said = problem(lambda: read_ratings(file(f"pegawai;penilai;nilai;{nip}\na;b;3;1\n"), **RATING))
    assert nip not in said


def test_rows_are_named_in_ranges() -> None:
    assert rows_text([2, 3, 4, 9]) == "2-4, 9"
    assert rows_text([1, 3, 5, 7, 9, 11]) == "1, 3, 5, 7, 9 ..."


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(st.text('ab1", ;\n', max_size=4), min_size=2, max_size=3), min_size=1, max_size=5),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_the_quick_way_gives_what_the_slow_way_gives(rows: list[list[str]], quoting: int, end: str) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator=end).writerows(rows)
    quick = regular(text.getvalue(), ",")
    slow = rows_of(text.getvalue(), ",", "f.csv")
    if quick is not None:
        cells = [[cell.strip() or None for cell in row] for row in slow]
        assert quick.astype(object).where(quick.notna(), None).to_numpy().tolist() == cells


def test_the_quick_way_is_taken() -> None:
    assert regular("a,b\n1,2\n", ",") is not None
    assert regular('"a","b"\r\n1,"x y"\r\n', ",") is not None
    assert regular("a,b\n1\n", ",") is None
    assert regular('a,b\n1,"2,3"\n', ",") is None


def test_a_large_file_is_read_in_reasonable_time(tmp_path: Path) -> None:
    """Ten times what pandas alone takes, at most; measured: see docs/inference.md."""
    from time import perf_counter

    n = 100_000
    path = tmp_path / "big.csv"
    pd.DataFrame(
        {"pegawai": np.arange(n) // 5, "penilai": np.arange(n) % 97, "nilai": np.arange(n) % 11 / 2}
    ).to_csv(path, index=False)
    start = perf_counter()
    pd.read_csv(path)
    alone = perf_counter() - start
    start = perf_counter()
    assert len(read_cells(path).frame) == n
    read_ratings(path, **RATING)
    assert perf_counter() - start < max(5.0, 60 * alone)


def test_long_cells_and_twin_columns_are_answered_at_once(file: Callable[..., Path]) -> None:
    text = "pegawai,penilai,nilai,catatan\na,x,1," + "x" * 100_000 + "\n"
    assert len(read_ratings(file(text), **RATING)) == 1
    twins = pd.DataFrame([["a", "x", 3, 4, 5]], columns=["pegawai", "penilai", "nilai", "x", "x"])
    assert len(read_ratings(twins, **RATING)) == 1
    with pytest.raises(Problems, match="carry an offset"):
        read_complaints(file("buka,tutup\n2025-01-05T00:00+07:00,2025-01-06\n"), **REGISTER)
