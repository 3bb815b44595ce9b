"""Reward: the pool is conserved to the rupiah; pay that depends works and fades; stakes bring side payments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from steady import steady

from sim.agency import load_agency
from sim.agency.staffing import share_out
from sim.errors import KinerjaError
from sim.evidence import NO_EFFECT
from sim.levers import Appraisal, Discipline, Reward, status_quo
from sim.runs.run import make_world, simulate
from sim.world import Scenario
from sim.world.climate import REFERENCE

SHORT = Scenario(burn_in=6)
NULL = replace(SHORT, preset="published")


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


def ran(agency, lever, months=3, scenario=SHORT, plus=()):
    world = make_world(agency, steady().plus(lever, *plus), months=months, scenario=scenario)
    world.run()
    return world


def part_of(world, finding):
    return next(e for e in world.effects._entries.values() if (e.source, e.finding) == ("reward", finding))


def served(world):
    kinds = np.array([unit.kind == "service" for unit in world.agency.units])
    return kinds[world.officers.unit]


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 10**13),
    st.lists(st.floats(0, 1e9, allow_subnormal=False), min_size=1, max_size=60),
)
def test_the_sum_paid_is_the_pool_to_the_rupiah(pool, weights):
    paid = share_out(pool, np.array(weights))
    assert int(paid.sum()) == pool
    assert (paid >= 0).all()
    if sum(weights) > 0:
        exact = np.array(weights) / sum(weights) * pool
        assert np.abs(paid - exact).max() <= 1 + 1e-9 * pool


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"conditional": 0.0},
        {"performance_share": 0.8},
        {"performance_share": 0.0, "verified": 1.0},
        {"unit_bonus": 0.3},
        {"rise": 0.17},
    ],
)
def test_a_months_allowances_are_the_pool_less_what_sanctions_withhold(agency, how):
    lever = Reward(**how)
    world = ran(agency, lever, months=6, plus=[Discipline(recorded=1.0, enforcement=1.0)])
    full = agency.fact("tpp_monthly") * (1 + lever.rise)
    cut = world.officers.column("discipline.cut")
    assert int(lever.allowances(world).sum()) == round(full * float((1 - cut).sum()))
    # a sanction costs its officer: put one there, and it is withheld from nobody else
    plain = lever.allowances(world)
    cut[3] = 0.0
    before = lever.allowances(world)
    cut[3] = 0.25
    after = lever.allowances(world)
    assert before.sum() - after.sum() == pytest.approx(0.25 * full, abs=1)
    assert after[3] < 0.8 * before[3] or lever.unit_bonus
    assert plain.min() >= 0


def test_better_rated_and_present_officers_are_paid_more(agency):
    world = ran(agency, Reward(verified=1.0), months=4)
    level = world.officers.column("appraisal.predikat")
    absent = world.roster.unexcused_days
    paid = Reward(verified=1.0).allowances(world)
    top, usual = paid[(level == 4) & (absent == 0)], paid[(level == 3) & (absent == 0)]
    assert top.min() > usual.max()
    assert paid[(level == 3) & (absent > 0)].max() < usual.min()
    flat = Reward(conditional=0.0).allowances(world)
    assert np.ptp(flat) <= 1


def test_without_effect_stakes_or_money_only_its_own_columns_change(agency, monkeypatch):
    monkeypatch.setattr("sim.levers.reward.STAKES", 0.0)
    findings = ("pay_performance_public", "pay_presence_camera", "pay_interesting_tasks", "reward_contingent")
    none = replace(SHORT, effects=dict.fromkeys(findings, NO_EFFECT))
    free = Reward(recognition=12, audit=1, recognition_cost=0, audit_cost=0)
    one = simulate(agency, status_quo(), months=3, scenario=none).outcomes
    other = simulate(agency, status_quo().plus(free), months=3, scenario=none).outcomes
    for name in one:
        if name not in ("side_payments", "gaming", "pay_spread"):
            left, right = one[name].to_numpy(), other[name].to_numpy()
            assert left.tobytes() == right.tobytes() if left.dtype == float else (left == right).all(), name


def test_unconditional_pay_does_nothing(agency):
    """TOST, margin .02 SD, over replications, of a pool that is doubled (de Ree et al. 2018)."""
    gaps = []
    for replication in range(3):
        one, other = (
            simulate(
                agency,
                status_quo().plus(Reward(conditional=0.0, rise=rise)),
                months=3,
                scenario=NULL,
                replication=replication,
            ).summary.iloc[-1]
            for rise in (0.0, 1.0)
        )
        paid = (other["cost"] - one["cost"]) / agency.fact("tpp_monthly")
        assert paid == pytest.approx(round(paid))
        assert 3 * one["officers"] <= paid <= 3 * 45  # a vacant post is not paid
        gaps.append(other["performance"] - one["performance"])
    se = np.std(gaps, ddof=1) / np.sqrt(len(gaps))
    assert abs(np.mean(gaps)) + 2.92 * se < 0.02


def test_pay_that_depends_moves_performance_by_its_evidence_and_fades(agency):
    world = ran(agency, Reward(performance_share=0.0, verified=1.0), months=1, plus=[Discipline()])
    camera = part_of(world, "pay_presence_camera")
    month = 0.5 ** (1 / camera.half_life)
    # all by attendance: 2.5 times the part that the rule of 60:40 leaves to it
    assert camera.dose == pytest.approx(np.full(len(camera.dose), 2.5 * month))
    later = part_of(
        ran(agency, Reward(performance_share=0.0, verified=1.0), months=13), "pay_presence_camera"
    )
    assert later.dose == pytest.approx(camera.dose / 2, rel=0.02)


def test_more_dependence_more_performance(agency):
    means = []
    for conditional in (0.0, 0.3, 0.6, 1.0):
        world = ran(agency, Reward(conditional=conditional), months=2)
        means.append(world.people.truth[served(world)].mean())
    assert means == sorted(means)
    assert means[-1] > means[0] + 0.05


def test_pay_by_predikat_is_unconditional_where_all_are_rated_alike(agency):
    world = ran(agency, Reward(), months=1)
    entry = part_of(world, "pay_performance_public")
    assert entry.dose[served(world)].mean() > 0.3
    alike = make_world(agency, status_quo(), months=1, scenario=SHORT)
    alike.effects.acting = "reward"
    alike.officers.column("appraisal.predikat")[:] = 3.0
    Reward()._pay(alike)
    assert part_of(alike, "pay_performance_public").dose == pytest.approx(0.0)
    assert part_of(alike, "pay_presence_camera").dose.mean() > 0


def test_interesting_work_is_crowded_out_and_counters_are_not(agency):
    world = ran(agency, Reward(), months=2)
    inner = part_of(world, "pay_interesting_tasks").contribution
    assert inner[~served(world)].max() < 0
    assert inner[served(world)] == pytest.approx(0.0)


def test_a_bonus_is_shared_by_many_and_spurs_each_the_less(agency):
    alone, shared = (
        part_of(ran(agency, Reward(unit_bonus=b), months=1), "pay_performance_public").dose.mean()
        for b in (0.0, 1.0)
    )
    assert 0 < shared < 0.5 * alone


def test_recognition_motivates_by_its_evidence_as_far_as_leaders_are_engaged(agency):
    doses, gains = [], []
    for rounds in (0, 6, 12, 52):
        world = ran(agency, Reward(conditional=0.0, recognition=rounds), months=1)
        entry = part_of(world, "reward_contingent")
        doses.append(entry.dose.mean())
        gains.append(world.people.motivation.mean())
    assert doses == [0, 0.5, 1.0, 1.0]
    size = world.evidence["reward_contingent"].mean
    assert gains[-1] == pytest.approx(np.tanh(size), abs=0.01)
    world = make_world(
        agency, status_quo().plus(Reward(conditional=0.0, recognition=12)), months=1, scenario=SHORT
    )
    world.climate.engagement[:] = 0.25
    world.run()
    assert part_of(world, "reward_contingent").condition == pytest.approx(0.5)


def test_stakes_bring_gaming_and_side_payments_which_integrity_and_audit_lower(agency):
    big = load_agency("makassar-full")

    def tempted(**how):
        world = make_world(big, status_quo(), months=1, scenario=SHORT)
        world.effects.acting = "reward"
        lever = Reward(**how)
        world.climate.stakes[:] = REFERENCE["stakes"] + 0.5 * lever.conditional
        lever._temptation(world)
        return world.officers.column("reward.gaming"), world.recorder._flows["side_payments"].sum(), world

    today, high, audited = tempted(conditional=0.0), tempted(), tempted(audit=1.0)
    assert today[0].max() == 0
    assert high[0].mean() > audited[0].mean() > 0
    assert today[1] < high[1]
    assert audited[1] < high[1]
    honest = high[2].officers.integrity > 0.5
    assert high[0][honest].mean() < 0.5 * high[0][~honest].mean()


def test_stakes_rise_with_dependence_and_end_with_the_lever(agency):
    assert ran(agency, Reward(conditional=0.6), months=1).climate.stakes == pytest.approx(0.6)
    before = status_quo().plus(Reward())
    world = make_world(agency, replace(status_quo(), before=before), months=1, scenario=SHORT)
    world.run()
    assert world.climate.stakes == pytest.approx(REFERENCE["stakes"])


def test_no_level_spurs_twice(agency):
    """An appraisal that changes who is paid what does not make an old incentive new."""
    world = ran(agency, Reward(), months=12, plus=[Appraisal(every="month")])
    entry = part_of(world, "pay_presence_camera")
    assert entry.dose == pytest.approx(np.full(len(entry.dose), 0.5 * 0.5 ** (12 / entry.half_life)))


def test_bad_parameters_are_refused_by_name():
    with pytest.raises(KinerjaError, match=r"reward.conditional = 2: must be at most 1"):
        Reward(conditional=2)
    with pytest.raises(KinerjaError, match=r"unknown parameter 'audits' \(did you mean 'audit'\?\)"):
        Reward.build({"audits": 1})
