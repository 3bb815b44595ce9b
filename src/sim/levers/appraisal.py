"""Appraisal: who rates whom, on what, how often, and what predikat comes of it.

Mechanism and sources: :mod:`sim.world.ratings`; regulation: PermenPAN-RB 6/2022 (two axes, nine cells).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.stats import norm

from sim.errors import KinerjaError
from sim.levers.base import Lever, param
from sim.regulation import PREDIKAT, predikat
from sim.world.effects import per_unit
from sim.world.office import CARE_LOGIT, PACE_LOG
from sim.world.officers import Float
from sim.world.ratings import (
    PAR,
    SELF_LENIENCY,
    TRUTH,
    Source,
    own_variance,
    published_mix,
    rate,
    status_quo_cuts,
)
from sim.world.service import OUTPUT_NOISE

if TYPE_CHECKING:
    from sim.world.world import World


class Appraisal(Lever):
    """Periodic appraisal of results and behaviour.

    The four weights are relative. ``measured`` is the share of the composite that comes from indicators of the
    officer's own cases (minutes against the usual, errors against the usual), the rest is judgement.
    """

    group: ClassVar[str] = "appraisal"
    phase: ClassVar[str] = "appraise"
    title_id: ClassVar[str] = "Penilaian kinerja"
    title_en: ClassVar[str] = "Performance appraisal"
    evidence: ClassVar[tuple[str, ...]] = (
        "rating_share_ratee",
        "rating_share_rater",
        "rating_share_residual",
        "lmx_rated",
        "lmx_objective",
        "self_leniency",
    )
    outcomes: ClassVar[tuple[str, ...]] = (
        "rating_validity",
        "severity_sd",
        "favouritism",
        "false_below",
        "missed_below",
        "false_top",
        *PREDIKAT,
    )

    every: str = param(
        "seberapa sering", "how often", choices=("month", "quarter", "year"), default="quarter"
    )
    supervisor: float = param("bobot atasan", "weight of the supervisor", low=0, high=1, default=1.0)
    own: float = param("bobot diri sendiri", "weight of the self-rating", low=0, high=1, default=0.0)
    peers: float = param("bobot rekan", "weight of peers", low=0, high=1, default=0.0)
    citizens: float = param("bobot warga", "weight of citizens", low=0, high=1, default=0.0)
    peer_raters: int = param("jumlah rekan penilai", "peers who rate an officer", low=1, high=20, default=3)
    citizen_raters: int = param(
        "jumlah warga penilai", "citizens who rate an officer", low=1, high=1000, default=10
    )
    measured: float = param(
        "bagian indikator terukur", "share of measured indicators", low=0, high=1, default=0.0
    )
    minutes: float = param(
        "menit per penilaian",
        "minutes a rating takes the rater",
        unit="minutes",
        low=0,
        high=600,
        default=45.0,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.supervisor + self.own + self.peers + self.citizens <= 0:
            raise KinerjaError("appraisal: nobody rates; give supervisor, own, peers or citizens a weight.")

    def sources(self) -> list[tuple[str, Source]]:
        """Kinds of raters with their weights, summing to 1."""
        total = self.supervisor + self.own + self.peers + self.citizens
        every = [
            ("supervisor", Source(self.supervisor / total, 1, closeness=True)),
            ("self", Source(self.own / total, 1, leniency=SELF_LENIENCY)),
            ("peer", Source(self.peers / total, self.peer_raters)),
            ("citizen", Source(self.citizens / total, self.citizen_raters)),
        ]
        return [(name, source) for name, source in every if source.weight]

    def run(self, world: World) -> Generator[Any, Any, None]:
        luck = _Luck(world)
        while True:
            yield world.clock.next(self.every)
            self._spend(world)
            score = self._composite(world, luck)
            self._publish(world, score, luck)
            world.service.forget()

    def _spend(self, world: World) -> None:
        officers = world.officers
        everyone = officers.all()
        if self.supervisor:
            size = np.array([rows.stop - rows.start - 1 for rows in officers.slices], np.float64)
            world.spend(officers.is_supervisor, self.minutes * size[officers.unit])
        if self.own:
            world.spend(everyone, self.minutes)
        if self.peers:
            world.spend(everyone, self.minutes * self.peer_raters)

    def _composite(self, world: World, luck: _Luck) -> Float:
        officers, shared = world.officers, world.scenario.shared_bias
        sources = []
        for name, source in self.sources():
            severity = (
                officers.severity[officers.supervisor]
                if name == "supervisor"
                else luck.of(f"{name}.severity")
            )
            sources.append(
                (
                    source,
                    severity,
                    luck.of(f"{name}.halo"),
                    luck.of(f"{name}.view"),
                    luck.now(f"{name}.residual"),
                )
            )
        kinds = [source for _, source in self.sources()]
        judged = rate(sources, world.people.truth, officers.closeness, luck.of("shared"), shared)
        if not self.measured:
            return judged
        indicator, reliability = measured_truth(world)
        has = ~np.isnan(indicator)
        share = np.where(has, self.measured, 0.0)
        truth_loading = np.sqrt(TRUTH) / np.sqrt(
            TRUTH + shared + sum(k.weight**2 * own_variance(k, shared) for k in kinds)
        )
        both = truth_loading * np.sqrt(np.nan_to_num(reliability))
        sd = np.sqrt((1 - share) ** 2 + share**2 + 2 * share * (1 - share) * both)
        return np.asarray(((1 - share) * judged + share * np.nan_to_num(indicator)) / sd)

    def _publish(self, world: World, score: Float, luck: _Luck) -> None:
        officers, cuts = world.officers, status_quo_cuts()
        same, apart = np.sqrt(cuts.correlation), np.sqrt(1 - cuts.correlation)
        results = same * score + apart * luck.now("results")
        behaviour = same * score + apart * luck.now("behaviour")
        level = predikat(
            _expectation(results, cuts.low_results, cuts.top),
            _expectation(behaviour, cuts.low_behaviour, cuts.top),
        )
        officers.column("appraisal.score")[:] = score
        officers.column("appraisal.predikat")[:] = level
        for name, values in fairness(world, score, np.asarray(level)).items():
            world.recorder.state(name, values)


def _expectation(values: Float, low: float, top: float) -> np.ndarray:
    """0 below, 1 as, 2 above expectations."""
    return (values >= low).astype(np.int64) + (values > top)


class _Luck:
    """An appraisal's draws: some for life, some for each occasion."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: dict[str, Float] = {}

    def of(self, name: str) -> Float:
        """For life."""
        kept = self._world.officers.own
        key = f"appraisal.{name}"
        if key not in kept:
            kept[key] = per_unit(self._world.officers, self._world.streams, key)
        return kept[key]

    def now(self, name: str) -> Float:
        """For this occasion."""
        return per_unit(self._world.officers, self._world.streams, f"appraisal.{name}", self._world.clock.now)


