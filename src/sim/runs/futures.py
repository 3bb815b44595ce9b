"""Futures: what a policy may meet. Evidence drawn from its distribution, and a world nobody knows exactly.

In the words of the EMA workbench (Kwakkel 2017): policies are *levers*, what is drawn here are *uncertainties*, and
what a run returns are *outcomes*. A future is a point of the unit cube, one coordinate per parameter: uncertainties
of the world are uniform on their range (``data/uncertainties.csv``, with sources), the mean of each finding is normal
around what the evidence says (sampling error and spread between studies together), and how the evidence is read, the
preset, is one of those chosen. Points of a study are a Latin hypercube (McKay, Beckman and Conover 1979).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from sim.errors import KinerjaError, _
from sim.evidence import PRESETS, Evidence
from sim.language import own_text
from sim.levers import Lever, Policy
from sim.names import nearest
from sim.paths import data_dir
from sim.streams import Streams

if TYPE_CHECKING:
    from sim.agency import Agency
    from sim.world import Scenario

Float = npt.NDArray[np.float64]

PRESET = "preset"
"""Name of the parameter that says how the evidence is read."""
EVIDENCE = "evidence."
"""Names of parameters that are means of findings start so."""
OF_THE_WORLD = ("waiting_satisfaction",)
"""Findings that every run rests on, whatever the policy."""
NOT_DRAWN = (
    "mbo_high_commitment",
    "mbo_low_commitment",
    "rating_share_ratee",
    "rating_share_rater",
    "rating_share_residual",
    "training_web_procedural",
    "training_blended_procedural",
)
"""Findings levers name that hold at their means in every future: ratios and shares that calibration rests on."""
TAIL = 1e-6
"""A normal deviate is drawn between this quantile and its mirror image."""


@dataclass(frozen=True)
class Uncertainty:
    """Something about the world that nobody knows exactly; a row of ``data/uncertainties.csv``.

    Attributes
    ----------
    key : str
    label_id, label_en, unit_id, unit_en : str
        Name and unit for people.
    acts : {"scenario", "agency", "lever"}
        Where: a field of the scenario; a column of an agency's table, in all its rows (``units.retiring``); or a
        parameter of a lever, where a policy brings it and it is not in force before (``digital_services.share``).
    targets : tuple of str
    how : {"set", "times"}
        The value replaces the present one, or multiplies it (within the parameter's bounds).
    low, high : float
        Range; every value in it is as likely as any other.
    source, status, note : str
        Where the range comes from; status as in the evidence table (D derived, A assumed).
    """

    key: str
    label_id: str
    label_en: str
    unit_id: str
    unit_en: str
    acts: str
    targets: tuple[str, ...]
    how: str
    low: float
    high: float
    source: str = ""
    status: str = "A"
    note: str = ""

    def label(self, *, lang: str | None = None) -> str:
        """Return the name for people in a language, by default the session's."""
        return own_text(self, lang=lang)

    def unit(self, *, lang: str | None = None) -> str:
        """Return the unit for people in a language, by default the session's."""
        return own_text(self, "unit", lang=lang)

    def touches(self, policies: Sequence[Policy]) -> bool:
        """Whether it can change anything in a study of these policies."""
        if self.acts != "lever":
            return True
        levers = {target.split(".")[0] for target in self.targets}
        return any(lever.name in levers for policy in policies for lever in _brought(policy))


@dataclass(frozen=True)
class Future:
    """One world that policies may meet, the same for all of them.

    Attributes
    ----------
    number : int
        Tells futures of one study apart; also the root of what levers of a notebook draw.
    preset : str
        How the evidence is read.
    world : mapping
        Uncertainty -> value.
    deviates : mapping
        Finding -> how many SDs (sampling error and spread between studies) its mean lies from what is expected.
    """

    number: int
    preset: str
    world: Mapping[str, float] = field(default_factory=dict)
    deviates: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Space:
    """The futures that are possible.

    Attributes
    ----------
    uncertainties : tuple of Uncertainty
    findings : tuple of str
        Keys of the evidence whose means are drawn.
    presets : tuple of str
        Equally likely ways to read the evidence; the first is used in a world in which nothing is drawn.
    """

    uncertainties: tuple[Uncertainty, ...]
    findings: tuple[str, ...]
    presets: tuple[str, ...] = ("shrunk",)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, one per coordinate."""
        preset = (PRESET,) if len(self.presets) > 1 else ()
        world = (uncertainty.key for uncertainty in self.uncertainties)
        return (*preset, *world, *(f"{EVIDENCE}{key}" for key in self.findings))

    def sample(self, count: int, seed: int) -> Float:
        """A Latin hypercube: float64[count, parameters] in the unit cube."""
        from scipy.stats import qmc

        root = int(Streams(seed, 0).generator("futures.sample").integers(2**63))
        return np.asarray(qmc.LatinHypercube(len(self.names), rng=root).random(count))

    def at(self, point: npt.ArrayLike, number: int) -> Future:
        """The future at a point of the unit cube."""
        place = dict(zip(self.names, np.asarray(point, np.float64).tolist(), strict=True))
        which = min(int(place.get(PRESET, 0.0) * len(self.presets)), len(self.presets) - 1)
        world = {u.key: u.low + place[u.key] * (u.high - u.low) for u in self.uncertainties}
        tails = {key: min(max(place[f"{EVIDENCE}{key}"], TAIL), 1 - TAIL) for key in self.findings}
        return Future(number, self.presets[which], world, {k: float(ndtri(p)) for k, p in tails.items()})

    def futures(self, count: int, seed: int) -> tuple[Future, ...]:
        """The futures of a study."""
        return tuple(self.at(point, i) for i, point in enumerate(self.sample(count, seed)))

    def table(self, futures: Sequence[Future]) -> pd.DataFrame:
        """What the futures are: a row each, ``future`` and one column per parameter in its own unit.

        The column of a finding holds its mean in that future (from the preset and the draw).
        """
        rows = []
        for future in futures:
            evidence = Evidence.load(future.preset)
            means = {
                f"{EVIDENCE}{key}": mean_drawn(evidence, key, future.world, deviate)
                for key, deviate in future.deviates.items()
            }
            preset = {PRESET: future.preset} if PRESET in self.names else {}
            rows.append({"future": future.number, **preset, **future.world, **means})
        return pd.DataFrame(rows, columns=["future", *self.names])

    def apply(
        self, future: Future, agency: Agency, policy: Policy, scenario: Scenario
    ) -> tuple[Agency, Policy, Scenario]:
        """The agency, policy and scenario of a run in a future.

        Nothing else of them changes, and a policy changes only in parameters of levers it brings.
        """
        known: dict[str, Any] = {"preset": future.preset, "draws": dict(future.deviates)}
        for uncertainty in self.uncertainties:
            value = future.world[uncertainty.key]
            for target in uncertainty.targets:
                if uncertainty.acts == "scenario":
                    known[target] = value
                elif uncertainty.acts == "agency":
                    agency = _in_table(agency, target, uncertainty.how, value)
                else:
                    policy = _in_levers(policy, target, uncertainty.how, value)
        return agency, policy, replace(scenario, future=future.number, **known)


def space_of(
    policies: Sequence[Policy],
    *,
    uncertainties: Sequence[Uncertainty] | None = None,
    evidence: bool = True,
    presets: Sequence[str] = PRESETS,
) -> Space:
    """The futures that matter to some policies: what can change nothing in any of them is left out.

    Parameters
    ----------
    policies : sequence of Policy
    uncertainties : sequence of Uncertainty, optional
        By default all of :func:`uncertainties`.
    evidence : bool
        Whether means of findings are drawn.
    presets : sequence of str

    Examples
    --------
    >>> from sim.levers.policy import status_quo
    >>> "digital_uptake" in space_of([status_quo()]).names
    False
    """
    if not presets:
        raise KinerjaError(_("presets: name at least one way to read the evidence."))
    chosen = load_uncertainties() if uncertainties is None else tuple(uncertainties)
    kept = tuple(u for u in chosen if u.touches(policies))
    return Space(kept, findings_of(policies) if evidence else (), tuple(presets))


def findings_of(policies: Sequence[Policy]) -> tuple[str, ...]:
    """Findings with a size and a doubt about it that levers of the policies, or of today, rest on."""
    levers = [lever for policy in policies for lever in (*policy.before_levers, *policy.levers)]
    named = dict.fromkeys((*OF_THE_WORLD, *(key for lever in levers for key in lever.evidence)))
    table = Evidence.load("published")
    sized = (key for key in named if key in table and not np.isnan(table[key].mean))
    return tuple(key for key in sized if key not in NOT_DRAWN and table[key].effect.doubt > 0)


@cache
def load_uncertainties() -> tuple[Uncertainty, ...]:
    """The uncertainties of the world that ship, in the order of ``data/uncertainties.csv``."""
    with (data_dir() / "uncertainties.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_uncertainty(row) for row in csv.DictReader(file))


def uncertainties(*names: str, **ranges: tuple[float, float]) -> tuple[Uncertainty, ...]:
    """Uncertainties that ship, by name, some with a range of your own; all of them where none is named.

    Raises
    ------
    KinerjaError
        With the nearest known name.

    Examples
    --------
    >>> [u.high for u in uncertainties("utilisation", demand=(1.0, 1.2))]
    [0.95, 1.2]
    """
    known = {u.key: u for u in load_uncertainties()}
    for name in (*names, *ranges):
        if name not in known:
            there = ", ".join(known)
            raise KinerjaError(
                _(
                    "no uncertainty {name!r}{hint}; there are {there}.",
                    name=name,
                    hint=nearest(name, known),
                    there=there,
                )
            )
    chosen = dict.fromkeys((*names, *ranges) or known)
    for name, (low, high) in ranges.items():
        if not low < high:
            raise KinerjaError(
                _(
                    "uncertainty {name}: {low} to {high} is not a range; write the lower end first.",
                    name=name,
                    low=low,
                    high=high,
                )
            )
        if (low, high) == (known[name].low, known[name].high):
            continue  # repeated, as manifests do
        own = "range set for this study"
        known[name] = replace(known[name], low=float(low), high=float(high), source=own, status="A")
    return tuple(known[name] for name in chosen)


def _uncertainty(row: Mapping[str, str]) -> Uncertainty:
    values: dict[str, Any] = dict(row)
    values |= {"targets": tuple(row["targets"].split()), "low": float(row["low"]), "high": float(row["high"])}
    return Uncertainty(**values)


def _brought(policy: Policy) -> tuple[Lever, ...]:
    """Levers of a policy that are not what is done before it."""
    return tuple(lever for lever in policy.levers if lever not in policy.before_levers)


def mean_drawn(evidence: Evidence, key: str, world: Mapping[str, float], deviate: float) -> float:
    """The mean of a finding where it lies `deviate` SDs from what is expected."""
    size = evidence[key].effect
    if size.between and size.spread:
        size = size.divided(world.get("between_share", 0.5))
    return size.drawn(deviate).mean


def _in_table(agency: Agency, target: str, how: str, value: float) -> Agency:
    table, column = target.split(".")
    rows = []
    for row in getattr(agency, table):
        there: dict[str, Any] = {column: value if how == "set" else getattr(row, column) * value}
        rows.append(replace(row, **there))
    changed: dict[str, Any] = {table: tuple(rows)}
    return replace(agency, **changed)


def _in_levers(policy: Policy, target: str, how: str, value: float) -> Policy:
    name, parameter = target.split(".")
    brought, levers = _brought(policy), []
    for lever in policy.levers:
        if lever.name == name and lever in brought:
            limits = next(f.metadata for f in fields(lever) if f.name == parameter)
            there = value if how == "set" else getattr(lever, parameter) * value
            changed: dict[str, Any] = {parameter: float(np.clip(there, limits["low"], limits["high"]))}
            lever = replace(lever, **changed)
        levers.append(lever)
    return replace(policy, levers=tuple(levers))
