"""What people read of a robust study: what is least regretted, where it loses, and what to measure first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.errors import _
from sim.language import speaking
from sim.language.numbers import number, percent
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.evidence import distinct
from sim.report.format import difference, interval, value
from sim.report.html import Html
from sim.report.names import GRADE_NAMES, PRESET_NAMES
from sim.report.plain import Plain, inside, listed
from sim.study.page import Page, write_page
from sim.study.robust import figure as draw
from sim.study.robust.text import condition, parameter, parameter_value

if TYPE_CHECKING:
    from sim.study.robust.result import RobustResult

TOLD = 3
"""Parameters worth measuring first that are named."""
LISTED = 10
"""Parameters in a table."""
CHANCE = 0.05


def sentence(result: RobustResult, *, lang: str | None = None) -> str:
    """The answer in a sentence."""
    with speaking(lang):
        return _answer(result, Plain())


def details(result: RobustResult, *, lang: str | None = None) -> list[str]:
    """Against the baseline, by way of reading the evidence, where it loses, what to measure."""
    with speaking(lang):
        return [
            "",
            *more(result, Plain()),
            "",
            *(_line(row) for row in policies(result, Plain()).itertuples()),
        ]


def write_brief(result: RobustResult, path: str | Path, *, lang: str | None = None) -> Path:
    """Write the brief: the answer, futures, regret, what decides and where the best one loses."""
    with speaking(lang):
        voice = Html(result.manifest["study"]["seed"])
        name, base = (
            inside(str(OUTCOMES[result.outcome].label)),
            names(result, Plain())[result.baseline],
        )
        best, second = (names(result, Plain())[policy] for policy in result.pair())
        chosen = least_regretted(result)
        figures = [
            (
                str(
                    _(
                        "Difference from {baseline} in every scenario, for {outcome}.",
                        baseline=base,
                        outcome=name,
                    )
                ),
                draw.futures(result),
            ),
            (str(_("Mean regret by option and outcome.")), draw.regret_map(result)),
            (str(_("What decides the choice most.")), draw.tornado(result)),
        ]
        boxed = draw.box(result, chosen)
        if boxed is not None:
            caption = str(
                _("Scenarios in which {policy} is not the best.", policy=names(result, Plain())[chosen])
            )
            figures.append((caption, boxed))
        tables = [
            (
                str(
                    _(
                        "Every option compared with {baseline} on {outcome}. The 95% confidence interval is "
                        "the precision of the mean (the number of runs is limited); the range over scenarios "
                        "holds nine of ten scenarios, random variation removed, and does not shrink with "
                        "more runs.",
                        baseline=base,
                        outcome=name,
                    )
                ),
                policies(result, voice),
                1,
            )
        ]
        if result.spec.targets:
            tables.append((str(_("Percentage of scenarios in which targets are met.")), targets(result), 1))
        tables.append(
            (
                str(
                    _(
                        "Best option on average for {outcome}, by how the evidence is weighted (each "
                        "weighting holds in part of the scenarios).",
                        outcome=name,
                    )
                ),
                readings(result, voice),
                4,
            )
        )
        decides = str(
            _(
                "What decides the choice on {outcome}: the value of knowing one parameter before "
                "choosing (p = how often chance gives as much), and the lead of {best} over {second} "
                "where it is low and high.",
                outcome=name,
                best=best,
                second=second,
            )
        )
        tables.append((decides, parameters(result.what_decides(), result), 1))
        tables.append((str(_("Unknown circumstances, and the source of their ranges.")), world(result), 4))
        page = Page(
            question=str(
                _(
                    "Which option has the least regret for {outcome} in {agency} over many scenarios?",
                    outcome=name,
                    agency=result.agency.label,
                )
            ),
            answer=_answer(result, voice),
            more=more(result, voice),
            figures=figures,
            tables=tables,
            sure=sure(result, voice),
            method=method(result),
            policies=distinct(result),
        )
        return write_page(result, page, path)


def least_regretted(result: RobustResult) -> str:
    """The policy with the least mean regret on the outcome that decides."""
    table = result.table(result.outcome).set_index("policy")
    return str(table["regret"].idxmin())


def names(result: Any, voice: Plain) -> dict[str, str]:
    """Names of the policies as the voice says them."""
    return {policy.name: voice.name(policy.label()) for policy in result.policies}


def _answer(result: RobustResult, voice: Plain) -> str:
    policy = least_regretted(result)
    row = result.table(result.outcome).set_index("policy").loc[policy]
    return voice.say(
        _(
            "Over {n} scenarios {policy} has the least regret for {outcome}: on average {regret} "
            "worse than the best option of each, and itself the best in {wins} (clearly in "
            "{surely}).",
            n=len(result.futures),
            policy=names(result, voice)[policy],
            outcome=inside(str(OUTCOMES[result.outcome].label)),
            regret=_size(result, row["regret"]),
            wins=percent(row["wins"], 0),
            surely=percent(row["wins_surely"], 0),
        )
    )


def more(result: RobustResult, voice: Plain) -> list[str]:
    """The sentences below the answer."""
    chosen = least_regretted(result)
    said = names(result, voice)
    table = result.table(result.outcome).set_index("policy")
    texts = []
    if chosen == result.baseline:
        texts.append(voice.say(_("That is the baseline itself: no other option has a smaller mean regret.")))
    else:
        row = table.loc[chosen]
        e = Estimate(int(row["n"]), row["difference"], row["low"], row["high"])
        over = Estimate(int(row["n"]), row["difference"], row["future_low"], row["future_high"])
        text = difference(result.outcome, e.mean, half=e.half)
        mean = voice.number(text, e, interval(result.outcome, e))
        texts.append(
            voice.say(
                _(
                    "Compared with {baseline} the difference is {mean} on average (95% confidence "
                    "interval of that mean: {ends}); in nine of ten scenarios it is {range}.",
                    baseline=said[result.baseline],
                    mean=mean,
                    ends=interval(result.outcome, e),
                    range=interval(result.outcome, over),
                )
            )
        )
    best = result.pair()[0]
    if best != chosen:
        texts.append(
            voice.say(
                _(
                    "Best on average is {policy}: avoiding regret and going by the mean lead to "
                    "different choices.",
                    policy=said[best],
                )
            )
        )
    texts += _read(result, voice)
    texts.append(where_it_loses(result, voice, chosen))
    texts.append(_first(result, voice))
    return texts


def _read(result: RobustResult, voice: Plain) -> list[str]:
    """Whether the answer changes with how the evidence is read."""
    found = result.choices()
    found = found[(found["agency"] == result.agency.name) & (found["preset"] != "*")]
    if len(found) < 2:
        return []
    said = names(result, voice)
    if len(set(found["best"])) == 1:
        return [
            voice.say(
                _(
                    "However the evidence is weighted, {policy} stays the best on average.",
                    policy=said[found["best"].iloc[0]],
                )
            )
        ]
    parts = [
        voice.say(
            (_("{preset}: {policy}") if row.sure else _("{preset}: {policy} (not yet clear)")).filled(
                preset=str(PRESET_NAMES[row.preset]), policy=said[row.best]
            )
        )
        for row in found.itertuples()
    ]
    return [
        voice.say(
            _(
                "The answer changes with how the evidence is weighted: {choices}.",
                choices=voice.fill("; ".join(["{}"] * len(parts)), parts),
            )
        )
    ]


def where_it_loses(result: RobustResult, voice: Plain, policy: str) -> str:
    """Where a policy is not the best, in words."""
    box = result.where(policy)
    said = names(result, voice)[policy]
    if not box.cases:
        return voice.say(_("{policy} is the best in all scenarios.", policy=said))
    share = percent(box.base, 0)
    if not box.limits:
        return voice.say(
            _(
                "{policy} is not the best in {share} of scenarios; no circumstances that mark them "
                "were found.",
                policy=said,
                share=share,
            )
        )
    parts = [inside(condition(limit, result.spec.space.uncertainties)) for limit in box.limits]
    return voice.say(
        _(
            "{policy} is not the best in {share} of scenarios, above all where {conditions}: "
            "there another option is better in {inside} of scenarios, which covers {coverage} of "
            "all its losses.",
            policy=said,
            share=share,
            conditions=str(_(" and ")).join(parts),
            inside=percent(box.density, 0),
            coverage=percent(box.coverage, 0),
        )
    )


def _first(result: RobustResult, voice: Plain) -> str:
    found = result.what_decides()
    found = found[(found["p"] < CHANCE / len(found)) & (found["value"] > 0)]
    everything = _size(result, result.value_of_everything())
    if found.empty:
        return voice.say(
            _(
                "No single uncertainty is enough to change the choice: knowing everything would be "
                "worth only {everything}.",
                everything=everything,
            )
        )
    told = [
        inside(parameter(name, result.spec.space.uncertainties)) for name in found["parameter"].iloc[:TOLD]
    ]
    value_ = _size(result, found["value"].iloc[0])
    return voice.say(
        _(
            "Most worth measuring first: {names}. Knowing the first of them before choosing is "
            "worth {value} on average; knowing everything, {everything}.",
            names=listed(told),
            value=value_,
            everything=everything,
        )
    )


def policies(result: RobustResult, voice: Plain) -> pd.DataFrame:
    """Every policy: mean difference with its interval, range over futures, regret, wins; the least regretted first."""
    said = names(result, Plain())
    rows = []
    for row in result.table(result.outcome).sort_values("regret").itertuples():
        e = Estimate(int(row.n), row.difference, row.low, row.high)
        over = Estimate(int(row.n), row.difference, row.future_low, row.future_high)
        itself = row.policy == result.baseline
        text = difference(result.outcome, e.mean, half=e.half)
        ends = interval(result.outcome, e)
        rows.append(
            {
                str(_("Option")): said[str(row.policy)],
                str(_("Mean difference")): "–" if itself else voice.number(text, e, ends),
                str(_("95% confidence interval")): "–" if itself else ends,
                str(_("Range over scenarios")): "–" if itself else interval(result.outcome, over),
                str(_("Mean regret")): _size(result, row.regret),
                str(_("Best in")): percent(row.wins, 0),
                str(_("Clearly in")): percent(row.wins_surely, 0),
            }
        )
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def targets(result: RobustResult) -> pd.DataFrame:
    """Share of futures in which each policy meets each target."""
    found, said = result.satisficing(), names(result, Plain())
    rows = []
    for policy, part in found.groupby("policy", sort=False):
        row = {str(_("Option")): said[str(policy)]}
        for one in part.itertuples():
            head = str(_("all at once"))
            if one.outcome != "*":
                sign = "≤ " if OUTCOMES[one.outcome].better == "low" else "≥ "
                target = sign + value(one.outcome, one.target)
                head = str(_("{outcome}: {target}", outcome=str(OUTCOMES[one.outcome].short), target=target))
            row[head] = percent(one.share, 0)
        rows.append(row)
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def readings(result: RobustResult, voice: Plain) -> pd.DataFrame:
    """The best policy by government and way to read the evidence."""
    said = names(result, Plain())
    places = {place.name: place.label for place in result.spec.agencies}
    rows = []
    for row in result.choices().itertuples():
        e = Estimate(row.n, row.lead, row.low, row.high)
        text = difference(result.outcome, row.lead, signed=False, half=e.half)
        everywhere = str(_("all scenarios"))
        rows.append(
            {
                str(_("Agency")): places[row.agency],
                str(_("Evidence weighting")): everywhere
                if row.preset == "*"
                else str(PRESET_NAMES[row.preset]),
                str(_("Best")): said[row.best],
                str(_("Next")): said[row.second],
                str(_("Mean lead")): voice.number(text, e, interval(result.outcome, e)),
                str(_("95% confidence interval")): interval(result.outcome, e),
                str(_("Best in")): percent(row.wins, 0),
                str(_("Scenarios")): number(row.n, 0),
            }
        )
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def parameters(table: pd.DataFrame, result: RobustResult) -> pd.DataFrame:
    """The parameters that decide most."""
    rows = []
    for row in table.iloc[:LISTED].itertuples():
        ends = [difference(result.outcome, x, with_unit=False, half=abs(x) / 5) for x in (row.low, row.high)]
        rows.append(
            {
                str(_("Parameter")): parameter(row.parameter, result.spec.space.uncertainties),
                str(_("Value of information")): _size(result, row.value),
                str(_("p")): number(row.p, 3),
                str(_("Explains")): percent(row.share, 0),
                str(_("Low → high")): " → ".join(ends),
            }
        )
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def world(result: RobustResult) -> pd.DataFrame:
    """The uncertainties of the world with their ranges and sources."""
    known = result.spec.space.uncertainties
    rows = [
        {
            str(_("Parameter")): u.label(),
            str(_("Range")): " – ".join(parameter_value(u.key, x, known) for x in (u.low, u.high)),
            str(_("Evidence grade")): str(GRADE_NAMES[u.status]),
            str(_("Source")): u.source,
        }
        for u in known
    ]
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def sure(result: RobustResult, voice: Plain) -> list[str]:
    """How the numbers vary, and what they leave out."""
    said = names(result, voice)
    best, second = result.pair()
    texts = [
        voice.say(
            _(
                "All options meet the same {n} scenarios and, within each, the same random draws. "
                "Effect sizes are drawn once per scenario from their evidence (sampling error and "
                "differences between studies); other circumstances from the ranges listed.",
                n=len(result.futures),
            )
        )
    ]
    luck = result.luck()
    if luck == luck:
        texts.append(
            voice.say(
                _(
                    "{repeated} scenarios were run twice to separate random variation: within one "
                    "scenario it moves the difference between {best} and {second} by about {luck} (SD).",
                    repeated=min(result.spec.repeated, len(result.futures)),
                    best=said[best],
                    second=said[second],
                    luck=_size(result, luck),
                )
            )
        )
    return [
        *texts,
        voice.say(
            _(
                "Ranges of circumstances are mostly assumptions: scenarios outside them were not "
                "examined, and a “percentage of scenarios” is not a probability."
            )
        ),
    ]


def method(result: RobustResult) -> list[tuple[str, str]]:
    """How the futures were made."""
    size = {"n": len(result.futures), "parameters": len(result.spec.space.names)}
    return [
        (
            str(_("Scenarios")),
            str(
                _(
                    "{n} points of a Latin hypercube in {parameters} parameters; regret after Savage; "
                    "circumstances in which the best option loses by PRIM; value of information after "
                    "Strong, Oakley and Brennan."
                ).filled(**size)
            ),
        )
    ]


def _size(result: RobustResult, x: float) -> str:
    return difference(result.outcome, x, signed=False, half=max(abs(x), 1e-9) / 3)


def _line(row: Any) -> str:
    return "  " + "; ".join(str(x) for x in row[1:])