def measured_truth(world: World) -> tuple[Float, Float]:
    """Indicators of an officer's own cases, as an estimate of pace and care.

    Returns
    -------
    indicator, reliability : float64[n]
        Unit variance at the start of the study; NaN and 0 for officers without cases. Reliability is the share of
        the indicator's variance that is the officer, given how many cases there were.
    """
    book = world.service
    n = np.maximum(book.jobs, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = np.log(book.content / book.busy) / PACE_LOG
        speed_noise = np.sqrt(book.variance) / book.content / PACE_LOG
    wrong = (book.expected_errors - book.errors) / np.maximum(book.expected_errors, 1e-9)
    usual = np.maximum(book.expected_errors / n, 1e-6)
    care = wrong / (CARE_LOGIT * (1 - usual))
    care_noise = np.sqrt((1 - usual) / (usual * n)) / (CARE_LOGIT * (1 - usual))
    months = max(book.months, 1)
    work = world.by_unit(book.output)[world.officers.unit]
    programme = work > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        output = np.log(book.output / months) / PACE_LOG
    speed = np.where(programme, output, speed)
    speed_noise = np.where(programme, OUTPUT_NOISE / np.sqrt(months) / PACE_LOG, speed_noise)
    care = np.where(programme, 0.0, care)
    # weigh the two by how much of each is the officer
    trust_speed = 1 / (1 + speed_noise**2)
    trust_care = np.where(programme, 0.0, 1 / (1 + care_noise**2))
    estimate = trust_speed * speed + trust_care * care
    variance = (
        trust_speed**2 * (1 + speed_noise**2) + trust_care**2 * (1 + care_noise**2) + trust_speed * trust_care
    )
    known = (book.jobs >= 1) & np.isfinite(speed)
    with np.errstate(divide="ignore", invalid="ignore"):
        indicator = np.where(known, estimate / np.sqrt(variance), np.nan)
        signal = trust_speed**2 + trust_care**2 + trust_speed * trust_care
        reliability = np.where(known, signal / variance, 0.0)
    return indicator, reliability


def fairness(world: World, score: Float, level: np.ndarray) -> dict[str, Float]:
    """How true and how fair ratings are, by unit.

    Correlations, slopes and shares are those of the whole agency, split into units so that their mean over officers
    is the agency's figure.

    Parameters
    ----------
    score : float64[n]
        Composite rating.
    level : int64[n]
        Predikat, 0 Sangat Kurang ... 4 Sangat Baik.
    """
    people, officers = world.people, world.officers
    truth, closeness = people.truth, officers.closeness

    def standard(x: Float) -> Float:
        sd = x.std()
        return (x - x.mean()) / sd if sd > 0 else np.zeros_like(x)

    def of_those(event: np.ndarray, among: np.ndarray) -> Float:
        share = among.mean()
        return world.by_unit((event & among) / share) if share else np.full(len(officers.slices), np.nan)

    y, t = standard(score), standard(truth)
    close = standard(closeness - np.polyval(np.polyfit(truth, closeness, 1), truth)) if len(y) > 2 else 0 * y
    unexplained = score - np.polyval(np.polyfit(truth, score, 1), truth) if len(y) > 2 else score
    below = truth < PAR
    rated_below = level < PREDIKAT.index("baik")
    top = level == PREDIKAT.index("sangat_baik")
    best = truth >= norm.ppf(1 - published_mix()["sangat_baik"])
    out = {
        "rating_validity": world.by_unit(y * t),
        "favouritism": world.by_unit(close * score),
        "severity_sd": np.full(len(officers.slices), world.by_unit(unexplained).std()),
        "false_below": of_those(rated_below, ~below),
        "missed_below": of_those(~rated_below, below),
        "false_top": of_those(~best, top),
    }
    return out | {name: world.by_unit(level == code) for code, name in enumerate(PREDIKAT)}
