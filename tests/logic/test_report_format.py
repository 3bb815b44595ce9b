"""Claim: numbers, money and dates are written as the language writes them, and no digit that matters is lost."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.language import numbers as written
from sim.report import format as shown
from sim.report.estimate import Estimate

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (written.number(1234567.891, 2, lang="id"), "1.234.567,89"),
        (written.number(1234567.891, 2, lang="en"), "1,234,567.89"),
        (written.number(-0.04, 1, lang="id"), "0,0"),
        (written.number(-6.25, 1, lang="en"), "−6.2"),
        (written.number(6, 0, signed=True, lang="id"), "+6"),
        (written.number(float("nan"), lang="id"), "–"),
        (written.percent(0.125, lang="id"), "12,5%"),
        (written.percent(0.125, lang="en"), "12.5%"),
        (written.rupiah(1234567, lang="id"), "Rp1.234.567"),
        (written.rupiah(-1234567, lang="en"), "−Rp1,234,567"),
        (written.rupiah_short(412e6, lang="id"), f"Rp412{NBSP}juta"),
        (written.rupiah_short(1.94e9, signed=True, lang="id"), f"+Rp1,9{NBSP}miliar"),
        (written.rupiah_short(1.94e12, lang="en"), f"Rp1.9{NBSP}trillion"),
        (written.rupiah_short(950_000, lang="id"), "Rp950.000"),
        (written.long_date(date(2026, 1, 1), lang="id"), "1 Januari 2026"),
        (written.long_date(date(2026, 1, 1), lang="en"), "1 January 2026"),
        (written.month_year(date(2026, 8, 1), lang="id"), "Agu 2026"),
        (shown.value("waiting_minutes", 31.04, lang="id"), f"31,0{NBSP}menit"),
        (shown.value("complaints_in_time", 0.842, lang="id"), "84,2%"),
        (shown.value("ikm_service", 79.04, lang="en"), "79.0"),
        (shown.difference("waiting_minutes", -6.2, lang="en"), f"−6.2{NBSP}minutes"),
        (shown.difference("complaints_in_time", 0.094, lang="id"), f"+9,4{NBSP}poin persentase"),
        (shown.difference("cost", 5e6, lang="id"), f"+Rp5,0{NBSP}juta"),
    ],
)
def test_written_as_the_language_writes_it(text: str, expected: str) -> None:
    assert text == expected


@given(st.floats(-1e9, 1e9), st.integers(0, 3), st.sampled_from(["id", "en"]))
def test_a_written_number_reads_back_as_the_rounded_one(x: float, decimals: int, lang: str) -> None:
    text = written.number(x, decimals, lang=lang).replace("−", "-")
    plain = text.replace(".", "").replace(",", ".") if lang == "id" else text.replace(",", "")
    assert float(plain) == pytest.approx(round(x, decimals), abs=10.0**-decimals * 1e-6)


def test_decimals_are_added_until_the_interval_can_be_seen() -> None:
    """A small but sure difference must not be printed as nought with an interval of nought."""
    e = Estimate(20, -0.012, -0.015, -0.009)
    assert shown.difference("performance", e.mean, half=e.half, lang="en") == f"−0.012{NBSP}SD"
    assert shown.interval("performance", e, lang="en") == f"−0.015 to −0.009{NBSP}SD"
    assert shown.difference("performance", e.mean, lang="en") == f"−0.01{NBSP}SD"


def test_without_an_interval_none_is_made_up() -> None:
    nan = float("nan")
    assert shown.interval("performance", Estimate(1, 0.2, nan, nan), lang="en") == "no interval yet"
    assert shown.level_interval("performance", Estimate(1, 0.2, nan, nan), lang="id") == "belum ada selang"
