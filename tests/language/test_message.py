"""Claim: a message carries its text and values, and is put into words where it is shown, for its reader."""

from __future__ import annotations

import io
import pickle
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from sim.agency import Doubt
from sim.errors import KinerjaError, Message, Problem, Problems, _
from sim.language import catalogue, language, numbers, plain_ascii, set_language, speaking, write_safely

SAID = {
    (None, "no outcome {name!r}."): "tidak ada ukuran hasil {name!r}.",
    (None, "{share:.1%} of {n:,} cases"): "{share:.1%} dari {n:,} kasus",
    (None, "Unit"): "Unit kerja",
    ("of measurement", "Unit"): "Satuan",
    (None, "see {what}"): "lihat {what}",
    (None, ", row {row}"): ", baris {row}",
    (None, ", column {column}"): ", kolom {column}",
    (None, "warning: {problem}"): "peringatan: {problem}",
}


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "indonesian", lambda: SAID)
    for name in ("KINERJA_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def test_the_language_is_chosen_where_it_is_shown() -> None:
    error = KinerjaError(_("no outcome {name!r}.", name="patience"))
    assert str(error) == "no outcome 'patience'."
    assert error.text(lang="id") == "tidak ada ukuran hasil 'patience'."
    with speaking("id"):
        assert str(error) == "tidak ada ukuran hasil 'patience'."
    again = pickle.loads(pickle.dumps(error))
    assert again.message == error.message
    assert type(again) is KinerjaError
    assert hash(error.message) == hash(_("no outcome {name!r}.", name="patience"))


def test_a_text_the_catalogue_does_not_have_stays_english() -> None:
    assert _("quite new").text(lang="id") == "quite new"
    assert _("{n} braces {{}}", n=1).text(lang="id") == "1 braces {}"
    assert _("a brace { without values").text(lang="id") == "a brace { without values"


def test_messages_inside_messages_are_in_the_same_language() -> None:
    inner = _("no outcome {name!r}.", name="x")
    assert _("see {what}", what=inner).text(lang="id") == "lihat tidak ada ukuran hasil 'x'."
    assert _("see {what}", what=[inner, "y"]).text(lang="id") == "lihat tidak ada ukuran hasil 'x'., y"
    assert _("see {what}", what=KinerjaError(inner)).text(lang="id") == "lihat tidak ada ukuran hasil 'x'."


def test_numbers_have_the_marks_of_the_language() -> None:
    message = _("{share:.1%} of {n:,} cases", share=0.255, n=1200)
    assert message.text(lang="id") == "25,5% dari 1.200 kasus"
    assert message.text(lang="en") == "25.5% of 1,200 cases"
    assert _("{x} {x:g} {x:.2f} {n:d} {t:%Y}", x=-0.5, n=1200, t=date(2026, 1, 2)).text(lang="id") == (
        "−0,5 −0,5 −0,50 1200 2026"
    )
    assert _("{x} {y} {x!r}", x=2.5, y=[0.5, 2026, True]).text(lang="id") == "2,5 0,5; 2026; True 2.5"
    assert _("{x} {x:g} {z} {z:g}", x=-0.5, z=-0.0).text(lang="en") == "−0.5 −0.5 0.0 0"
    assert _("{x} {x:.3g}", x=float("inf")).text(lang="id") == "– –"
    assert _("{x:.1f}", x=float("nan")).text(lang="en") == "–"


def test_a_context_tells_homonyms_apart() -> None:
    assert _("Unit").text(lang="id") == "Unit kerja"
    assert _("Unit", context="of measurement").text(lang="id") == "Satuan"
    assert _("Unit", context="of measurement").text(lang="en") == "Unit"


def test_a_page_escapes_all_but_what_is_html() -> None:
    message = _("see {what}", what=Markup("<b>x</b>"))
    assert message.html(lang="id") == "lihat <b>x</b>"
    assert _("see {what}", what="<script>").html(lang="en") == "see &lt;script&gt;"
    assert _("see {what}", what=_("see {what}", what="<")).html(lang="id") == "lihat lihat &lt;"
    assert _("a < b").html() == "a &lt; b"
    assert Markup("{}").format(_("see {what}", what=Markup("<i>y</i>"))) == "see <i>y</i>"


def test_a_lever_of_ones_own_may_fail_in_plain_words() -> None:
    error = KinerjaError("no room for {this} course")
    assert str(error) == error.text(lang="id") == "no room for {this} course"


def test_values_can_come_later() -> None:
    assert _("see {what}").filled(what="x").text(lang="id") == "lihat x"


def test_a_problem_says_its_place_in_the_language() -> None:
    problem = Problem("units.csv", 3, "pns", _("no outcome {name!r}.", name="x"), _("Do so."))
    assert problem.text(lang="id") == "units.csv, baris 3, kolom pns: tidak ada ukuran hasil 'x'. Do so."
    assert str(problem) == "units.csv, row 3, column pns: no outcome 'x'. Do so."
    doubt = Doubt("x.csv", None, None, _("see {what}", what="y"))
    assert doubt.text(lang="id") == "peringatan: x.csv: lihat y"
    both = Problems([problem, doubt])
    assert both.lines(lang="id") == [problem.text(lang="id"), doubt.text(lang="id")]
    assert str(pickle.loads(pickle.dumps(both))) == str(both)


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({}, "en"),
        ({"LANG": "id_ID.UTF-8"}, "id"),
        ({"LANG": "id"}, "id"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LANG": "id_ID.UTF-8"}, "en"),
        ({"KINERJA_LANG": "en", "LANG": "id_ID.UTF-8"}, "en"),
        ({"KINERJA_LANG": "id"}, "id"),
        ({"KINERJA_LANG": "de"}, "en"),
    ],
)
def test_the_session_speaks_as_its_surroundings(
    environment: dict[str, str], lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language() == lang


def test_the_session_speaks_as_it_is_set() -> None:
    set_language("id")
    try:
        assert language() == "id"
        with speaking("en"):
            assert language() == "en"
            with speaking(None):
                assert language() == "en"
        assert language() == "id"
    finally:
        set_language(None)
    with pytest.raises(ValueError, match="no language 'de'"):
        set_language("de")
    with pytest.raises(ValueError, match="no language 'de'"):
        Message("x").text(lang="de")


def test_streams_that_lack_a_sign_get_plain_ascii() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="strict")
    write_safely(stream)
    stream.write("▲ −6,2 – ± é “x” \N{NO-BREAK SPACE}☃")
    stream.flush()
    assert raw.getvalue() == b'^ -6,2 - +/- e "x"  \\u2603'
    raw = io.BytesIO()
    latin = io.TextIOWrapper(raw, encoding="latin-1", errors="strict")
    write_safely(latin)
    latin.write("é ± −")
    latin.flush()
    assert raw.getvalue().decode("latin-1") == "é ± -"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_plain_ascii_is_ascii_and_keeps_what_is(text: str) -> None:
    assert plain_ascii(text).isascii()
    assert plain_ascii("".join(filter(str.isascii, text))) == "".join(filter(str.isascii, text))
    assert plain_ascii("é☃") == "e\\u2603"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (numbers.rupiah(1234567, lang="id"), "Rp1.234.567"),
        (numbers.rupiah(-0.3, lang="id"), "Rp0"),
        (numbers.rupiah_short(227.4e6, lang="id"), "Rp227\N{NO-BREAK SPACE}juta"),
        (numbers.rupiah_short(227.4e6, signed=True, lang="en"), "+Rp227\N{NO-BREAK SPACE}million"),
        (numbers.rupiah_short(float("nan"), lang="id"), "–"),
        (numbers.percent(0.95, 0, lang="id"), "95%"),
        (numbers.percent(-0.0001, lang="id"), "0,0%"),
        (numbers.number(-0.04, signed=True, lang="id"), "0,0"),
        (numbers.shortest(97.5, lang="id"), "97,5"),
        (numbers.shortest(95, lang="id"), "95"),
        (numbers.shortest(334.8, lang="id"), "334,8"),
        (numbers.shortest(1234567.8, lang="id"), "1.234.568"),
        (numbers.shortest(-1.5e-5, lang="id"), "−1,5e-5"),
        (numbers.shortest(float("nan"), lang="id"), "–"),
        (numbers.p_value(0.0004, lang="id"), "p < 0,001"),
        (numbers.p_value(0.0421, lang="en"), "p = 0.042"),
        (numbers.duration(3661, lang="id"), "1 jam 1 menit"),
    ],
)
def test_numbers_are_spelt_as_eyd_has_it(text: str, expected: str) -> None:
    assert text == expected
