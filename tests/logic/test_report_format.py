"""Claim: numbers, money and dates are written as the language writes them, and no digit that matters is lost."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report import format as written
from sim.report.estimate import Estimate

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (written.number(1234567.891, "id", 2), "1.234.567,89"),
        (written.number(1234567.891, "en", 2), "1,234,567.89"),
        (written.number(-0.04, "id", 1), "0,0"),
        (written.number(-6.25, "en", 1), "−6.2"),
        (written.number(6, "id", 0, signed=True), "+6"),
        (written.number(float("nan"), "id"), "–"),
        (written.percent(0.125, "id"), f"12,5{NBSP}%"),
        (written.percent(0.125, "en"), "12.5%"),
        (written.rupiah(1234567, "id"), f"Rp{NBSP}1.234.567"),
        (written.rupiah(-1234567, "en"), f"−Rp{NBSP}1,234,567"),
        (written.rupiah_short(412e6, "id"), f"Rp{NBSP}412{NBSP}juta"),
        (written.rupiah_short(1.94e9, "id", signed=True), f"+Rp{NBSP}1,9{NBSP}miliar"),
        (written.rupiah_short(1.94e12, "en"), f"Rp{NBSP}1.9{NBSP}trillion"),
        (written.rupiah_short(950_000, "id"), f"Rp{NBSP}950.000"),
        (written.long_date(date(2026, 1, 1), "id"), "1 Januari 2026"),
        (written.long_date(date(2026, 1, 1), "en"), "1 January 2026"),
        (written.month_year(date(2026, 8, 1), "id"), "Agu 2026"),
        (written.value("waiting_minutes", 31.04, "id"), f"31,0{NBSP}menit"),
        (written.value("complaints_in_time", 0.842, "id"), f"84,2{NBSP}%"),
        (written.value("ikm_service", 79.04, "en"), "79.0"),
        (written.difference("waiting_minutes", -6.2, "en"), f"−6.2{NBSP}minutes"),
        (written.difference("complaints_in_time", 0.094, "id"), f"+9,4{NBSP}poin{NBSP}%"),
        (written.difference("cost", 5e6, "id"), f"+Rp{NBSP}5,0{NBSP}juta"),
    ],
)
def test_written_as_the_language_writes_it(text: str, expected: str) -> None:
    assert text == expected


@given(st.floats(-1e9, 1e9), st.integers(0, 3), st.sampled_from(["id", "en"]))
def test_a_written_number_reads_back_as_the_rounded_one(x: float, decimals: int, lang: str) -> None:
    text = written.number(x, lang, decimals).replace("−", "-")
    plain = text.replace(".", "").replace(",", ".") if lang == "id" else text.replace(",", "")
    assert float(plain) == pytest.approx(round(x, decimals), abs=10.0**-decimals * 1e-6)


def test_decimals_are_added_until_the_interval_can_be_seen() -> None:
    """A small but sure difference must not be printed as nought with an interval of nought."""
    e = Estimate(20, -0.012, -0.015, -0.009)
    assert written.difference("performance", e.mean, "en", half=e.half) == f"−0.012{NBSP}SD"
    assert written.interval("performance", e, "en") == f"−0.015 to −0.009{NBSP}SD"
    assert written.difference("performance", e.mean, "en") == f"−0.01{NBSP}SD"


def test_without_an_interval_none_is_made_up() -> None:
    nan = float("nan")
    assert written.interval("performance", Estimate(1, 0.2, nan, nan), "en") == "no interval yet"
    assert written.level_interval("performance", Estimate(1, 0.2, nan, nan), "id") == "belum ada rentang"
