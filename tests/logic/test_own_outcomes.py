"""Claim: an outcome that a lever of one's own adds can do what those of the project can: decide, be judged better or
worse, be known precisely enough, be drawn, and come back from disk; an outcome nobody adds is refused."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import sim
from sim.errors import KinerjaError, Problems
from sim.outcomes import OUTCOMES

CONTOH = sim.load_agency("contoh")
SMALL = replace(
    CONTOH,
    units=CONTOH.units[:1],
    services=CONTOH.services[:1],
    demand=tuple(row for row in CONTOH.demand if row.service in ("*", CONTOH.services[0].service)),
    programmes=(),
)
FEW = {"years": 1, "workers": 1, "progress": False, "seed": 3, "scenario": sim.Scenario(burn_in=4)}


class Watch(sim.Lever):
    """Counts officers who are keen, and changes nothing."""

    title_en = "Watch"
    outcomes = (
        sim.Outcome(
            "keen",
            better="high",
            share=True,
            weight="officers",
            headline=True,
            label_id="Pegawai bersemangat",
            label_en="Keen officers",
            note_en="Officers whose motivation is above the average at the start.",
        ),
        sim.Outcome("spells", better="low", months="exact", units="exact", label_en="Spells", unit_en="days"),
    )

    def run(self, world):
        while True:
            yield world.clock.next("month")
            gained = world.officers.motivation + world.people.motivation
            world.recorder.state("keen", world.by_unit(gained > 0))
            for unit, rows in enumerate(world.officers.slices):
                world.recorder.cases("spells", unit, world.clock.month, world.roster.absent_days[rows])


class Push(sim.Lever):
    def run(self, world):
        world.effects.add("motivation", sim.Effect(0.6))


WATCHED = sim.status_quo().plus(Watch(), name="today")
PLANS = [WATCHED, WATCHED.plus(Push(), name="push")]


@pytest.fixture(scope="module")
def result():
    return sim.compare(SMALL, PLANS, replications=4, headline=["keen", "waiting_minutes"], **FEW)


def test_it_is_judged_and_decides(result):
    rows = result.table("keen").set_index("policy")
    assert rows.loc["push", "difference"] > 0
    assert rows.loc["push", "probability_better"] > 0.9
    assert "keen officers" in result.summary(lang="en").lower()
    assert "egawai bersemangat" in result.summary(lang="id")


def test_it_adds_up_over_units_and_months(result):
    months = result.months("keen")
    assert months["month"].tolist() == 2 * list(range(1, 13))
    whole = result.runs_summary.query("unit == '*' and policy == 'today' and window == '1-12'")["keen"]
    # months weigh by the officers there, who differ a little
    assert months.query("policy == 'today'")["mean"].mean() == pytest.approx(whole.mean(), abs=3e-4)
    spells = result.runs_summary["spells"]
    assert spells.notna().all()
    assert spells.between(0, 31).all()


def test_it_has_a_time_a_figure_a_page_and_a_price(result, tmp_path):
    assert result.timing("keen")["months"].tolist() == [12]
    figure = result.plot(outcomes=["keen"], lang="en")
    assert any(
        "Keen officers" in text.get_text() for text in figure.findobj(lambda a: hasattr(a, "get_text"))
    )
    from sim.study.registry import report_of

    page = report_of("compare").write_brief(result, tmp_path / "brief.html", lang="en").read_text("utf-8")
    assert "Keen officers" in page
    assert "Officers whose motivation is above" in page
    assert len(result.cost_effectiveness("keen")) == 1


def test_it_is_shown_first_where_it_says_so():
    found = sim.compare(SMALL, PLANS, replications=2, **FEW)
    assert found.headline[-1] == "keen"
    assert "keen" in set(found.table()["outcome"])


def test_it_can_be_known_precisely_enough_and_selected_by():
    wide = sim.compare(SMALL, PLANS, precision={"keen": 0.5}, max_replications=10, **FEW)
    assert 0 < wide.manifest["precision_reached"]["keen"] < 0.5
    chosen = sim.select(SMALL, PLANS, "keen", indifference=0.02, first=5, max_replications=5, **FEW)
    assert "push" in str(chosen.sentence(lang="en")).lower()


def test_it_comes_back_in_a_session_that_does_not_know_the_lever(result, tmp_path):
    folder = result.save(tmp_path / "result")
    code = (
        "import sim, sys; r = sim.load_result(sys.argv[1]);"
        "rows = r.table('keen').set_index('policy');"
        "print(rows.loc['push', 'difference'] > 0, 'keen officers' in r.summary(lang='en').lower())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "True"]


def test_a_result_keeps_the_meaning_it_was_made_with(result):
    class Others(sim.Lever):
        outcomes = (sim.Outcome("keen", better="low", label_en="Something else"),)

    assert str(OUTCOMES["keen"].label) == "Something else"
    assert "keen officers" in result.summary(lang="en").lower()
    assert result.table("keen").set_index("policy").loc["push", "probability_better"] > 0.9
    assert Others.outcomes[0].better == "low"


def test_a_lever_that_only_watches_changes_nothing_else(result):
    plain = sim.compare(SMALL, [sim.status_quo()], replications=2, **FEW).runs_summary
    watched = result.runs_summary.query("policy == 'today' and replication < 2").reset_index(drop=True)
    for name in plain.columns.difference(["policy"]):
        if name in OUTCOMES:
            np.testing.assert_array_equal(plain[name].to_numpy(float), watched[name].to_numpy(float))


def test_the_table_has_no_column_of_levers_that_are_not_there():
    assert "keen" in OUTCOMES
    assert "keen" not in sim.simulate("contoh", "status_quo", months=1).outcomes


def test_what_no_lever_of_the_study_adds_is_refused():
    for key in ("headline", "precision"):
        given = {"headline": ["keen"]} if key == "headline" else {"precision": {"keen": 0.1}}
        with pytest.raises(Problems, match=f"{key}: no outcome 'keen'"):
            sim.compare(SMALL, ["status_quo", "citizen_feedback"], **given, **FEW)
    with pytest.raises(Problems, match=r"no outcome 'kene' \(did you mean 'keen'\?\)"):
        sim.compare(SMALL, PLANS, headline=["kene"], **FEW)
    with pytest.raises(KinerjaError, match=r"months is 'summ' \(did you mean 'sum'\?\)"):
        sim.Outcome("x", months="summ")
    with pytest.raises(KinerjaError, match="no outcome 'headcount'"):

        class Bad(sim.Lever):
            outcomes = (sim.Outcome("mean_of_nothing", weight="headcount"),)

            def run(self, world):
                return None

        sim.simulate("contoh", sim.status_quo().plus(Bad()), months=1)
