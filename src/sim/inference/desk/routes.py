"""Routes: the steps of a service in their order, with branches and returns, from the activities of a log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from statsmodels.stats.proportion import proportion_confint

from sim.errors import KinerjaError, _
from sim.inference.desk.event_log import EventLogResult
from sim.inference.desk.service_times import Clock
from sim.inference.result import Note, Result

STEPS = [
    "service", "step", "order", "activity", "cases", "starts", "error", "returns_to", "skips", "skips_to", "ends",
    "gap",
]  # fmt: skip
END = "end"


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class StepsResult(Result):
    """The route of a service.

    Attributes
    ----------
    estimates : DataFrame
        One row per step in order: service, step (code), order (from 1), activity, cases (share of cases that have it),
        starts (share of cases that start with it), error (share of its passages after which the case goes back or does
        it again), returns_to (the step it mostly goes back to), skips, skips_to (of the other passages, the share that
        goes on to the later step most skip to), ends (of the other passages, the share that ends here), gap (median
        minutes from the step before to this one's completion, as `clock` counts them: hand-off, waiting and work
        together). The rest goes on to the next row.
    moves : DataFrame
        service, from, to (codes; "end"), kind ("forward", "back", "again", "end"), n, share (of the passages of
        `from`), low, high (Wilson): the branches of each step.
    paths : int
        Different sequences.
    commonest : float
        Share of cases on the commonest of them.
    left_out : int
        Rare activities that are in no step.
    level : float
    """

    moves: pd.DataFrame
    paths: int
    commonest: float
    left_out: int
    level: float

    @property
    def steps(self) -> pd.DataFrame:
        """The steps as a plain table."""
        return self.estimates[STEPS]

    def sentences(self) -> list[str]:
        t, m = self.estimates, self.moves
        back = m.loc[m["kind"] == "back", "n"].sum() / m["n"].sum()
        line = _(
            "{service}: {steps} steps, from {first} to {last}; {paths:,} different paths, the commonest of them in "
            "{share:.0%} of cases. After {back:.1%} of steps a case goes back to an earlier one.",
            service=t["service"].iloc[0],
            steps=len(t),
            first=t["activity"].iloc[0],
            last=t["activity"].iloc[-1],
            paths=self.paths,
            share=self.commonest,
            back=back,
        )
        return [str(line)]

    def to_frame(self) -> pd.DataFrame:
        """Return the moves between steps."""
        return self.moves

    def _draw_on(self, ax: Axes) -> None:
        t = self.estimates
        at = {step: k for k, step in enumerate(t["step"])}
        m = self.moves[self.moves["kind"] != END]
        for row in m.itertuples():
            a, b = at[row[m.columns.get_loc("from") + 1]], at[row.to]
            ax.plot([a], [b], "o", color="C3" if row.kind == "back" else "C0", ms=2 + 12 * np.sqrt(row.share))
        names = [name[:24] for name in t["activity"]]
        ax.set_xticks(range(len(t)), [str(k + 1) for k in range(len(t))])
        ax.set_yticks(range(len(t)), [f"{k}  {name}" for k, name in enumerate(names, 1)])
        ax.set_xlabel(str(_("step")))
        ax.set_ylabel(str(_("next step")))


def fit_steps(
    log: EventLogResult,
    service: str,
    *,
    without: Sequence[str] = (),
    rare: float = 0.01,
    clock: Clock | None = None,
    level: float = 0.95,
) -> StepsResult:
    """Find the steps of a service, their order, and how cases move between them.

    Activities are put in the order that contradicts the fewest cases, by the moments at which a case meets each of them
    first. A move to a later step is forward (a branch
    where there are several), to an earlier one a return. Shares are over passages: a case that passes a step twice
    counts twice. Moments that are equal keep the order of the rows.

    Parameters
    ----------
    log : EventLogResult
    service : str
        Code of the service, for the tables.
    without : sequence of str
        Activities that are no steps (a note, a citizen who leaves).
    rare : float
        Activities in a smaller share of the cases are left out, and counted.
    clock : callable, optional
        Times to minutes of working time; by default calendar time.
    level : float
        Of the Wilson intervals.

    Returns
    -------
    StepsResult

    Raises
    ------
    KinerjaError
        Fewer than two activities; an activity in `without` that the log does not have.

    Examples
    --------
    >>> import pandas as pd
    >>> from sim.inference import event_log
    >>> what = ["in", "check", "sign", "in", "check", "fix", "check", "sign"]
    >>> rows = pd.DataFrame({"case": [1] * 3 + [2] * 5, "what": what, "when": pd.date_range("2026-03-02", periods=8)})
    >>> found = fit_steps(event_log(rows, "case", "what", "when"), "permit")
    >>> found.steps[["step", "order", "cases"]].values.tolist()
    [['in', 1, 1.0], ['check', 2, 1.0], ['fix', 3, 0.5], ['sign', 4, 1.0]]
    >>> found.moves.query("kind == 'back'")[["from", "to", "share"]].values.tolist()
    [['fix', 'check', 1.0]]
    """
    known = set(log.events["activity"])
    unknown = [a for a in without if a not in known]
    if unknown:
        raise KinerjaError(
            _(
                "log: no activity {unknown}; there are {known}.",
                unknown=", ".join(unknown),
                known=", ".join(sorted(map(str, known))),
            )
        )
    events = log.events[~log.events["activity"].isin(list(without))]
    share = events.groupby("activity")["case"].nunique() / max(events["case"].nunique(), 1)
    kept = share[share >= rare]
    if len(kept) < 2:
        raise KinerjaError(_("log: {n} activities are left; a route has at least two steps.", n=len(kept)))
    events = events[events["activity"].isin(kept.index)].sort_values(["case", "time"], kind="stable")
    names = _ordered(events)
    codes = _codes(names)
    at = events["activity"].map({name: k for k, name in enumerate(names)}).to_numpy(np.int64)
    case = pd.factorize(events["case"])[0]
    last = np.append(case[1:] != case[:-1], True)
    first = np.append(True, last[:-1])
    k = len(names)
    to = np.where(last, k, np.append(at[1:], 0))
    passages = np.bincount(at, minlength=k)
    n_cases = int(case[-1]) + 1
    moves = []
    for (a, b), n in (
        pd.Series(1, index=pd.MultiIndex.from_arrays([at, to])).groupby(level=[0, 1]).sum().items()
    ):
        kind = END if b == k else "again" if b == a else "forward" if b > a else "back"
        low, high = proportion_confint(n, passages[a], 1 - level, method="wilson")
        high = 1.0 if n == passages[a] else high  # not a rounding error less
        moves.append((service, codes[a], END if b == k else codes[b], kind, n, n / passages[a], low, high))
    table = pd.DataFrame(moves, columns=["service", "from", "to", "kind", "n", "share", "low", "high"])

    moment = events["time"]
    minutes = clock(moment) if clock else moment.to_numpy("M8[ms]").astype(np.int64) / 60_000
    gap = pd.Series(np.where(first, np.nan, np.append(0.0, np.diff(minutes))))
    steps = pd.DataFrame(
        {
            "service": service,
            "step": codes,
            "order": np.arange(1, k + 1),
            "activity": names,
            "cases": share.reindex(names).to_numpy(),
            "starts": np.bincount(at[first], minlength=k) / n_cases,
            "gap": gap.groupby(at).median().reindex(range(k)).to_numpy(),
        }
    )
    branches = pd.DataFrame(
        [_branches(table[table["from"] == code], codes, j) for j, code in enumerate(codes)]
    )
    steps = pd.concat([steps, branches], axis=1)[STEPS]
    simple = float((branches.pop("told") * passages).sum() / passages.sum())
    sequences = pd.Series(at.astype(str)).groupby(case).agg("-".join).value_counts()
    left_out = len(share) - k
    notes = []
    if left_out:
        said = _(
            "{n} activities in less than {share:.0%} of cases are in no step; cases pass them over.",
            n=left_out,
            share=rare,
        )
        notes.append(Note("rare_activities", said))
    if simple < 0.995:
        said = _(
            "{share:.1%} of moves are others than a step's one return, one skip and its end: the steps leave them out, "
            "the moves have them.",
            share=1 - simple,
        )
        notes.append(Note("other_moves", said))
    return StepsResult(
        estimates=steps,
        notes=tuple(notes),
        moves=table,
        paths=len(sequences),
        commonest=float(sequences.iloc[0] / n_cases),
        left_out=left_out,
        level=level,
    )


def _branches(moves: pd.DataFrame, codes: Sequence[str], at: int) -> dict[str, object]:
    """Return the one return, the one skip and the end of a step, and the share of its passages that they tell of."""
    follows = codes[at + 1] if at + 1 < len(codes) else END
    by = moves.set_index("to")["share"]
    back = moves[moves["kind"].isin(["back", "again"])].set_index("to")["share"]
    skip = by.drop([*back.index, END, follows], errors="ignore")
    error, on = float(back.sum()), max(1 - float(back.sum()), 1e-12)
    skips, ends = float(skip.max()) if len(skip) else 0.0, float(by.get(END, 0.0))
    return {
        "error": error,
        "returns_to": str(back.idxmax()) if len(back) else "",
        "skips": skips / on,
        "skips_to": str(skip.idxmax()) if len(skip) else "",
        "ends": ends / on,
        "told": (back.max() if len(back) else 0.0)
        + skips
        + ends
        + (by.get(follows, 0.0) if follows != END else 0.0),
    }


def _ordered(events: pd.DataFrame) -> list[str]:
    """Return the activities in the order in which most cases meet them first.

    The commonest come first into the order, each at the place where the fewest cases contradict; then single ones are
    moved as long as that lowers the number of contradictions.
    """
    first = events.drop_duplicates(["case", "activity"])
    names = (
        first["activity"]
        .value_counts(sort=False)
        .sort_index()
        .sort_values(ascending=False, kind="stable")
        .index
    )
    place = first.assign(place=first.groupby("case").cumcount())
    table = place.pivot_table(index="case", columns="activity", values="place")[names].to_numpy(float)
    k = len(names)
    ahead = np.array([[(table[:, a] < table[:, b]).sum() for b in range(k)] for a in range(k)])

    def best(order: list[int], new: int) -> list[int]:
        behind = [ahead[new, o] for o in order]  # cases that have the new one first
        before = [ahead[o, new] for o in order]
        cost = [sum(behind[:j]) + sum(before[j:]) for j in range(len(order) + 1)]
        j = len(cost) - 1 - int(np.argmin(cost[::-1]))
        return [*order[:j], new, *order[j:]]

    order: list[int] = []
    for new in range(k):
        order = best(order, new)
    for __ in range(k):
        changed = order
        for item in range(k):
            changed = best([o for o in changed if o != item], item)
        if changed == order:
            break
        order = changed
    return [str(names[j]) for j in order]


def _codes(names: Sequence[str]) -> list[str]:
    """Return codes of letters, digits and hyphens, different from one another and from "end"."""
    codes: list[str] = []
    for name in names:
        plain = re.sub(r"[^a-z0-9]+", "-", str(name).lower()).strip("-") or "step"
        code, k = plain, 2
        while code in codes or code == END:
            code, k = f"{plain}-{k}", k + 1
        codes.append(code)
    return codes
