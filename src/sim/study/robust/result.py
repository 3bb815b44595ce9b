"""The result of a robust study: the runs of every future, and the answers read from them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.errors import KinerjaError, _
from sim.intervals import half_width
from sim.language import speaking
from sim.names import nearest
from sim.outcomes import OUTCOMES
from sim.result import placed
from sim.runs.futures import PRESET
from sim.runs.results import AGENCY
from sim.study.registry import figure_of
from sim.study.result import BaselineResult
from sim.study.robust import value_of_information as voi
from sim.study.robust.design import RobustStudy
from sim.study.robust.prim import Box, prim
from sim.study.robust.regret import gains, noise_sd, regret, satisfied, spread, winners

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Float = npt.NDArray[np.float64]

EVENTS = ("loses", "no_gain", "misses")
"""Events looked for in the futures: where a policy is not the best, no better than the baseline, misses a target."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class RobustResult(BaselineResult):
    """Policies in many futures.

    Make one with :func:`sim.robust` or read one with :func:`sim.load_result`.

    Attributes
    ----------
    spec : RobustStudy
    runs : DataFrame
        One row per agency, future, policy and repeat; one column per outcome of the whole agency over all months.
    futures : DataFrame
        One row per future: ``future`` and one column per parameter, in its own unit.
    manifest : mapping
        What was run, how, where and with what.
    """

    kind: ClassVar[str] = "robust"
    files: ClassVar[Mapping[str, str]] = {"runs": "runs", "futures": "futures"}

    spec: RobustStudy
    runs: pd.DataFrame
    futures: pd.DataFrame

    @property
    def outcome(self) -> str:
        """The outcome that decides."""
        return self.spec.headline[0]

    @property
    def parameters(self) -> pd.DataFrame:
        """The futures without their number: a row each, one column per parameter."""
        return self.futures.drop(columns="future")

    def values(self, outcome: str | None = None, agency: str | None = None) -> Float:
        """Every run of one outcome: float64[futures, policies, repeats], NaN where a future was not run again."""
        name, place = self._outcome(outcome), self._agency(agency)
        rows = self.runs[self.runs["agency"] == place]
        repeats = int(rows["repeat"].max()) + 1
        cells = pd.MultiIndex.from_product([range(len(self.futures)), self.spec.names, range(repeats)])
        index = [rows["future"], rows["policy"].astype(object), rows["repeat"]]
        found = rows.set_index(index)[name].reindex(cells).to_numpy(np.float64)
        return found.reshape(len(self.futures), len(self.spec.names), repeats)

    def gains(self, outcome: str | None = None, agency: str | None = None) -> Float:
        """What each policy gains on the baseline, noise removed: float64[futures, policies], more is better."""
        name = self._outcome(outcome)
        return gains(self.values(name, agency), self._base, OUTCOMES[name].better)

    def table(self, outcomes: str | Sequence[str] | None = None, agency: str | None = None) -> pd.DataFrame:
        """Every policy on every outcome, over all futures.

        Returns
        -------
        DataFrame
            One row per policy and outcome. ``level``: mean over futures. ``difference, low, high``: mean difference to
            the baseline and its 95 % interval (few futures, few runs). ``future_low, future_high``: the range that
            holds the difference in nine of ten futures, noise removed. ``futures_sd, noise_sd``: SD of the difference
            from future to future, and of noise in one run. ``regret, regret_high``: mean, and in one future of ten at
            least, of what is lost by not having the best policy of that future. ``wins, wins_surely``: share of
            futures in which it is the best, and by more than noise. ``n``: futures.
        """
        chosen = [outcomes] if isinstance(outcomes, str) else list(outcomes or self.spec.outcomes)
        rows = []
        for name in (self._outcome(x) for x in chosen):
            runs = self.values(name, agency)
            judged = OUTCOMES[name].better != "none"
            seen = _whole(runs[:, :, 0])
            runs = runs[seen]
            lost = wins = sure = None
            if judged and len(runs):
                gain = gains(runs, self._base, OUTCOMES[name].better)
                lost = regret(gain)
                wins, sure = winners(runs, gain)
            for p, policy in enumerate(self.spec.names):
                found = spread(runs[:, p] - runs[:, self._base])
                own = spread(runs[:, p])
                row = {"policy": policy, "outcome": name, "level": own.mean, "difference": found.mean}
                row |= {k: getattr(found, k) for k in ("low", "high", "future_low", "future_high")}
                row |= {"futures_sd": found.futures_sd, "noise_sd": found.noise_sd}
                if lost is None or wins is None or sure is None:
                    row |= dict.fromkeys(("regret", "regret_high", "wins", "wins_surely"), np.nan)
                else:
                    row |= {"regret": lost[:, p].mean(), "regret_high": np.quantile(lost[:, p], 0.9)}
                    row |= {"wins": (wins == p).mean(), "wins_surely": ((wins == p) & sure).mean()}
                rows.append(row | {"n": found.n})
        frame = pd.DataFrame(rows)
        frame["policy"] = pd.Categorical(frame["policy"], categories=self.spec.names)
        return frame

    def satisficing(self, agency: str | None = None) -> pd.DataFrame:
        """Share of futures in which each policy meets each target, and all of them at once (outcome "*").

        Returns
        -------
        DataFrame
            ``policy, outcome, target, share``.
        """
        met, rows = [], []
        for name, target in self.spec.targets.items():
            met.append(satisfied(self.values(name, agency), target, OUTCOMES[name].better))
            for p, policy in enumerate(self.spec.names):
                rows.append((policy, name, target, float(np.nanmean(met[-1][:, p]))))
        if len(met) > 1:
            every = np.stack(met).min(axis=0)
            for p, policy in enumerate(self.spec.names):
                rows.append((policy, "*", np.nan, float(np.nanmean(every[:, p]))))
        return pd.DataFrame(rows, columns=["policy", "outcome", "target", "share"])

    def choices(self, outcome: str | None = None) -> pd.DataFrame:
        """The policy that is best on average, for every agency and every way to read the evidence.

        Returns
        -------
        DataFrame
            ``agency, preset`` ("*" is all futures), ``best, second, lead, low, high`` (mean lead over the second and
            its 95 % interval over futures), ``sure`` (the interval excludes zero), ``wins`` (share of futures in
            which the best is best), ``n``.
        """
        name = self._outcome(outcome)
        presets = list(dict.fromkeys(self.futures[PRESET])) if PRESET in self.futures else []
        rows = []
        for place in self.spec.agencies:
            gain = self.gains(name, place.name)
            for preset in ("*", *sorted(presets, key=self.spec.presets.index)):
                of = (
                    np.ones(len(gain), np.bool_)
                    if preset == "*"
                    else (self.futures[PRESET] == preset).to_numpy()
                )
                chosen = gain[of & _whole(gain)]
                best, second = np.argsort(-chosen.mean(axis=0), kind="stable")[:2]
                lead = chosen[:, best] - chosen[:, second]
                half = half_width(lead)
                names = (self.spec.names[best], self.spec.names[second])
                ends = (float(lead.mean() - half), float(lead.mean() + half))
                won = float((chosen.argmax(axis=1) == best).mean())
                rows.append(
                    (place.name, preset, *names, float(lead.mean()), *ends, ends[0] > 0, won, len(chosen))
                )
        columns = ["agency", "preset", "best", "second", "lead", "low", "high", "sure", "wins", "n"]
        return pd.DataFrame(rows, columns=columns)

    def what_decides(self, outcome: str | None = None, agency: str | None = None) -> pd.DataFrame:
        """What the choice hangs on: the value of knowing each parameter before choosing, and what each moves.

        Returns
        -------
        DataFrame
            One row per parameter, the most informative first. ``value``: expected gain from knowing it (EVPPI), in the
            outcome's unit; ``p``: how often chance finds as much. ``share``: share of the variance of the difference
            between the two best policies it explains; ``low, high``: that difference where the parameter is at its 10 %
            and 90 % quantile (of a category: the lowest and highest mean). ``parameter`` is its name.
        """
        gain = self.gains(outcome, agency)
        seen = _whole(gain)
        gain, x = gain[seen], self.parameters[seen]
        best, second = self.pair(outcome, agency)
        lead = gain[:, self.spec.names.index(best)] - gain[:, self.spec.names.index(second)]
        rows = []
        for name in x:
            known = voi.evppi(gain, x[name], self.spec.seed)
            low, high = voi.swing(lead, x[name])
            rows.append((name, known.value, known.p, voi.explained(lead, x[name]), low, high))
        frame = pd.DataFrame(rows, columns=["parameter", "value", "p", "share", "low", "high"])
        return frame.sort_values(["value", "share"], ascending=False, ignore_index=True)

    def value_of_everything(self, outcome: str | None = None, agency: str | None = None) -> float:
        """Expected gain from knowing the future before choosing (EVPI), in the outcome's unit."""
        gain = self.gains(outcome, agency)
        return voi.evpi(gain[_whole(gain)])

    def pair(self, outcome: str | None = None, agency: str | None = None) -> tuple[str, str]:
        """The best policy on average and the next."""
        found = self.choices(outcome)
        row = found[(found["agency"] == self._agency(agency)) & (found["preset"] == "*")].iloc[0]
        return str(row["best"]), str(row["second"])

    def where(
        self, policy: str, event: str = "loses", outcome: str | None = None, agency: str | None = None
    ) -> Box:
        """The box of futures in which something happens to a policy (scenario discovery by PRIM).

        Parameters
        ----------
        policy : str
        event : {"loses", "no_gain", "misses"}
            It is not the best; it does no better than the baseline; it misses the target of the outcome.
        outcome, agency : str, optional
        """
        if event not in EVENTS:
            raise KinerjaError(
                _(
                    "event {event!r}{hint}; there are {events}.",
                    event=event,
                    hint=nearest(event, EVENTS),
                    events=", ".join(EVENTS),
                )
            )
        name, p = self._outcome(outcome), self._policy(policy)
        happens: npt.NDArray[np.bool_]
        if event == "misses":
            if name not in self.spec.targets:
                raise KinerjaError(_("{name!r} has no target in this study; give one in targets.", name=name))
            met = satisfied(self.values(name, agency), self.spec.targets[name], OUTCOMES[name].better)
            seen, happens = _whole(met), np.asarray(met[:, p] < 1)
        else:
            gain = self.gains(name, agency)
            seen, happens = _whole(gain), np.asarray(gain[:, p] <= 0)
            if event == "loses":
                happens = np.asarray(gain[:, p] < gain.max(axis=1))
        return prim(self.parameters[seen], happens[seen])

    def noise_sd(self, outcome: str | None = None, agency: str | None = None) -> float:
        """Return the SD of noise in the difference between the two best policies in one future run once."""
        best, second = (self._policy(name) for name in self.pair(outcome, agency))
        runs = self.values(outcome, agency)
        return noise_sd(runs[:, best] - runs[:, second])

    def to_frame(self) -> pd.DataFrame:
        """Return every run (:attr:`runs`)."""
        return self.runs

    def plot(
        self,
        *,
        outcome: str | None = None,
        agency: str | None = None,
        lang: str | None = None,
        ax: Axes | None = None,
    ) -> Figure:
        """Draw every policy's difference to the baseline over futures.

        Parameters
        ----------
        outcome, agency : str, optional
            By default the outcome that decides, and the first agency.
        lang, ax
            See :meth:`sim.result.Result.plot`.
        """
        with speaking(lang):
            return placed(lambda at: self.draw(at, outcome, agency), ax)

    def draw(self, ax: Axes | None, outcome: str | None = None, agency: str | None = None) -> Figure:
        """Draw every policy's difference to the baseline over futures."""
        return figure_of(self.kind).futures(self, outcome=outcome, agency=agency, ax=ax)

    def documents(self) -> dict[str, Any]:
        """Return the agencies, which are saved beside the tables, by the name of their file."""
        others = {f"{AGENCY}-{other.name}": dataclasses.asdict(other) for other in self.spec.others}
        return {**super().documents(), **others}

    @property
    def _base(self) -> int:
        return self.spec.names.index(self.baseline)

    def _outcome(self, outcome: str | None) -> str:
        name = outcome or self.outcome
        if name not in self.spec.outcomes:
            there = ", ".join(self.spec.outcomes)
            raise KinerjaError(
                _(
                    "outcome {name!r} was not kept{hint}; there are {there}.",
                    name=name,
                    hint=nearest(name, self.spec.outcomes),
                    there=there,
                )
            )
        return name

    def _agency(self, agency: str | None) -> str:
        names = [place.name for place in self.spec.agencies]
        if agency is not None and agency not in names:
            raise KinerjaError(
                _(
                    "no agency {agency!r} in this study{hint}; it has {names}.",
                    agency=agency,
                    hint=nearest(agency, names),
                    names=", ".join(names),
                )
            )
        return agency or names[0]

    def _policy(self, policy: str) -> int:
        if policy not in self.spec.names:
            there = ", ".join(self.spec.names)
            raise KinerjaError(
                _(
                    "no policy {policy!r} in this study{hint}; it has {there}.",
                    policy=policy,
                    hint=nearest(policy, self.spec.names),
                    there=there,
                )
            )
        return self.spec.names.index(policy)


def _whole(values: Float) -> npt.NDArray[np.bool_]:
    """Futures in which every policy has a value."""
    return np.asarray(~np.isnan(values).any(axis=1))
