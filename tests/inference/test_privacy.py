"""Personal data are found and refused; pseudonyms are stable, keyed and never leak; small cells stay hidden.

Every identity here is made up from its format; none belongs to anybody.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import KinerjaError, Problems
from sim.inference.data.privacy import personal_columns, project_key, pseudonymise, refuse_personal
from sim.inference.data.suppression import suppress_small

NIP = ["19" + "80" + "0101" + "2005" + "01" + "1" + f"{k:03d}" for k in range(5)]
NIK = ["75" + "7101" + f"{41 + k:02d}" + "0880" + "0001" for k in range(5)]


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KINERJA_KEYS", str(tmp_path / "keys"))
    return tmp_path / "keys"


@pytest.mark.parametrize(
    ("heading", "values", "kind"),
    [
        ("id", NIP, "nip"),
        ("id", [int(v) for v in NIP], "nip"),
        ("pegawai", [f"{v[:8]} {v[8:14]} {v[14]} {v[15:]}" for v in NIP], "nip"),
        ("catatan", ["tidak ada", f"lihat {NIP[0]}", "baik"], "nip"),
        ("id", NIK, "nik"),
        ("nik", [f"{v[:6]}.{v[6:12]}.{v[12:]}" for v in NIK], "nik"),
        ("kontak", ["a@b.example", "-"], "email"),
        ("kontak", ["0812 3456 7890", "kosong"], "phone"),
        ("kontak", ["+62 813-1111-2222"], "phone"),
        ("hp", [81234567890, 81334567891], "phone"),
        ("nama", ["Budi", "Siti"], "name"),
        ("nama_pegawai", ["Ani Wijaya"], "name"),
        ("x", ["Drs. Contoh Saja", "Ir. Misal Nama", "unit"], "name"),
        ("x", ["Contoh Saja, S.E.", "Misal Nama, M.Si."], "name"),
        ("atasan", ["Contoh Saja", "Misal Nama"], "name"),
    ],
)
def test_personal_data_are_found(heading: str, values: list[object], kind: str) -> None:
    assert personal_columns(pd.DataFrame({heading: values})) == {heading: kind}


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("score", [3.5, 4.0]),
        ("rupiah", [812_345_678, 1_250_000_000]),
        ("case", [f"{k:018d}" for k in range(5)]),
        ("case", [f"{90_000_000_000_000 + 7 * k:016d}" for k in range(50)]),
        ("time", ["2010-10-21 09:09:55.026000+02:00"]),
        ("time", ["2010-10-21 09.09.55.0260"]),
        ("unit", ["Dinas Kesehatan", "Badan Kepegawaian Daerah"]),
        ("nama_unit", ["Dinas Kesehatan"]),
        ("officer", ["o1", "o2"]),
        ("officer", ["Resource21", "Resource10"]),
        ("predikat", ["Sangat Baik", "Butuh Perbaikan"]),
        ("rater", ["p_0123456789abcdef"]),
        ("flag", [True, False]),
        ("date", pd.to_datetime(["2026-01-01"])),
        ("empty", [None, None]),
        ("nip", [None, None]),
    ],
)
def test_what_is_not_personal_passes(heading: str, values: list[object]) -> None:
    assert personal_columns(pd.DataFrame({heading: values})) == {}


def test_first_names_are_names_where_persons_are_expected() -> None:
    frame = pd.DataFrame({"ratee": ["Contoh", "Misal"], "unit": ["Samsat", "Gudang"]})
    assert personal_columns(frame) == {}
    assert personal_columns(frame, ["ratee"]) == {"ratee": "name"}


def test_refusal_names_the_column_and_never_the_value() -> None:
    frame = pd.DataFrame({"nip": NIP, "nama": ["Contoh"] * 5, "kontak": ["x@y.example"] * 5})
    with pytest.raises(Problems) as caught:
        refuse_personal(frame, "file.csv")
    text = str(caught.value)
    assert [p.column for p in caught.value.problems] == ["nip", "nama", "kontak"]
    assert "file.csv, row 2, column nip" in text
    for secret in (*NIP, "Contoh", "x@y"):
        assert secret not in text


def test_pseudonyms_are_stable_within_a_project_and_foreign_outside(keys: Path) -> None:
    frame = pd.DataFrame({"ratee": NIP, "rater": list(reversed(NIP)), "score": range(5)})
    one = pseudonymise(frame, ["ratee", "rater"], "kota-a")
    again = pseudonymise(frame, ["ratee", "rater"], "kota-a")
    other = pseudonymise(frame, ["ratee"], "kota-b")
    pd.testing.assert_frame_equal(one, again)
    assert one["ratee"].tolist() == one["rater"].tolist()[::-1]  # one person, one pseudonym in every column
    assert one["ratee"].nunique() == 5
    assert not set(one["ratee"]) & set(other["ratee"])
    assert one["ratee"].str.fullmatch(r"p_[0-9a-f]{16}").all()
    assert frame["ratee"].tolist() == NIP  # a copy
    refuse_personal(one)


def test_the_same_person_written_differently_gets_the_same_pseudonym() -> None:
    spaced = f"{NIP[0][:8]} {NIP[0][8:14]} {NIP[0][14]} {NIP[0][15:]}"
    frame = pd.DataFrame(
        {
            "a": [NIP[0], spaced, f"'{NIP[0]}", f" {NIP[0]} ", None],
            "b": ["Contoh  Saja", "contoh saja", "X", "Y", "Z"],
        }
    )
    out = pseudonymise(frame, ["a", "b"], "p")
    assert len(set(out["a"][:4])) == 1
    assert out["a"].isna().tolist() == [False] * 4 + [True]
    assert out["b"][0] == out["b"][1] != out["b"][2]
    number = pseudonymise(pd.DataFrame({"a": [int(NIP[0])]}), ["a"], "p")
    assert number["a"][0] == out["a"][0]


def test_the_key_is_kept_apart_and_private(keys: Path) -> None:
    key = project_key("kota-a")
    path = keys / "kota-a.key"
    assert len(key) == 32
    assert project_key("kota-a") == key
    assert project_key("kota-b") != key
    if sys.platform != "win32":
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    path.write_text("abc", encoding="ascii")
    with pytest.raises((KinerjaError, ValueError)):
        project_key("kota-a")
    with pytest.raises(KinerjaError, match="named with letters"):
        project_key("../elsewhere")


def test_rounded_numbers_are_refused_because_persons_would_merge() -> None:
    frame = pd.DataFrame({"nip": [float(NIP[0]), float(NIP[1])]})
    with pytest.raises(KinerjaError, match="lost their last digits"):
        pseudonymise(frame, ["nip"], "p")
    with pytest.raises(KinerjaError, match="nik: No such column"):
        pseudonymise(frame, ["nik"], "p")


# ---- small cells -------------------------------------------------------------------------------------------------


def deducible(shown: np.ndarray) -> bool:
    """Whether a blank of a two-way table with its totals follows from the rest: is it the same in every solution?"""
    blank = np.isnan(shown).ravel()
    if not blank.any():
        return False
    cells = np.arange(shown.size).reshape(shown.shape)
    lines = []
    for line in [*cells, *cells.T]:
        row = np.zeros(shown.size)
        row[line[:-1]], row[line[-1]] = 1.0, -1.0
        lines.append(row[blank])
    _, s, right = np.linalg.svd(np.array(lines))
    free = right[(s > 1e-9).sum() :]
    return bool((np.abs(free).max(axis=0, initial=0.0) < 1e-9).any())


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 5), st.integers(2, 5), st.integers(0, 10_000))
def test_no_suppressed_cell_follows_from_what_is_shown(rows: int, columns: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.gamma(1.5, 15.0, (rows, 1)) * rng.dirichlet(np.ones(columns)), (rows, columns))
    shown = suppress_small(pd.DataFrame(counts), totals="all").to_numpy()
    whole = np.block([[counts, counts.sum(axis=1, keepdims=True)], [counts.sum(axis=0), counts.sum()]])
    blank = np.isnan(shown)
    assert blank[(whole > 0) & (whole < 10)].all()
    assert (shown[~blank] == whole[~blank]).all()
    if not (~blank & (whole > 0)).any():
        return  # nothing is shown
    assert not deducible(shown)
    for k, total in enumerate(shown[:-1, -1]):
        remainder = counts[k][blank[k, :-1]].sum()
        assert np.isnan(total) or not 0 < remainder < 10


def test_the_check_above_can_fail() -> None:
    assert deducible(np.array([[np.nan, 3.0, 8.0], [4.0, 5.0, 9.0], [9.0, 8.0, 17.0]]))
    assert not deducible(np.array([[np.nan, np.nan, 8.0], [np.nan, np.nan, 9.0], [9.0, 8.0, 17.0]]))


def test_nothing_is_hidden_without_need() -> None:
    counts = pd.DataFrame([[12, 30], [0, 14]])
    pd.testing.assert_frame_equal(suppress_small(counts), counts.astype(float))


def test_tidy_tables_lose_their_values_with_the_count() -> None:
    table = pd.DataFrame({
        "unit": ["A", "B", "C", "D"], "n": [40, 4, 12, 25], "mean": [3.1, 4.9, 3.3, 3.2], "label": list("wxyz"),
    })  # fmt: skip
    out = suppress_small(table, count="n", by=["unit"])
    assert out["unit"].tolist() == list("ABCD")
    assert out["n"].isna().tolist() == [
        False,
        True,
        True,
        False,
    ]  # B, and C because the total would give B away
    assert out["mean"].isna().tolist() == out["n"].isna().tolist()
    assert out["label"].isna().tolist() == out["n"].isna().tolist()
    assert suppress_small(table, 3, count="n", by=["unit"])["n"].notna().all()
    with pytest.raises(KinerjaError, match="not told apart"):
        suppress_small(pd.concat([table, table]), count="n", by=["unit"])
    with pytest.raises(KinerjaError, match="holds counts"):
        suppress_small(table[["mean"]])
