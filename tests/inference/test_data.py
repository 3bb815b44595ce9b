"""Readers of appraisal data: what comes in is right, and everything wrong is said at once with its rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.errors import KinerjaError, Problems
from sim.inference.data.read import read_360, read_complaints, read_events, read_panel, read_ratings

RATINGS = pd.DataFrame({
    "officer": ["001", "001", "002", "003"], "rater": ["a", "b", "a", None], "score": [3.5, 4.0, np.nan, 2.0],
})  # fmt: skip
NAMES = {"ratee": "officer", "rater": "rater", "score": "score"}


@pytest.mark.parametrize("kind", ["csv", "semicolon", "gz", "xlsx", "parquet"])
def test_every_kind_of_file_gives_the_same_ratings(kind: str, tmp_path: Path) -> None:
    path = tmp_path / {"semicolon": "r.csv", "gz": "r.csv.gz"}.get(kind, f"r.{kind}")
    if kind in ("csv", "gz"):
        RATINGS.to_csv(path, index=False)
    elif kind == "semicolon":
        RATINGS.to_csv(path, index=False, sep=";", decimal=",")
    elif kind == "xlsx":
        RATINGS.to_excel(path, index=False)
    else:
        RATINGS.to_parquet(path)
    found = read_ratings(path, **NAMES, scale=(1, 5))
    assert found["officer"].tolist() == ["001", "001", "002", "003"]  # identities keep their zeros
    assert found["rater"].isna().tolist() == [False, False, False, True]
    np.testing.assert_array_equal(found["score"], RATINGS["score"])
    pd.testing.assert_frame_equal(found, read_ratings(RATINGS, **NAMES), check_dtype=False)


def test_numbers_as_identities_become_text() -> None:
    found = read_ratings(pd.DataFrame({"officer": [1.0, 2.0], "rater": [7, 8], "score": [1, 2]}), **NAMES)
    assert found["officer"].tolist() == ["1", "2"]
    assert found["rater"].tolist() == ["7", "8"]


def test_all_problems_are_told_with_their_rows() -> None:
    bad = RATINGS.assign(score=[3.0, 9.0, 4.0, 0.0], officer=["001", None, "002", "003"])
    with pytest.raises(Problems) as caught:
        read_ratings(bad, **NAMES, scale=(1, 5))
    told = {p.column: str(p) for p in caught.value.problems}
    assert "rows 3" in told["officer"]
    assert "2 values are outside the scale (rows 3, 5)" in told["score"]


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (RATINGS.drop(columns="score"), "score: No such column"),
        (RATINGS.assign(score=["3", "x", "4,5", ""]), r"1 cells are not numbers \(rows 3\)"),
        (RATINGS.assign(rater=["Contoh", "Misal", "Contoh", None]), "rater: The column holds names"),
    ],
)
def test_ratings_that_cannot_be_used_are_refused(frame: pd.DataFrame, says: str) -> None:
    with pytest.raises(Problems, match=says):
        read_ratings(frame, **NAMES)


def test_pseudonyms_on_the_way_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINERJA_KEYS", str(tmp_path / "keys"))
    nip = [f"198001012005011{k:03d}" for k in range(4)]
    path = tmp_path / "r.csv"
    RATINGS.assign(officer=nip).to_csv(path, index=False)
    with pytest.raises(Problems, match="holds NIP"):
        read_ratings(path, **NAMES)
    with pytest.raises(KinerjaError, match="name of a project"):
        read_ratings(path, **NAMES, pseudonyms=["officer"])
    found = read_ratings(path, **NAMES, pseudonyms=["officer"], project="kota-a")
    assert found["officer"].str.startswith("p_").all()
    assert found["officer"].nunique() == 4


def test_a_spreadsheet_that_rounded_the_numbers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    pd.DataFrame({"officer": [198001012005011001.0], "rater": ["a"], "score": [3]}).to_excel(
        path, index=False
    )
    with pytest.raises(KinerjaError, match="lost their last digits"):
        read_ratings(path, **NAMES)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(KinerjaError, match="there is no such file"):
        read_ratings(tmp_path / "none.csv", **NAMES)
    (tmp_path / "r.txt.zip").write_bytes(b"x")
    with pytest.raises(KinerjaError, match="kind of file is not read"):
        read_ratings(tmp_path / "r.txt.zip", **NAMES)
    (tmp_path / "broken.xlsx").write_bytes(b"not a workbook")
    with pytest.raises(KinerjaError, match="cannot be read"):
        read_ratings(tmp_path / "broken.xlsx", **NAMES)


def test_360_sheet_becomes_long() -> None:
    sheet = pd.DataFrame(
        {"officer": ["o1", "o2"], "unit": ["A", "B"], "atasan": [4, 5], "rekan": ["3,5", None]}
    )
    found = read_360(
        sheet, ratee="officer", columns={"atasan": "superior", "rekan": "peer"}, into="source", scale=(1, 5)
    )
    assert found.to_dict("list") == {
        "officer": ["o1", "o2", "o1"], "unit": ["A", "B", "A"],
        "source": ["superior", "superior", "peer"], "score": [4.0, 5.0, 3.5],
    }  # fmt: skip
    with pytest.raises(Problems, match="outside the scale"):
        read_360(sheet, ratee="officer", columns=["atasan"], scale=(1, 4))
    with pytest.raises(KinerjaError, match="exists already"):
        read_360(sheet, ratee="officer", columns=["atasan"], into="unit")


def test_panel_is_sorted_and_without_repeats() -> None:
    panel = pd.DataFrame({"officer": ["b", "a", "a"], "month": [1, 2, 1], "hours": ["10", "11,5", None]})
    found = read_panel(panel, person="officer", period="month", numbers=["hours"])
    assert found["officer"].tolist() == ["a", "a", "b"]
    np.testing.assert_array_equal(found["hours"], [np.nan, 11.5, 10.0])
    with pytest.raises(Problems, match=r"repeat an earlier one \(rows 4\)"):
        read_panel(panel.assign(month=1), person="officer", period="month")


def test_every_column_of_times_is_read_in_the_zone_of_the_office(tmp_path: Path) -> None:
    """Winter and summer time in one column; arrivals, starts and further dates are read like the times."""
    path = tmp_path / "log.csv"
    path.write_text(
        "case,what,when,begun,lodged,due,status\n"
        "1,NA,2011-03-26T12:00:00+01:00,2011-03-26T11:00:00+01:00,2011-03-25T09:00:00+01:00,2011-04-01T09:00:00+02:00,no\n"
        "1,true,2011-03-28T12:00:00+02:00,,2011-03-25T09:00:00+01:00,,yes\n",
        encoding="utf-8",
    )
    names = {"case": "case", "activity": "what", "time": "when"}
    more = {"start": "begun", "arrived": "lodged", "dates": ["due"]}
    log = read_events(path, **names, **more, timezone="Europe/Amsterdam")
    assert [log[c].dt.hour.tolist()[0] for c in ("when", "begun", "lodged", "due")] == [12, 11, 9, 9]
    assert log["when"].dt.hour.tolist()[1] == 12
    assert log["begun"].isna().tolist() == [False, True]
    assert log["status"].tolist() == ["no", "yes"]
    assert log["what"].tolist() == ["NA", "true"]
    with pytest.raises(Problems, match="another offset from UTC"):
        read_events(path, **names, **more)


def test_an_activity_is_a_text_whatever_it_says() -> None:
    rows = pd.DataFrame({"case": ["1", "1"], "what": ["true", "false"], "when": ["2025-01-06", "2025-01-07"]})
    log = read_events(rows, case="case", activity="what", time="when")
    assert log["what"].tolist() == ["true", "false"]


def test_arrivals_without_an_offset_beside_times_with_one_are_refused() -> None:
    rows = pd.DataFrame(
        {"case": [1], "what": ["a"], "when": ["2025-01-06T01:00:00Z"], "lodged": ["2025-01-06 08:00"]}
    )
    names = {"case": "case", "activity": "what", "time": "when", "arrived": "lodged"}
    with pytest.raises(Problems, match="the times of when carry an offset, those of lodged do not"):
        read_events(rows, **names)
    log = read_events(rows, **names, timezone="Asia/Makassar")
    assert (log["when"].dt.hour.item(), log["lodged"].dt.hour.item()) == (9, 8)


def test_event_log_dates_in_both_manners() -> None:
    log = pd.DataFrame(
        {
            "case": ["c2", "c1", "c1"],
            "what": ["x", "y", "x"],
            "when": ["02/01/2026 08:00", "13/01/2026", "03/01/2026"],
        }
    )
    found = read_events(log, case="case", activity="what", time="when")
    assert found["when"].tolist() == [
        pd.Timestamp(2026, 1, 3),
        pd.Timestamp(2026, 1, 13),
        pd.Timestamp(2026, 1, 2, 8),
    ]
    iso = read_events(
        log.assign(when=["2026-01-02", "2026-01-13", "2026-01-03"]), case="case", activity="what", time="when"
    )
    assert iso["when"].iloc[0] == pd.Timestamp(2026, 1, 3)
    with pytest.raises(Problems, match=r"1 cells are not dates \(rows 3\)"):
        read_events(
            log.assign(when=["2026-01-02", "soon", "2026-01-03"]), case="case", activity="what", time="when"
        )
    with pytest.raises(Problems, match="cells are empty"):
        read_events(
            log.assign(when=["2026-01-02", None, "2026-01-03"]), case="case", activity="what", time="when"
        )


def test_complaints_may_be_open_but_not_closed_before_they_begin() -> None:
    register = pd.DataFrame(
        {"opened": ["2026-01-05", "2026-01-06"], "closed": ["2026-01-09", None], "unit": ["A", "B"]}
    )
    found = read_complaints(register, opened="opened", closed="closed", unit="unit")
    assert found["closed"].isna().tolist() == [False, True]
    with pytest.raises(Problems, match=r"before the opening date \(rows 2\)"):
        read_complaints(register.assign(closed=["2026-01-01", None]), opened="opened", closed="closed")
