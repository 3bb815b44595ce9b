"""Cost-effectiveness in words: what one unit of improvement costs under each policy, and where it is cheapest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.errors import KinerjaError, Message, _
from sim.language import speaking
from sim.language.numbers import rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.format import difference_unit
from sim.report.plain import Plain, inside, labels
from sim.study.compare.cost_effectiveness import budget, cost_effectiveness

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult

GOOD_NAMES: dict[str, Message] = {
    "ikm_service": _("Cost per point of service IKM, kept for one year"),
    "complaints_in_time": _("Cost per additional complaint resolved in time"),
    "performance": _("Cost per officer whose true performance rises by 1 SD, per year"),
    "waiting_minutes": _("Cost per minute of waiting saved on each visit, per year"),
}
"""What the unit cost of an outcome is; the keys are those of :data:`sim.study.compare.cost_effectiveness.GOODS`."""

NO_PRICE: dict[str, Message] = {
    "unsure_cost": _("better; not clear whether it costs more or less"),
    "free": _("no extra cost"),
    "not_sure": _("no clear effect"),
    "worse": _("gets worse"),
}
"""Why there is no unit cost, by verdict (:data:`sim.study.compare.cost_effectiveness.VERDICTS`)."""


def good(outcome: str) -> Message:
    """Return the name of the unit cost of an outcome."""
    return GOOD_NAMES.get(outcome) or _(
        "Cost per unit of improvement ({unit}), per year: {outcome}",
        unit=difference_unit(outcome) or _("points"),
        outcome=inside(OUTCOMES[outcome].short),
    )


def price(row: Any, voice: Plain, interval: bool = True) -> str:
    """Return the unit cost in a row of :func:`~sim.study.compare.cost_effectiveness.cost_effectiveness`, or why not."""
    if row.verdict != "price":
        return voice.say(NO_PRICE[row.verdict])
    low, high = _ends(row)
    ends = _("{low} to {high}", low=low, high=high)
    amount = voice.number(rupiah_short(row.price), Estimate(row.n, row.price, row.low, row.high), str(ends))
    if not interval:
        return amount
    return voice.say(_("{price} (between {low} and {high})", price=amount, low=low, high=high))


def cost_effectiveness_table(
    result: CompareResult,
    outcomes: str | Sequence[str] | None = None,
    *,
    voice: Plain | None = None,
    lang: str | None = None,
) -> pd.DataFrame:
    """Return what one unit of improvement costs under each policy, as text.

    Parameters
    ----------
    result : CompareResult
    outcomes : str or sequence of str, optional
        See :func:`sim.study.compare.cost_effectiveness.cost_effectiveness`.
    voice : Plain, optional
        Plain text by default.
    lang : {"id", "en"}, optional
        The session's language by default.

    Returns
    -------
    DataFrame
        One row per policy, one column per outcome: unit cost with its interval, or why there is none.
    """
    with speaking(lang):
        voice, names = voice or Plain(), labels(result.policies)
        columns: dict[str, list[str]] = {}
        for outcome, part in cost_effectiveness(result, outcomes).groupby("outcome", sort=False):
            columns.setdefault(str(_("Option")), [names[name] for name in part["policy"]])
            columns[str(good(str(outcome)))] = [price(row, voice) for row in part.itertuples()]
        return pd.DataFrame(columns, dtype=object)  # pandas' own text type would forget what is HTML


def spending(result: CompareResult) -> pd.DataFrame:
    """Return the rows of :func:`sim.study.compare.cost_effectiveness.budget` that cost anything.

    Raises
    ------
    KinerjaError
        Where none does.
    """
    table = budget(result)
    table = table[table["rupiah"] > 0]
    if table.empty:
        raise KinerjaError(_("no policy of this study costs anything; there is no budget to draw."))
    return table


def cheapest(result: CompareResult, *, voice: Plain | None = None, lang: str | None = None) -> list[str]:
    """State under which policy one unit of improvement is cheapest, one sentence per outcome."""
    with speaking(lang):
        voice = voice or Plain()
        names = voice.names(result.policies)
        texts = []
        for outcome, part in cost_effectiveness(result).groupby("outcome", sort=False):
            what = good(str(outcome))
            free, priced = part[part["verdict"] == "free"], part[part["verdict"] == "price"]
            if len(free):
                best = free.loc[free["bought"].idxmax()]
                text = _(
                    "{good}: {policy} improves it at no extra cost.", good=what, policy=names[best["policy"]]
                )
            elif len(priced):
                best = priced.loc[priced["price"].idxmin()]
                low, high = _ends(best)
                text = _(
                    "{good}: cheapest under {policy}, {price}; its confidence interval is {low} to {high}.",
                    good=what,
                    policy=names[best["policy"]],
                    price=price(best, voice, interval=False),
                    low=low,
                    high=high,
                )
            else:
                text = _("{good}: no option clearly improves it, so no unit cost is computed.", good=what)
            texts.append(voice.say(text))
        return texts


def _ends(row: Any) -> tuple[str, str]:
    low, high = (rupiah_short(x) if math.isfinite(x) else "–" for x in (row.low, row.high))
    return low, high
