"""Appraisal: each choice of its design moves truth, fairness or people as its evidence says, at a price in hours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from wide_agency import OFFICERS, UNITS, wide_agency

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.evidence import NO_EFFECT, Evidence
from sim.levers import Appraisal, Kpi, Lever, Policy, load_policy, policy_from_yaml
from sim.levers.appraisal.indicators import blend, measured
from sim.levers.appraisal.lever import FORCED_LONG_RUN, OPENNESS, TRUST_SD
from sim.levers.appraisal.raters import MASKED, sources
from sim.regulation import PREDIKAT, complies, count_mix
from sim.runs.run import make_world, simulate
from sim.world import Scenario
from sim.world.climate import REFERENCE
from sim.world.officers import MOTIVATION_SD, OVERALL
from sim.world.ratings import BERAKHLAK, composite, published_mix

NOW = Scenario(burn_in=0)
ROUND = {"supervisor": 0.5, "own": 0.1, "peers": 0.2, "subordinates": 0.1, "citizens": 0.1}
OWN = (*Appraisal.outcomes, "rater_hours")


@pytest.fixture(scope="module")
def wide():
    return wide_agency()


def world_of(agency, *levers, months=1, scenario=NOW, replication=0):
    plan = Policy("p", levers, before=Policy("none"))
    world = make_world(agency, plan, months=months, scenario=scenario, replication=replication)
    world.run()
    return world


def outcome(agency, name, *levers, months=1, scenario=NOW, replications=1):
    found = [
        world_of(agency, *levers, months=months, scenario=scenario, replication=r)
        .recorder.summary()
        .iloc[-1][name]
        for r in range(replications)
    ]
    return float(np.mean(found))


def bytes_of(frame, without=()):
    return {c: frame[c].to_numpy().tobytes() for c in frame if c not in without and frame[c].dtype == float}


# nothing


def test_a_design_without_effect_time_or_money_changes_no_byte_but_its_own():
    small = load_agency("contoh")
    nought = dict.fromkeys(("masked_second_rater", "appraisal_fairness", "forced_distribution"), NO_EFFECT)
    scenario = Scenario(burn_in=3, effects=nought)
    base = Policy("base", (Appraisal(minutes=0),))
    free = Appraisal(
        **ROUND,
        second="masked",
        scoring="score",
        distribution="se3",
        measured=0.5,
        transparency=1.0,
        stakes=0.9,
        rater_training=0,
        minutes=0,
        cost=0,
    )
    one, other = (
        simulate(small, replace(plan, before=base), months=4, scenario=scenario).outcomes
        for plan in (base, base.plus(free))
    )
    assert (one["rating_validity"] != other["rating_validity"]).any()
    own = set(OWN) - {"motivation"}
    assert bytes_of(one, own) == bytes_of(other, own)


# who rates


def test_more_kinds_of_raters_rate_more_truly_and_favour_less(wide):
    def found(name, *levers):
        return outcome(wide, name, *levers, replications=3)

    assert found("rating_validity", Appraisal(**ROUND)) > found("rating_validity", Appraisal()) + 0.1
    assert found("favouritism", Appraisal(**ROUND)) < found("favouritism", Appraisal()) - 0.02


def test_validity_in_a_run_is_what_the_design_says(wide):
    for how in ({}, ROUND, {"second": "masked"}, {"rater_training": 8.0}):
        lever = Appraisal(**how)
        world = world_of(wide, lever)
        _, designed = composite(list(sources(lever, world).values()), 0.0)
        found = np.mean([outcome(wide, "rating_validity", lever, replications=4)])
        assert found == pytest.approx(np.mean(designed), abs=0.03)


def test_more_peers_rate_more_truly(wide):
    found = [
        outcome(wide, "rating_validity", Appraisal(supervisor=0.5, peers=0.5, peer_raters=k), replications=2)
        for k in (1, 3, 10)
    ]
    assert found == sorted(found)


def test_subordinates_are_heard_about_whoever_leads_and_nobody_else(wide):
    without, heard = (
        world_of(wide, Appraisal(subordinates=w)).officers.column("appraisal.score") for w in (0.0, 0.5)
    )
    leads = np.arange(len(heard)) % OFFICERS == 0
    assert np.array_equal(without[~leads], heard[~leads])
    assert (without[leads] != heard[leads]).all()
    world = world_of(wide, Appraisal(subordinates=0.5))
    said = sources(Appraisal(subordinates=0.5), world)
    total = sum(s.weight for s in said.values())
    assert total == pytest.approx(np.ones(len(heard)))
    assert (said["subordinate"].raters == OFFICERS - 1).all()


def test_someone_rates_everybody():
    # a lone officer has no peers: his superior rates him, though peers alone were asked
    small = load_agency("contoh")
    unit = next(u for u in small.units if u.kind == "programme")
    lone = replace(small, units=(replace(unit, pns=1, pppk=0),), services=(), demand=())
    peers = Appraisal(supervisor=0, peers=1)
    world = world_of(lone, peers)
    assert {name: source.weight.tolist() for name, source in sources(peers, world).items()} == {
        "supervisor": [1.0]
    }
    assert (world.officers.column("appraisal.score") != 0).all()


def test_raters_who_take_less_time_rate_less_truly(wide):
    found = [outcome(wide, "rating_validity", Appraisal(minutes=m), replications=2) for m in (5, 15, 45, 180)]
    assert found == sorted(found)
    assert found[2] - found[0] > 0.1


def test_rater_training_makes_ratings_truer_by_dose(wide):
    found = [
        outcome(wide, "rating_validity", Appraisal(rater_training=h), replications=2) for h in (0, 2, 4, 8)
    ]
    assert found == sorted(found)
    assert found[-1] > found[0] + 0.03
    none = replace(NOW, effects={"rater_training": NO_EFFECT})
    untrained = outcome(wide, "rating_validity", Appraisal(), replications=2)
    assert (
        outcome(wide, "rating_validity", Appraisal(rater_training=8), scenario=none, replications=2)
        == untrained
    )


def test_a_masked_second_superior_raises_performance_and_favours_less(wide):
    size = Evidence.load("shrunk")["masked_second_rater"].mean
    plain, open_, masked = (world_of(wide, Appraisal(second=s)) for s in ("none", "open", "masked"))
    moved = masked.people.channels - plain.people.channels
    assert moved == pytest.approx(np.full(moved.shape, OVERALL * size))
    assert np.array_equal(open_.people.channels, plain.people.channels)
    none, half, least = (w.recorder.summary().iloc[-1]["favouritism"] for w in (plain, open_, masked))
    assert none > half > least + 0.02
    assert 0 < MASKED < 1


def test_masking_does_nothing_where_nothing_is_at_stake(wide):
    world = world_of(wide, Appraisal(second="masked", stakes=0.0))
    assert (world.effects.total("performance") == 0).all()


# what is rated


def test_measured_results_raise_validity_up_to_what_indicators_hold(wide):
    found = [
        outcome(wide, "rating_validity", Appraisal(measured=m, every="quarter"), months=4, replications=2)
        for m in (0.0, 0.25, 0.5, 0.75)
    ]
    assert found == sorted(found)
    assert found[-1] > found[0] + 0.05


def test_indicators_are_those_of_the_kpis():
    small = load_agency("contoh")

    def seen(code):
        # KPIs weigh what is measured; they do not steer anybody here
        levers = (Appraisal(measured=1.0, stakes=0.0), Kpi(basis="equal", indicators=(code,), clarity=1.0))
        world = world_of(
            small, *levers, months=13, scenario=replace(NOW, effects={"goal_setting": NO_EFFECT})
        )
        rows = np.concatenate([np.arange(*rows.indices(999)) for rows in world.officers.slices[:2]])
        served = rows[~world.officers.is_supervisor[rows]]
        return [
            np.corrcoef(world.officers.column("appraisal.score")[served], world.people.channels[served, c])[
                0, 1
            ]
            for c in (0, 1)
        ]

    pace, care = seen("documents_on_time")
    other_pace, other_care = seen("right_first_time")
    assert pace > care
    assert pace > other_pace
    assert other_care > care


@pytest.mark.parametrize(("share", "record"), [("speed", "busy"), ("accuracy", "errors")])
def test_what_no_kpi_asks_for_is_not_measured(share, record):
    world = world_of(load_agency("contoh"), months=3)
    served = np.arange(*world.officers.slices[0].indices(999))[1:]
    book = getattr(world.service, record)
    asked = world.officers.column(f"kpi.{share}", 1 / 3)

    def seen():
        return measured(world)[0][served]

    before = seen()
    book += 1.0
    assert (seen() < before).all()  # more minutes, more errors
    asked[:] = 0.0
    without = seen()
    book += 1.0
    assert np.array_equal(seen(), without)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 1.0])
def test_blending_keeps_the_spread(share):
    rng = np.random.default_rng(3)
    truth, *own = rng.standard_normal((3, 200_000))
    a, b = 0.5, 0.8
    judged, indicator = (r * truth + np.sqrt(1 - r**2) * x for r, x in zip((a, b), own, strict=True))
    assert blend(judged, a, indicator, b, share).std() == pytest.approx(1, abs=0.01)
    indicator[:10] = np.nan  # who has no cases is judged alone
    assert np.array_equal(blend(judged, a, indicator, b, share)[:10], judged[:10])


def test_the_validity_of_indicators_is_what_they_say(wide):
    world = world_of(wide, months=3)
    indicator, validity = measured(world)
    assert indicator.std() == pytest.approx(1, abs=0.1)
    assert indicator.mean() == pytest.approx(0, abs=0.2)  # the days of Ramadan are shorter
    assert np.corrcoef(indicator, world.people.truth)[0, 1] == pytest.approx(validity.mean(), abs=0.05)


def test_seven_values_are_rated_with_halo(wide):
    world = world_of(wide, Appraisal())
    items = np.stack([world.officers.column(f"appraisal.{value}") for value in BERAKHLAK])
    between = np.corrcoef(items)[np.triu_indices(7, 1)]
    assert between.min() > 0.5
    assert between.max() < 0.85
    assert np.corrcoef(items.mean(axis=0), world.officers.column("appraisal.score"))[0, 1] > 0.9


def test_today_gives_todays_mix(wide):
    mix = np.mean(
        [
            [
                world_of(wide, Appraisal(), replication=r).recorder.summary().iloc[-1][name]
                for name in ("sangat_baik", "baik")
            ]
            for r in range(4)
        ],
        axis=0,
    )
    # severity is a leader's and 160 of them rated: a clustered band
    assert mix[0] == pytest.approx(published_mix()["sangat_baik"], abs=0.03)
    assert mix[1] == pytest.approx(published_mix()["baik"], abs=0.03)


# rules


def test_points_of_0_to_120_need_an_idea_for_the_top(wide):
    top = [
        outcome(wide, "sangat_baik", Appraisal(scoring="score", ideas=share), replications=2)
        for share in (0.0, 0.3, 0.6, 1.0)
    ]
    assert top[0] == 0
    assert top == sorted(top)
    assert top[-1] == pytest.approx(published_mix()["sangat_baik"], abs=0.04)


def test_results_weigh_less_where_peers_and_subordinates_are_heard(wide):
    assert Appraisal()._scheme() == "supervisor"
    assert Appraisal(peers=0.1)._scheme() == Appraisal(subordinates=0.1)._scheme() == "peers"


@pytest.mark.parametrize(("distribution", "pattern"), [("se3", "baik"), ("forced", "pp30")])
def test_a_pattern_that_binds_holds_in_every_unit(wide, distribution, pattern):
    world = world_of(wide, Appraisal(distribution=distribution))
    level = world.officers.column("appraisal.predikat").astype(int)
    for rows in world.officers.slices:
        assert complies(count_mix(level[rows]), pattern) == []


def test_a_pattern_nobody_follows_is_none(wide):
    free, ignored = (
        bytes_of(world_of(wide, Appraisal(**how)).recorder.outcomes())
        for how in ({}, {"distribution": "se3", "compliance": 0.0})
    )
    assert free == ignored


def test_more_compliance_finds_more_of_those_below_par_and_wrongs_more_of_the_others(wide):
    for distribution in ("se3", "forced"):
        found = [
            [
                outcome(wide, name, Appraisal(distribution=distribution, compliance=c))
                for name in ("missed_below", "false_below")
            ]
            for c in (0.0, 0.5, 1.0)
        ]
        missed, wronged = zip(*found, strict=True)
        assert list(missed) == sorted(missed, reverse=True)
        assert list(wronged) == sorted(wronged)
        assert wronged[-1] > wronged[0] + 0.02


def test_the_pattern_is_that_of_the_organisations_rating(wide):
    mixed = replace(
        wide, units=tuple(replace(u, ikm=(95, 80, 70, 50)[i % 4]) for i, u in enumerate(wide.units))
    )
    world = world_of(mixed, Appraisal(distribution="se3"))
    level = world.officers.column("appraisal.predikat").astype(int)
    for i, rows in enumerate(world.officers.slices):
        pattern = ("istimewa", "baik", "butuh_perbaikan", "kurang")[i % 4]
        assert complies(count_mix(level[rows]), pattern) == []
    said = world_of(mixed, Appraisal(distribution="se3", organisation="istimewa"))
    top = said.officers.column("appraisal.predikat") == PREDIKAT.index("sangat_baik")
    assert 0.5 < top.mean() <= 0.7


# what it does to people


def test_higher_stakes_make_raters_lenient_as_the_evidence_says(wide):
    published = replace(NOW, preset="published")
    shift = Evidence.load("published")["leniency_stakes"].mean
    means = []
    for stakes in (0.0, 0.3, 0.6, 1.0):
        world = world_of(wide, Appraisal(stakes=stakes), scenario=published)
        assert (world.climate.stakes == stakes).all()
        means.append(world.officers.column("appraisal.score").mean())
    today = sources(Appraisal(), world_of(wide, Appraisal()))
    assert (today["supervisor"].leniency == 0).all()
    sd, _ = composite(list(today.values()), 0.0)
    assert means[3] - means[1] == pytest.approx(0.7 * shift / np.mean(sd))
    assert means == sorted(means)
    top = [
        outcome(wide, "sangat_baik", Appraisal(stakes=s), scenario=published) for s in (0.0, 0.3, 0.6, 1.0)
    ]
    assert top == sorted(top)


def test_stakes_of_a_design_end_with_it(wide):
    before = Policy("before", (Appraisal(stakes=0.9),))
    world = make_world(wide, Policy("after", before=before), months=1, scenario=Scenario(burn_in=3))
    world.run()
    assert world.climate.stakes == pytest.approx(REFERENCE["stakes"])


def test_openness_earns_trust_in_time_and_trust_motivates(wide):
    size = Evidence.load("shrunk")["appraisal_fairness"].mean
    reached = []
    for openness in (0.0, 0.5, 0.8, 1.0):
        world = world_of(wide, Appraisal(transparency=openness), months=36)
        trust = world.recorder.outcomes().groupby("month")["trust"].mean().to_numpy()
        steps = np.diff(trust)
        assert (steps >= 0).all() if openness >= 0.5 else (steps <= 0).all()
        limit = REFERENCE["trust"] + OPENNESS * (openness - REFERENCE["trust"])
        assert trust[-1] == pytest.approx(limit, abs=0.02)
        expected = np.tanh(size * MOTIVATION_SD * (world.climate.trust - REFERENCE["trust"]) / TRUST_SD)
        assert world.people.motivation == pytest.approx(expected)
        reached.append(world.people.motivation.mean())
    assert reached == sorted(reached)
    assert reached[1] == 0


def test_trust_grows_as_fast_however_often_people_are_appraised(wide):
    found = [
        outcome(wide, "trust", Appraisal(transparency=1.0, every=e), months=25) for e in ("month", "year")
    ]
    months = [
        world_of(wide, Appraisal(transparency=1.0, every=e), months=12).climate.trust.mean()
        for e in ("month", "year")
    ]
    assert months[0] == pytest.approx(months[1], abs=0.001)
    assert found[0] < found[1]  # once a year it is all there in January


def test_a_forced_distribution_spurs_at_first_and_wears_on_manners(wide):
    size = Evidence.load("shrunk")["forced_distribution"].mean / 0.2
    world = world_of(wide, Appraisal(distribution="forced"), months=36)
    motivation = world.recorder.outcomes().groupby("month")["motivation"].mean().to_numpy()
    # half of it is gone after a year; the first month's fading is in its first value
    left = 0.5 ** (np.arange(1, 37) / 12)
    assert motivation == pytest.approx(np.tanh(size * left), abs=1e-3)
    wear = world.effects.total("courtesy").mean()
    assert FORCED_LONG_RUN.mean < wear < 0.7 * FORCED_LONG_RUN.mean
    half = world_of(wide, Appraisal(distribution="forced", compliance=0.5), months=1)
    assert half.people.motivation.mean() == pytest.approx(np.tanh(size / 2 * left[0]), abs=1e-3)


def test_se_3_2023_is_advice_about_the_mix_and_neither_spurs_nor_wears(wide):
    # no evidence: equivalent to none within .02 SD, here exactly
    free, advised = (
        world_of(wide, Appraisal(distribution=d), months=12).people.channels for d in ("none", "se3")
    )
    assert np.abs((advised - free).mean(axis=0)).max() < 0.02
    assert np.array_equal(free, advised)


# hours and money


def test_hours_of_raters_are_booked_and_told_beforehand(wide):
    for how in (
        {},
        ROUND,
        {"second": "masked", "rater_training": 8.0},
        {"every": "year", "supervisor": 0.0, "peers": 1.0, "minutes": 20.0},
    ):
        lever = Appraisal(**how)
        world = world_of(wide, lever, months=12)
        booked = world.recorder.summary().iloc[-1]["rater_hours"]
        assert booked == pytest.approx(lever.hours(wide))
        assert world.ledger.table()["officer_days"].sum() == pytest.approx(booked / 7.5)


def test_designs_can_be_compared_at_equal_hours(wide):
    alone = Appraisal(minutes=45)
    pair = Appraisal(second="masked", minutes=22.5)
    crowd = Appraisal(supervisor=0.5, peers=0.5, peer_raters=3, minutes=45 * 24 / (24 + 3 * 25))
    assert alone.hours(wide) == pytest.approx(pair.hours(wide)) == pytest.approx(crowd.hours(wide))
    validity = [outcome(wide, "rating_validity", lever, replications=2) for lever in (alone, pair, crowd)]
    assert validity[1] > validity[0]  # two who take half the time beat one


def test_money_is_booked(wide):
    lever = Appraisal(citizens=0.2, citizen_raters=5, cost=1000, rater_training=8, training_cost=100_000)
    rupiah = world_of(wide, lever, months=12).ledger.table()["rupiah"].sum()
    assert rupiah == pytest.approx(4 * 5 * 1000 * UNITS * OFFICERS + UNITS * 100_000)


# people come and go; futures


def test_newcomers_are_judged_afresh_and_others_as_before(wide):
    class Turnover(Lever):
        def run(self, world):
            yield world.clock.next("month", 2)
            world.replace(world.officers.slot == 5)

    halo = [
        world_of(wide, Appraisal(every="month"), *more, months=3).officers.column(
            "appraisal.draw.supervisor.halo"
        )
        for more in ((), (Turnover(),))
    ]
    new = np.arange(UNITS * OFFICERS) % OFFICERS == 5
    assert np.array_equal(halo[0][~new], halo[1][~new])
    assert (halo[0][new] != halo[1][new]).all()
    assert np.isfinite(halo[1]).all()


def test_a_newcomer_counts_as_baik_until_he_is_rated(wide):
    class Turnover(Lever):
        def run(self, world):
            yield world.clock.next("month", 2)
            world.replace(world.officers.slot == 5)

    world = world_of(wide, Appraisal(distribution="forced"), Turnover(), months=3)
    new = world.officers.slot == 5
    assert (world.officers.column("appraisal.predikat")[new] == PREDIKAT.index("baik")).all()
    assert (world.officers.column("appraisal.score")[new] == 0).all()


def test_futures_draw_how_lenient_stakes_make_raters(wide):
    def mean(future):
        scenario = replace(NOW, future=future)
        return (
            world_of(wide, Appraisal(stakes=1.0), scenario=scenario, months=4)
            .officers.column("appraisal.score")
            .mean()
        )

    assert mean(1) == mean(1)
    assert len({round(mean(f), 6) for f in (1, 2, 3)}) == 3


# parameters


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Appraisal(supervisor=0),
            r"appraisal: nobody rates; give supervisor, own, peers, subordinates",
        ),
        (
            lambda: Appraisal(second="secret"),
            r"appraisal.second = 'secret': must be one of none, open, masked",
        ),
        (
            lambda: Appraisal(supervisor=0, peers=1, second="open"),
            r"appraisal.second = 'open'.*appraisal.supervisor",
        ),
        (lambda: Appraisal(measured=1.5), r"appraisal.measured = 1.5: must be at most 1"),
        (lambda: Appraisal(scoring="points"), r"appraisal.scoring = 'points': must be one of matrix, score"),
        (
            lambda: Appraisal(distribution="bell"),
            r"appraisal.distribution = 'bell': must be one of none, se3, forced",
        ),
        (lambda: Appraisal(compliance=-0.1), r"appraisal.compliance = -0.1: must be at least 0"),
        (
            lambda: Appraisal(organisation="best"),
            r"appraisal.organisation = 'best': must be one of ikm, istimewa",
        ),
        (lambda: Appraisal(transparency="high"), r"appraisal.transparency = 'high': must be a number"),
        (lambda: Appraisal(stakes=2), r"appraisal.stakes = 2.*must be at most 1"),
        (lambda: Appraisal.build({"masked": True}), r"appraisal: unknown parameter 'masked'"),
    ],
)
def test_bad_parameters_are_refused_by_name(make, message):
    with pytest.raises(KinerjaError, match=message):
        make()


def test_a_second_superior_takes_a_second_unit(wide):
    alone = replace(wide, units=wide.units[:1], programmes=wide.programmes[:1])
    with pytest.raises(KinerjaError, match=r"appraisal.second = 'open'.*contoh has one unit only"):
        world_of(alone, Appraisal(second="open"))


def test_shipped_designs_are_read_and_go_to_yaml_and_back():
    for name in ("360", "masked", "measured", "se3", "forced"):
        policy = load_policy(f"appraisal_{name}")
        assert policy_from_yaml(policy.to_yaml()) == policy
        assert policy.label_id != policy.label_en
