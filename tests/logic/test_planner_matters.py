"""Claim: the finding said to matter most is the one that was measured to move the answer most, by as much as is said,
and nothing is said to matter before it is measured."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.special import ndtri

import sim
from sim.errors import Message
from sim.evidence import Evidence
from sim.language import LANGUAGES
from sim.planner import Answers, Plan, Question, downloads, view
from sim.study.compare.one_way import OneWay

AGENCY = sim.load_agency("contoh")
END = float(ndtri(0.9))
TRANSFER, SKILL = "transfer_at_once", "training_behaviour"


def question(start: str = "ict_training", **design: object) -> Question:
    plans = (Plan.new("A", sim.load_policy(start)),)
    return replace(Question(AGENCY, plans, years=1, replications=6), **design)  # type: ignore[arg-type]


@cache
def any_run():
    return sim.simulate(AGENCY, sim.status_quo(), months=12, scenario=sim.Scenario(burn_in=1))


class Known:
    """A model in which each finding moves waiting under the plan by a known amount for each of its SDs."""

    def __init__(self, noise: float = 0.0, **moves: float) -> None:
        self.noise, self.moves = noise, moves
        self.runs: list[tuple[str, int, dict[str, float]]] = []

    def __call__(self, agency, policy, *, seed, replication, months, scenario):
        self.runs.append((policy.name, replication, dict(scenario.draws)))
        waiting = 20 + np.random.default_rng(replication).normal()
        if policy.name != "status_quo":
            waiting -= 3
            waiting += sum(self.moves.get(key, 0.0) * z for key, z in scenario.draws.items())
            waiting += self.noise * np.random.default_rng([replication, len(scenario.draws)]).normal()
            if scenario.draws:
                waiting += self.noise * np.random.default_rng([replication, len(self.runs)]).normal()
        run = any_run()
        return dataclasses.replace(run, summary=run.summary.assign(waiting_minutes=waiting))


def measured(model: Known, asked: Question) -> tuple[object, list[OneWay]]:
    answers = Answers(workers=1, run=model)
    found = list(answers.ask(asked))[-1]
    return found, list(answers.measure(asked, found))


def text(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html).replace("\N{NO-BREAK SPACE}", " ")


def test_the_finding_that_moves_most_is_found_and_by_how_much():
    model = Known(**{SKILL: -0.5, TRANSFER: 1.5})
    _, looks = measured(model, question())
    assert [one.replications for one in looks] == list(range(7))
    table = looks[-1].table().set_index("finding")
    assert list(table.index) == [TRANSFER, SKILL]
    assert table["middle"].to_numpy() == pytest.approx(-3)
    assert table.loc[TRANSFER, ["at_low", "at_high"]].to_list() == pytest.approx(
        [-3 - 1.5 * END, -3 + 1.5 * END]
    )
    assert table.loc[SKILL, "swing"] == pytest.approx(-2 * 0.5 * END)
    sizes = Evidence.load("shrunk")[TRANSFER].effect
    assert table.loc[TRANSFER, "low"] == pytest.approx(sizes.mean - END * sizes.doubt)
    assert looks[-1].tied() == []
    # what today's practice does not rest on is not run anew under it
    assert [run for run in model.runs if run[0] == "status_quo" and run[2]] == []


def test_what_is_said_is_what_was_measured_in_both_languages():
    asked = question()
    found, looks = measured(Known(**{SKILL: -0.5, TRANSFER: 1.5}), asked)
    for lang, low, middle, high in (
        ("id", "−4,9 menit", "−3,0 menit", "−1,1 menit"),
        ("en", "−4.9 minutes", "−3.0 minutes", "−1.1 minutes"),
    ):
        name = getattr(Evidence.load("shrunk")[TRANSFER], f"label_{lang}")
        page = text(view.result(asked, found, looks[-1], lang=lang))
        plan = {"id": "Rencana A", "en": "Plan A"}[lang]
        said = (
            Message("Measured for {policy}: what matters most is {finding}.")
            .filled(policy=plan, finding=name[:1].lower() + name[1:])
            .text(lang=lang)
        )
        assert said in page
        ends = page[page.index(said) + len(said) :][:400]
        assert ends.index(low) < ends.index(middle) < ends.index(high)
        _, _, brief = downloads.made("brief", asked, 0, found, measured=looks[-1], lang=lang)
        assert said in text(brief.decode("utf-8"))
        for html in (page, text(brief.decode("utf-8"))):
            assert (
                Message("The most uncertain findings (not necessarily those that matter most):").text(
                    lang=lang
                )
                in html
            )
            assert (
                Message(
                    "This study did not vary its assumptions, so which of them decides the ranking was "
                    "not measured. Of the research findings behind the best option, the most uncertain "
                    "are:"
                ).text(lang=lang)
                not in html
            )
            assert (
                Message(
                    "The effect that was measured to matter most: {what}. Run a trial in some units, "
                    "with randomly chosen units for comparison."
                )
                .filled(what=name[:1].lower() + name[1:])
                .text(lang=lang)
                in html
            )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_before_it_is_measured_nothing_is_said_to_matter_most(lang):
    asked = question()
    found, looks = measured(Known(**{TRANSFER: 1.5}), asked)
    head = Message("Measured for {policy}: what matters most is {finding}.").text(lang=lang).split("{")[0]
    assert head
    for so_far in (None, looks[0], looks[1]):
        page = text(view.result(asked, found, so_far, lang=lang))
        assert (
            Message(
                "Which finding matters most is measured once all replications are complete. "
                "Meanwhile, the most uncertain findings (not necessarily those that matter most):"
            ).text(lang=lang)
            in page
        )
        assert head not in page


def test_chance_is_not_taken_for_a_finding_that_matters():
    asked = question(replications=10)
    _, looks = measured(Known(noise=2.0), asked)
    said = text(view.result(asked, measured(Known(noise=2.0), asked)[0], looks[-1], lang="en"))
    assert "none of the 2 findings" in said
    _, alike = measured(Known(noise=0.2, **{SKILL: 1.0, TRANSFER: 1.0}), asked)
    assert len(alike[-1].tied()) == 1  # which of two matters most cannot be told


def test_a_finding_that_today_rests_on_as_well_is_moved_in_both():
    """The difference moves only by what the plan makes of it."""
    model = Known(feedback=5.0)
    asked = question("citizen_feedback", replications=2)
    _, looks = measured(model, asked)
    again = [run for run in model.runs if run[0] == "status_quo" and "feedback" in run[2]]
    assert len(again) == 2 * 2
    assert looks[-1].table()["finding"].tolist() == ["feedback"]


def test_a_plan_without_findings_says_so_and_runs_nothing_more():
    asked = question("outreach", replications=2)
    model = Known()
    found, looks = measured(model, asked)
    assert len(model.runs) == 4
    assert len(looks) == 1
    assert "rests on no finding whose uncertainty" in text(view.result(asked, found, looks[-1], lang="en"))


def test_measuring_stops_when_something_else_is_asked_and_keeps_what_was_run():
    model = Known(**{TRANSFER: 1.0})
    answers = Answers(workers=1, run=model)
    asked = question()
    found = list(answers.ask(asked))[-1]
    before = len(model.runs)
    assert len(list(answers.measure(asked, found, lambda: len(model.runs) < before + 2))) == 1
    assert len(model.runs) == before + 2
    list(answers.measure(asked, found))
    assert len(model.runs) == before + 4 * 6  # two findings, two ends; nothing is run twice


def test_in_the_model_it_is_the_difference_that_compare_gives_in_that_world():
    asked = question(replications=2, outcome="performance")
    answers = Answers(workers=1)
    found = list(answers.ask(asked))[-1]
    last = list(answers.measure(asked, found))[-1]
    for key in last.findings:
        for end, sign in ((0, -1), (1, 1)):
            there = sim.compare(
                AGENCY,
                [sim.status_quo(), asked.plans[0].policy],
                years=1,
                replications=2,
                scenario=sim.Scenario(draws={key: sign * END}),
                workers=1,
                progress=False,
            )
            expected = there.differences("performance")["difference"].to_numpy()
            assert last.turned[key][end] == pytest.approx(expected)
    assert np.diff(last.turned[SKILL], axis=0).mean() > 0  # training that works better makes officers better
