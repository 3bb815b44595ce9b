"""Claim: `kinerja evaluate` chooses the analysis the design allows and writes a page that says what it means."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from evaluation_data import long_panel

from sim.cli import main
from sim.errors import KinerjaError
from sim.inference.evaluation.report import evaluation_report


@pytest.fixture
def write(tmp_path):
    def make(frame: pd.DataFrame):
        frame = frame.rename(columns={"unit": "dinas", "period": "bulan", "y": "hari", "on": "dilatih"})
        path = tmp_path / "panel.csv"
        frame.assign(dinas="opd" + frame["dinas"].astype(str)).to_csv(path, index=False)
        return path

    return make


def page(path, lang="en"):
    out = path.with_suffix(".html")
    assert evaluation_report(path, "hari", "dinas", "bulan", "dilatih", out, lang=lang) == out
    return out.read_text(encoding="utf-8")


def noise(units, periods):
    return np.random.default_rng(22).normal(size=(units, periods)) * 0.3


def test_one_start_with_controls_is_a_difference_in_differences(write):
    y = noise(20, 6)
    y[:8, 3:] -= 2.0
    text = page(write(long_panel(y, [3] * 8 + [99] * 12)))
    assert "Design: difference in differences" in text
    assert "the treatment lowered hari" in text
    assert "data:image/png;base64," in text


def test_several_starts_are_staggered_and_the_naive_estimate_is_shown(write):
    y = noise(24, 6)
    first = np.repeat([1, 3, 99], 8)
    y += 2.0 * (np.arange(6) >= first[:, None])
    text = page(write(long_panel(y, first.tolist())))
    assert "Design: staggered adoption" in text
    assert "the treatment raised hari" in text
    assert "That misleads if effects change over time" in text
    assert "A before-after comparison" in text


def test_everyone_at_once_is_an_interrupted_series(write):
    text = page(write(long_panel(noise(6, 20), [10] * 6)))
    assert "Design: interrupted time series" in text
    assert "The data do not show whether the effect differs from zero" in text
    assert "without a control series" in text


def test_one_period_is_a_comparison(write):
    frame = long_panel(noise(30, 1), [0] * 15 + [9] * 15)
    assert "one-period comparison" in page(write(frame))


def test_the_page_stands_alone(write):
    text = page(write(long_panel(noise(12, 5), [2] * 6 + [99] * 6)), "id")
    assert "http" not in text
    assert text.startswith("<!DOCTYPE html>")
    assert '<html lang="id">' in text


def test_values_of_the_file_are_escaped(write, tmp_path):
    path = write(long_panel(noise(12, 5), [2] * 6 + [99] * 6))
    frame = pd.read_csv(path).rename(columns={"hari": "<b>hari</b>"})
    frame.to_csv(path, index=False)
    out = tmp_path / "x.html"
    evaluation_report(path, "<b>hari</b>", "dinas", "bulan", "dilatih", out)
    assert "<b>hari" not in out.read_text(encoding="utf-8")


def test_names_of_persons_are_refused(write, tmp_path):
    path = write(long_panel(noise(4, 5), [2] * 2 + [99] * 2))
    frame = pd.read_csv(path)
    frame["dinas"] = frame["dinas"].map(dict(zip(frame["dinas"].unique(), [
        "198001012005011001", "198101012005012002", "198201012006041003", "198301012006042004"
    ], strict=True)))  # fmt: skip
    frame.to_csv(path, index=False)
    with pytest.raises(KinerjaError, match="NIP"):
        evaluation_report(path, "hari", "dinas", "bulan", "dilatih", tmp_path / "x.html")


def test_the_command_writes_it_and_names_problems(write, tmp_path, capsys):
    path = write(long_panel(noise(12, 5), [2] * 6 + [99] * 6))
    columns = ["--unit", "dinas", "--time", "bulan", "--treated", "dilatih"]
    out = tmp_path / "report.html"
    assert main(["evaluate", str(path), "--outcome", "hari", *columns, "--out", str(out)]) == 0
    assert out.is_file()
    assert "report.html" in capsys.readouterr().out
    assert main(["evaluate", str(path), "--outcome", "lama", *columns, "--out", str(out)]) == 2
    assert "lama" in capsys.readouterr().err
    nowhere = tmp_path / "no" / "x.html"
    assert main(["evaluate", str(path), "--outcome", "hari", *columns, "--out", str(nowhere)]) == 2
    assert "folder tujuan laporan tidak ditemukan" in capsys.readouterr().err


def test_identities_can_be_replaced_on_the_way_in(tmp_path, monkeypatch, capsys):
    """A unit that is a person, by NIP: refused with what to type, taken with pseudonyms."""
    monkeypatch.setenv("KINERJA_KEYS", str(tmp_path / "keys"))
    cells = [(u, t) for u in range(9) for t in range(5)]
    rows = [(f"198001012005011{u:03d}", t, int(u < 4 and t > 2), u + t * 0.1 + (u * t) % 3) for u, t in cells]
    path = tmp_path / "p.csv"
    pd.DataFrame(rows, columns=["nip", "month", "on", "days"]).to_csv(path, index=False)
    ask = ["evaluate", str(path), "--outcome", "days", "--unit", "nip", "--time", "month", "--treated", "on"]
    ask += ["--out", str(tmp_path / "e.html"), "--lang", "en"]
    assert main(ask) == 2
    assert "--pseudonymise COLUMN --project NAME" in capsys.readouterr().err
    assert main([*ask, "--pseudonymise", "nip", "--project", "uji"]) == 0
    assert "1980010120" not in (tmp_path / "e.html").read_text(encoding="utf-8")
