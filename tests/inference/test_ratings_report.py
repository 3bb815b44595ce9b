"""The page of `kinerja ratings`: what the data allow, nobody named who should not be, refusals that help."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.cli import main
from sim.errors import KinerjaError, Problems
from sim.inference.ratings.report import ratings_report


def ratings(seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    who, by = np.repeat(np.arange(40), 4), np.argsort(rng.random((40, 9)), axis=1)[:, :4].ravel()
    score = 3 + rng.standard_normal(40)[who] - np.linspace(-0.8, 0.8, 9)[by] + 0.6 * rng.standard_normal(160)
    return pd.DataFrame({
        "pegawai": [f"o{i:02d}" for i in who], "penilai": [f"r{j}" for j in by], "nilai": score.round(2),
        "unit": [f"u{i % 5}" for i in who], "dekat": rng.integers(0, 2, 160),
    })  # fmt: skip


def text(path: Path) -> str:
    return re.sub(
        r"<[^>]+>", " ", re.sub(r"<style>.*?</style>|<img[^>]*>", "", path.read_text("utf-8"), flags=re.S)
    )


def test_the_page_says_how_reliable_and_how_severe(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    ratings().to_csv(path, index=False)
    page = ratings_report(
        path,
        "nilai",
        "pegawai",
        "penilai",
        tmp_path / "r.html",
        lang="id",
        unit="unit",
        tie="dekat",
        scores=tmp_path / "s.csv",
    )
    said = text(page)
    for words in (
        "Reliabilitas satu penilaian",
        "Keketatan penilai",
        "Nilai yang disesuaikan",
        "Antarunit",
        "kedekatan:",
        "r8",
    ):
        assert words in said
    assert "http" not in page.read_text("utf-8")
    assert not re.search(r"\bo\d\d\b", said)  # no ratee is named in the page
    fair = pd.read_csv(tmp_path / "s.csv")
    assert len(fair) == 40
    assert {"pegawai", "raw", "estimate", "low", "high", "rank", "raw_rank"} <= set(fair.columns)
    # Severe raters stand first: r8 was built the most severe.
    assert said.index("r8") < said.index("r0")


def test_raters_and_units_below_the_minimum_are_counted_not_shown(tmp_path: Path) -> None:
    few = pd.concat([ratings(), ratings(2).head(8).assign(penilai="tamu", unit="kecil")], ignore_index=True)
    said = text(
        ratings_report(
            few, "nilai", "pegawai", "penilai", tmp_path / "r.html", lang="id", unit="unit", min_size=9
        )
    )
    assert "tamu" not in said
    assert "1 penilai dengan penilaian terlalu sedikit tidak ditampilkan" in said
    assert "unit tidak ditampilkan" in said
    assert "kecil " not in said.split("Antarunit")[1].split("tidak ditampilkan")[1]


def test_predikat_get_a_rasch_scale_and_criteria_a_halo(tmp_path: Path) -> None:
    data = ratings()
    cut = pd.cut(data["nilai"], [-9, 2, 4, 99], labels=["Butuh Perbaikan", "Baik", "Sangat Baik"])
    said = text(
        ratings_report(
            data.assign(nilai=cut.astype(str)), "nilai", "pegawai", "penilai", tmp_path / "p.html", lang="en"
        )
    )
    assert "On the predikat scale (Rasch)" in said
    assert "Baik | Sangat Baik" in said
    both = pd.concat([data.assign(kriteria=k, nilai=data["nilai"] + d) for k, d in (("a", 0.0), ("b", 0.5))])
    both["nilai"] += 0.3 * np.random.default_rng(5).standard_normal(len(both))
    said = text(
        ratings_report(
            both, "nilai", "pegawai", "penilai", tmp_path / "h.html", lang="en", criterion="kriteria"
        )
    )
    assert "Halo" in said


def test_one_supervisor_each_is_said_not_to_be_identified(tmp_path: Path) -> None:
    data = ratings().assign(penilai=lambda d: "h" + d["unit"])
    data["triwulan"] = np.tile(range(4), 40)
    said = text(ratings_report(data, "nilai", "pegawai", "penilai", tmp_path / "r.html", lang="en"))
    assert "Severity of raters is NOT identified" in said
    assert "Fair scores" not in said
    once = text(
        ratings_report(
            data.drop_duplicates("pegawai"), "nilai", "pegawai", "penilai", tmp_path / "o.html", lang="en"
        )
    )
    assert "neither reliability nor severity can be estimated" in once


def test_self_ratings_are_left_out_and_counted(tmp_path: Path) -> None:
    data = ratings()
    own = data.drop_duplicates("pegawai").assign(penilai=lambda d: d["pegawai"], nilai=5.0).head(7)
    said = text(
        ratings_report(pd.concat([data, own]), "nilai", "pegawai", "penilai", tmp_path / "r.html", lang="en")
    )
    assert "7 self-ratings were left out" in said


def test_personal_data_and_wrong_columns_are_refused(tmp_path: Path) -> None:
    named = ratings().assign(nama="Contoh Saja")
    with pytest.raises(Problems, match="holds names of persons"):
        ratings_report(named, "nilai", "pegawai", "penilai", tmp_path / "r.html")
    with pytest.raises(Problems, match="No such column"):
        ratings_report(ratings(), "skor", "pegawai", "penilai", tmp_path / "r.html")
    with pytest.raises(KinerjaError, match="bagian: No such column"):
        ratings_report(ratings(), "nilai", "pegawai", "penilai", tmp_path / "r.html", unit="bagian")
    with pytest.raises(KinerjaError, match="no such folder"):
        ratings_report(ratings(), "nilai", "pegawai", "penilai", tmp_path / "none" / "r.html")
    assert not list(tmp_path.iterdir())


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "r.csv", tmp_path / "r.html"
    ratings().to_csv(path, index=False)
    arguments = [
        "ratings",
        str(path),
        "--score",
        "nilai",
        "--ratee",
        "pegawai",
        "--rater",
        "penilai",
        "--out",
        str(out),
    ]
    assert main([*arguments, "--lang", "en"]) == 0
    assert f"Report: {out}" in capsys.readouterr().out
    assert "One rating has a reliability" in text(out)
    assert main([*arguments[:2], "--score", "x", *arguments[4:]]) == 2
    assert "Kolom tersebut tidak ditemukan" in capsys.readouterr().err
