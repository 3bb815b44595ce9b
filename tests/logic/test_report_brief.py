"""Claim: the brief is one page that needs nothing else, says what the data say, and how to get the same again."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from report_sample import POLICIES, comparison

from sim.agency import load_agency
from sim.errors import KinerjaError, Message
from sim.evidence import Evidence
from sim.language import LANGUAGES, catalogue, speaking
from sim.language.numbers import rupiah, rupiah_short
from sim.levers.policy import Policy, load_policy
from sim.report.evidence import MARKS, distinct, evidence_table
from sim.report.plain import Plain
from sim.study import load_study
from sim.study.compare import estimates, passages, tables
from sim.study.compare.brief import brief, write_brief
from sim.study.compare.design import CompareStudy
from sim.study.compare.figure import FAIRNESS
from sim.study.compare.result import CompareResult
from sim.study.study_yaml import fairness_yaml, study_yaml

VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """Reads a page: whether tags nest, its text, its images, numbers with their titles, text of the answer."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.text: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.answer = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.tags.append((tag, known))
        if tag not in VOID:
            self.open.append((tag, known.get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        places = [place for _, place in self.open]
        if self.open and self.open[-1][0] not in ("style", "pre"):
            self.text.append(data)
        if (
            "answer" in places
            and "n" not in places
            and "quiet screen" not in places
            and ("strong", "") not in self.open
        ):
            self.answer += data


@cache
def html(lang: str) -> str:
    return brief(comparison(replications=6), lang=lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_needs_nothing_but_itself(lang: str) -> None:
    page = Page(html(lang))
    assert not [tag for tag, _ in page.tags if tag in ("script", "link", "iframe", "object")]
    addresses = [
        known[key] or "" for _, known in page.tags for key in ("src", "href", "srcset") if key in known
    ]
    assert addresses
    assert all(address.startswith("data:image/svg+xml;base64,") for address in addresses)
    assert "url(" not in html(lang)
    assert "@import" not in html(lang)
    for address in addresses:
        svg = base64.b64decode(address.split(",")[1]).decode("utf-8")
        assert not re.search(r'href="(?!#)', svg)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_four_to_seven_figures_each_with_words_for_who_cannot_see_it(lang: str) -> None:
    images = [known for tag, known in Page(html(lang)).tags if tag == "img"]
    assert 4 <= len(images) <= 7
    assert all(len(known["alt"] or "") > 20 for known in images)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_number_of_the_answer_can_be_traced(lang: str) -> None:
    """Digits stand only in marked numbers; the mark tells n, interval and seed."""
    page = Page(html(lang))
    bare = re.sub(r"1[.,]000", "", page.answer)  # "of every 1,000 visits" is no result
    bare = re.sub(r"(selama|over) 3 (tahun|years)", "", bare)
    bare = re.sub(r"\d+ (ukuran hasil lain|other outcomes)", "", bare)
    assert not re.findall(r"\d+", bare), bare
    marked = [known["title"] or "" for tag, known in page.tags if tag == "span" and known.get("class") == "n"]
    titles = [title.replace("\N{NO-BREAK SPACE}", " ") for title in marked]
    assert len(titles) > 20
    word = {"id": "6 replikasi; selang kepercayaan 95%: ", "en": "6 replications; 95% confidence interval: "}[
        lang
    ]
    seed = {"id": "benih acak 1", "en": "random seed 1"}[lang]
    assert all(title.startswith(word) and title.endswith(seed) for title in titles)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_language_only(lang: str) -> None:
    other = "en" if lang == "id" else "id"
    page = " ".join(" ".join(Page(html(lang)).text).split())
    for (_context, english), indonesian in catalogue.indonesian().items():
        row = {"id": indonesian, "en": english}
        foreign = row[other]
        if len(foreign) > 14 and "{" not in foreign and foreign not in row[lang]:
            assert foreign not in page
    for policy in POLICIES:
        assert policy.label(lang=lang) in page
        assert policy.label(lang=other) not in page


def test_it_says_what_it_rests_on() -> None:
    page = " ".join(Page(html("en")).text)
    for key in ("feedback", "training_behaviour"):
        finding = Evidence.load("shrunk")[key]
        assert finding.label_en in page
        assert finding.source in page
    assert "assumption" in page
    assert "all their effects are assumptions: Surprise inspections" in page
    assert "Do not use a simulated rating or rank as a real SKP" in page


def test_the_table_holds_the_numbers_of_the_comparison() -> None:
    c = comparison(replications=6)
    page = " ".join(" ".join(Page(html("en")).text).split())
    for name, e in estimates.differences(c, "waiting_minutes").items():
        size = f"{e.mean:.1f}".replace("-", "−").replace("−0.0", "0.0")
        ends = [
            f"{x:+.1f}".replace("-", "−").replace("+0.0", "0.0").replace("−0.0", "0.0")
            for x in (e.low, e.high)
        ]
        mark = MARKS[estimates.goodness("waiting_minutes", e)]
        assert re.search(rf"{mark}\s+{re.escape(size)}\s+{re.escape(f'{ends[0]} to {ends[1]}')}", page), name


def test_the_same_comparison_gives_the_same_bytes() -> None:
    c = comparison({"status_quo": 0.0, "feedback": -6.0}, replications=4)
    assert brief(c, lang="id") == brief(c, lang="id")


def test_names_cannot_break_the_page() -> None:
    evil = Policy("feedback", (), 'Umpan <b>balik</b> & "warga" {0}', "x")
    c = comparison({"status_quo": 0.0, "feedback": -6.0}, replications=4, policies=(POLICIES[0], evil))
    page = brief(c, lang="id")
    assert "<b>balik</b>" not in page
    assert "Umpan &lt;b&gt;balik&lt;/b&gt; &amp; &#34;warga&#34; {0}" in page
    Page(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_single_policy_and_an_interrupted_study_still_give_a_brief(lang: str) -> None:
    c = comparison({"status_quo": 0.0}, replications=4)
    c = comparison({"status_quo": 0.0}, replications=4, manifest={**c.manifest, "partial": True})
    page = " ".join(Page(brief(c, lang=lang)).text)
    assert {"id": "studi dihentikan setelah 4 replikasi", "en": "stopped after 4 replications"}[lang] in page
    assert {"id": "belum ada alternatif pembanding", "en": "nothing to compare it with"}[lang] in page


def test_it_repeats_to_the_same_id(tmp_path: Path) -> None:
    """The study file in the brief is read back by ``kinerja study`` as the very same study."""
    agency = load_agency("contoh")
    policies = (
        load_policy("status_quo"),
        load_policy("citizen_feedback"),
        load_policy("feedback_and_training"),
    )
    study = CompareStudy(
        agency=agency,
        policies=policies,
        years=2,
        seed=5,
        precision={"waiting_minutes": 0.5},
        headline=("ikm_service", "waiting_minutes"),
        question={"id": "Apa?", "en": "What?"},
    )
    empty = pd.DataFrame()
    manifest = {"id": study.describe().id, "partial": False, "replications": 10, "study": study.to_dict()}
    tables = dict.fromkeys(("outcomes", "runs_summary", "costs"), empty)
    c = CompareResult(spec=study, manifest=manifest, **tables)
    file = tmp_path / "study.yaml"
    file.write_text(study_yaml(c), encoding="utf-8")
    again = load_study(file)
    assert again.describe().id == c.id
    assert (again.headline, dict(again.question)) == (study.headline, dict(study.question))
    file.write_text(fairness_yaml(c), encoding="utf-8")
    split = load_study(file)
    assert "- citizen_feedback\n" in fairness_yaml(c)  # it ships as it is
    assert (split.kind, split.policies, split.seed, split.years) == ("fairness", policies, 5, 2)
    assert (split.scenario, split.replications) == (study.scenario, 10)


def test_a_notebooks_lever_is_missing_from_the_file_and_says_so() -> None:
    text = study_yaml(comparison({"status_quo": 0.0, "feedback": -6.0}, replications=4))
    assert text.startswith("# Incomplete: feedback has a lever defined in a notebook.")


def test_costs_add_up() -> None:
    c = comparison(replications=6)
    table = tables.cost_table(c, lang="en")
    both = table[table["Option"] == "Citizen feedback and ICT training"]
    assert both["Action"].tolist()[-1] == "Total"
    per_run = c.costs[c.costs["policy"] == "both"]["rupiah"].sum() / 6
    assert both["Total"].tolist()[-1] == rupiah(per_run, lang="en")
    assert {"2026", "2027", "2028"} <= set(table.columns)


def test_what_all_policies_share_is_not_what_makes_them_differ() -> None:
    quo, both = POLICIES[0], POLICIES[-1]
    feedback, course = both.levers
    shared = tuple(Policy(p.name, (*p.levers, feedback)) for p in (quo, POLICIES[3]))
    c = comparison({"status_quo": 0.0, "training": -6.0}, replications=4, policies=shared)
    assert [policy.levers for policy in distinct(c)] == [(), (course,)]
    page = " ".join(" ".join(Page(brief(c, lang="en")).text).split())
    assert "actions common to all options rest on 1 other findings, 1 of them assumptions" in page


def test_tables_for_notebooks() -> None:
    c = comparison(replications=6)
    ranked = tables.ranked_table(c, lang="id")
    assert ranked["Alternatif"].tolist()[:2] == ["Keadaan sekarang", "Umpan balik warga dan pelatihan TIK"]
    assert ranked["Waktu tunggu (menit)"][1].startswith("▲ −10")
    evidence = evidence_table(c.policies, "published", lang="id")
    assert evidence["Mutu bukti"].tolist() == ["dibaca pada sumbernya"] * 2
    shrunk = evidence_table(c.policies, "shrunk", lang="id")  # by a factor that is an assumption
    assert shrunk["Mutu bukti"].tolist() == ["asumsi"] * 2


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(KinerjaError, match=r"no_such_folder.*cannot be written"):
        write_brief(
            comparison({"status_quo": 0.0}, replications=4), tmp_path / "no_such_folder" / "brief.html"
        )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_a_name_is_marked_with_is_not_shown_as_text(lang: str) -> None:
    """Also where several names stand in a list."""
    c = comparison({"status_quo": 0.0, "feedback": -6.0, "training": -8.0, "both": -6.0}, replications=4)
    for page in (brief(c, lang=lang), html(lang)):
        assert "&lt;" not in page.split("<body>")[1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_part_answers_and_the_appendix_holds_the_rest(lang: str) -> None:
    """Answer, one figure, the table, the price with its interval, when, the risk, what to measure; then the method."""
    first, rest = html(lang).split("<aside>")
    assert first.count("<img") == 1
    for heading in (
        Message("Answer"),
        Message("Cost"),
        Message("When do results appear?"),
        Message("What is the risk, and how certain is the result?"),
    ):
        assert heading.text(lang=lang) in first
    assert Message("What to measure first?").text(lang=lang) in first
    assert Message("Method").text(lang=lang) in rest
    assert Message("What does a unit of improvement cost?").text(lang=lang) in rest
    c = comparison(replications=6)
    row = c.cost_effectiveness("waiting_minutes").set_index("policy").loc["both"]
    assert rupiah_short(row["price"], lang=lang) in first
    assert rupiah_short(row["low"], lang=lang) in first
    assert f"{c.id}" in first


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_says_what_ratings_become_and_leads_to_the_groups(lang: str) -> None:
    """ "Inspection" makes ratings less accurate in the sample, by .12 or so."""
    c = comparison(replications=6)
    with speaking(lang):
        said = passages.fair(c, Plain())
    assert {
        "id": "“Inspeksi mendadak” (ketepatan penilaian −0,",
        "en": "“Surprise inspections” (rating accuracy −0.",
    }[lang] in said
    alike = comparison({"status_quo": 0.0, "feedback": 0.0}, replications=4)
    same = alike.runs_summary.assign(**dict.fromkeys(FAIRNESS, 0.1))
    with speaking(lang):
        none = passages.fair(replace(alike, runs_summary=same), Plain())
    assert {"id": "tidak ada alternatif", "en": "no option"}[lang] in none
    page = html(lang)
    assert page.index(
        Message(
            "These figures are for the whole agency. To see which groups of officers gain and which "
            "are harmed, save this text as groups.yaml, then run kinerja study groups.yaml."
        ).text(lang=lang)
    ) < page.index("kind: fairness")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_finding_leads_to_its_row_of_the_evidence(lang: str) -> None:
    first, rest = html(lang).split("<aside>")
    rows = re.findall(r'<span class="e" title="[^"]*\[(\w+)\]', first)
    assert len(rows) >= 2
    for key in rows:
        assert key in Evidence.load("shrunk")
        assert f"[{key}]" in rest


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_levers_own_outcome_is_shown_under_the_name_of_its_column(lang: str) -> None:
    c = comparison({"status_quo": 0.0, "feedback": -6.0}, replications=4)
    with_own = c.runs_summary.assign(
        cups_of_coffee=np.where(c.runs_summary["policy"] == "feedback", 2.5, np.nan)
    )
    page = brief(replace(c, runs_summary=with_own), lang=lang)
    assert Message("Outcomes measured by the actions themselves").text(lang=lang) in page
    table = tables.own_outcomes(replace(c, runs_summary=with_own), lang=lang)
    assert table.iloc[:, 0].tolist() == ["cups_of_coffee"]
    assert table.iloc[0, 2] == {"id": "2,50", "en": "2.50"}[lang]
    assert Message("Outcomes measured by the actions themselves").text(lang=lang) not in brief(c, lang=lang)
