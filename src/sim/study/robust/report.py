"""The report of a robust study: the least regret, where the best policy loses, and what to measure first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.errors import Message, _
from sim.language import speaking
from sim.language.numbers import number, percent
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.evidence import distinct
from sim.report.format import difference, interval, value
from sim.report.html import Html
from sim.report.names import GRADE_NAMES, PRESET_NAMES
from sim.report.plain import Plain, inside, labels, listed, text_lines, text_table
from sim.study.page import Page, write_page
from sim.study.robust import figure
from sim.study.robust.text import condition, parameter, parameter_value

if TYPE_CHECKING:
    from sim.study.robust.result import RobustResult

NAMED = 3
"""Parameters worth measuring first that are named."""

LISTED = 10
"""Parameters in a table."""

CHANCE = 0.05
"""Level, over all parameters together (Bonferroni), below which a parameter counts as deciding."""


def sentence(result: RobustResult, *, lang: str | None = None) -> str:
    """State the answer in a sentence."""
    with speaking(lang):
        return _answer(result, Plain())


def details(result: RobustResult, *, lang: str | None = None) -> list[str]:
    """List the lead over the baseline, the weightings of the evidence, where it loses, and what to measure."""
    with speaking(lang):
        return ["", *more(result, Plain()), "", *text_lines(policies(result, Plain()))]


def write_brief(result: RobustResult, path: str | Path, *, lang: str | None = None) -> Path:
    """Write the brief: the answer, scenarios, regret, what decides and where the best policy loses."""
    with speaking(lang):
        voice = Html(result.manifest["study"]["seed"])
        page = Page(
            question=_(
                "Which option has the least regret for {outcome} in {agency} over many scenarios?",
                outcome=inside(OUTCOMES[result.outcome].label),
                agency=result.agency.label,
            ),
            answer=_answer(result, voice),
            more=more(result, voice),
            figures=_figures(result),
            tables=_tables(result, voice),
            sure=sure(result, voice),
            method=method(result),
            policies=distinct(result),
        )
        return write_page(result, page, path)


def least_regretted(result: RobustResult) -> str:
    """Return the policy with the least mean regret on the outcome that decides."""
    return str(_by_policy(result)["regret"].idxmin())


def _by_policy(result: RobustResult) -> pd.DataFrame:
    return result.table(outcomes=result.outcome).set_index("policy")


def _over_futures(row: Any) -> Estimate:
    """Return the mean difference with the range over scenarios in place of the interval."""
    return Estimate(int(row.n), row.difference, row.future_low, row.future_high)


def futures_caption(result: RobustResult) -> Message:
    """Return the caption of :func:`sim.study.robust.figure.futures`."""
    return _(
        "Difference from {baseline} in every scenario, for {outcome}.",
        baseline=Plain().names(result.policies)[result.baseline],
        outcome=inside(OUTCOMES[result.outcome].label),
    )


def _figures(result: RobustResult) -> list[tuple[Message, Any]]:
    chosen = least_regretted(result)
    figures = [
        (futures_caption(result), figure.futures(result)),
        (_("Mean regret by option and outcome."), figure.regret_map(result)),
        (_("What decides the choice most."), figure.tornado(result)),
    ]
    box = figure.box(result, chosen)
    if box is not None:
        name = Plain().names(result.policies)[chosen]
        figures.append((_("Scenarios in which {policy} is not the best.", policy=name), box))
    return figures


def _tables(result: RobustResult, voice: Plain) -> list[tuple[Message, pd.DataFrame, int]]:
    name, said = inside(OUTCOMES[result.outcome].label), Plain().names(result.policies)
    best, second = (said[policy] for policy in result.pair())
    compared = _(
        "Every option compared with {baseline} on {outcome}. The 95% confidence interval is "
        "the precision of the mean (the number of runs is limited); the range over scenarios "
        "holds nine of ten scenarios, random variation removed, and does not shrink with "
        "more runs.",
        baseline=said[result.baseline],
        outcome=name,
    )
    weighted = _(
        "Best option on average for {outcome}, by how the evidence is weighted (each "
        "weighting holds in part of the scenarios).",
        outcome=name,
    )
    decides = _(
        "What decides the choice on {outcome}: the value of knowing one parameter before "
        "choosing (p = how often chance gives as much), and the lead of {best} over {second} "
        "where it is low and high.",
        outcome=name,
        best=best,
        second=second,
    )
    tables = [(compared, policies(result, voice), 1)]
    if result.spec.targets:
        tables.append((_("Percentage of scenarios in which targets are met."), targets(result), 1))
    return [
        *tables,
        (weighted, readings(result, voice), 4),
        (decides, parameters(result.what_decides(), result), 1),
        world_table(result),
    ]


def _answer(result: RobustResult, voice: Plain) -> str:
    policy = least_regretted(result)
    row = _by_policy(result).loc[policy]
    return voice.say(
        _(
            "Over {n} scenarios {policy} has the least regret for {outcome}: on average {regret} "
            "worse than the best option of each, and itself the best in {wins} (clearly in "
            "{clearly}).",
            n=len(result.futures),
            policy=voice.names(result.policies)[policy],
            outcome=inside(OUTCOMES[result.outcome].label),
            regret=_size(result, row["regret"]),
            wins=percent(row["wins"], 0),
            clearly=percent(row["wins_surely"], 0),
        )
    )


def more(result: RobustResult, voice: Plain) -> list[str]:
    """Return the sentences below the answer."""
    chosen, best = least_regretted(result), result.pair()[0]
    names, texts = voice.names(result.policies), []
    if chosen == result.baseline:
        texts.append(voice.say(_("That is the baseline itself: no other option has a smaller mean regret.")))
    else:
        row = _by_policy(result).loc[chosen]
        e = Estimate.of_difference(row)
        ends = interval(result.outcome, e)
        gain = _(
            "Compared with {baseline} the difference is {mean} on average (95% confidence "
            "interval of that mean: {ends}); in nine of ten scenarios it is {range}.",
            baseline=names[result.baseline],
            mean=voice.number(difference(result.outcome, e.mean, half=e.half), e, ends),
            ends=ends,
            range=interval(result.outcome, _over_futures(row)),
        )
        texts.append(voice.say(gain))
    if best != chosen:
        other = _(
            "Best on average is {policy}: avoiding regret and going by the mean lead to different choices.",
            policy=names[best],
        )
        texts.append(voice.say(other))
    return [*texts, *_weightings(result, voice), where_it_loses(result, voice, chosen), _first(result, voice)]


def _weightings(result: RobustResult, voice: Plain) -> list[str]:
    """Return whether the answer changes with the weighting of the evidence; empty where there is one."""
    choices = result.choices()
    choices = choices[(choices["agency"] == result.agency.name) & (choices["preset"] != "*")]
    if len(choices) < 2:
        return []
    names = voice.names(result.policies)
    if len(set(choices["best"])) == 1:
        stays = _("However the evidence is weighted, {policy} stays the best on average.")
        return [voice.say(stays.filled(policy=names[choices["best"].iloc[0]]))]
    parts = [
        voice.say(
            (_("{preset}: {policy}") if row.sure else _("{preset}: {policy} (not yet clear)")).filled(
                preset=PRESET_NAMES[row.preset], policy=names[row.best]
            )
        )
        for row in choices.itertuples()
    ]
    changes = _("The answer changes with how the evidence is weighted: {choices}.")
    return [voice.say(changes.filled(choices=voice.fill("; ".join(["{}"] * len(parts)), parts)))]


def where_it_loses(result: RobustResult, voice: Plain, policy: str) -> str:
    """Return where a policy is not the best, in words."""
    region, name = result.where(policy), voice.names(result.policies)[policy]
    if not region.cases:
        return voice.say(_("{policy} is the best in all scenarios.", policy=name))
    if not region.limits:
        text = _(
            "{policy} is not the best in {share} of scenarios; no circumstances that mark them were found."
        )
        return voice.say(text.filled(policy=name, share=percent(region.base, 0)))
    conditions = [inside(condition(limit, result.spec.space.uncertainties)) for limit in region.limits]
    return voice.say(
        _(
            "{policy} is not the best in {share} of scenarios, above all where {conditions}: "
            "there another option is better in {inside} of scenarios, which covers {coverage} of "
            "all its losses.",
            policy=name,
            share=percent(region.base, 0),
            conditions=listed(conditions),
            inside=percent(region.density, 0),
            coverage=percent(region.coverage, 0),
        )
    )


def _first(result: RobustResult, voice: Plain) -> str:
    """Return what is most worth measuring first."""
    decides = result.what_decides()
    decides = decides[(decides["p"] < CHANCE / len(decides)) & (decides["value"] > 0)]
    everything = _size(result, result.value_of_everything())
    if decides.empty:
        none = _(
            "No single uncertainty is enough to change the choice: knowing everything would be "
            "worth only {everything}."
        )
        return voice.say(none.filled(everything=everything))
    known = result.spec.space.uncertainties
    named = [inside(parameter(name, known)) for name in decides["parameter"].iloc[:NAMED]]
    return voice.say(
        _(
            "Most worth measuring first: {names}. Knowing the first of them before choosing is "
            "worth {value} on average; knowing everything, {everything}.",
            names=listed(named),
            value=_size(result, decides["value"].iloc[0]),
            everything=everything,
        )
    )


def policies(result: RobustResult, voice: Plain) -> pd.DataFrame:
    """Return mean difference with interval, range over scenarios, regret and wins; the least regretted first."""
    names, rows = labels(result.policies), []
    for row in result.table(outcomes=result.outcome).sort_values("regret").itertuples():
        e, baseline = Estimate.of_difference(row), row.policy == result.baseline
        ends = interval(result.outcome, e)
        mean = voice.number(difference(result.outcome, e.mean, half=e.half), e, ends)
        rows.append(
            {
                _("Option"): names[str(row.policy)],
                _("Mean difference"): "–" if baseline else mean,
                _("95% confidence interval"): "–" if baseline else ends,
                _("Range over scenarios"): "–" if baseline else interval(result.outcome, _over_futures(row)),
                _("Mean regret"): _size(result, row.regret),
                _("Best in"): percent(row.wins, 0),
                _("Clearly in"): percent(row.wins_surely, 0),
            }
        )
    return text_table(rows)


def targets(result: RobustResult) -> pd.DataFrame:
    """Return the percentage of scenarios in which each policy meets each target."""
    names = labels(result.policies)
    return text_table(
        {
            _("Option"): names[str(policy)],
            **{_target(row): percent(row.share, 0) for row in part.itertuples()},
        }
        for policy, part in result.satisficing().groupby("policy", sort=False)
    )


def _target(row: Any) -> Message:
    if row.outcome == "*":
        return _("all at once")
    sign = "≤" if OUTCOMES[row.outcome].better == "low" else "≥"
    target = f"{sign} {value(row.outcome, row.target)}"
    return _("{outcome}: {target}", outcome=OUTCOMES[row.outcome].short, target=target)


def readings(result: RobustResult, voice: Plain) -> pd.DataFrame:
    """Return the best policy by agency and weighting of the evidence."""
    names = labels(result.policies)
    agencies = {agency.name: agency.label for agency in result.spec.agencies}
    rows = []
    for row in result.choices().itertuples():
        e = Estimate(row.n, row.lead, row.low, row.high)
        ends = interval(result.outcome, e)
        lead = difference(result.outcome, e.mean, signed=False, half=e.half)
        rows.append(
            {
                _("Agency"): agencies[row.agency],
                _("Evidence weighting"): PRESET_NAMES.get(row.preset, _("all scenarios")),
                _("Best"): names[row.best],
                _("Next"): names[row.second],
                _("Mean lead"): voice.number(lead, e, ends),
                _("95% confidence interval"): ends,
                _("Best in"): percent(row.wins, 0),
                _("Scenarios"): number(row.n, 0),
            }
        )
    return text_table(rows)


def parameters(table: pd.DataFrame, result: RobustResult) -> pd.DataFrame:
    """Return the parameters that decide most."""
    known, rows = result.spec.space.uncertainties, []
    for row in table.iloc[:LISTED].itertuples():
        ends = [difference(result.outcome, x, with_unit=False, half=abs(x) / 5) for x in (row.low, row.high)]
        rows.append(
            {
                _("Parameter"): parameter(row.parameter, known),
                _("Value of information"): _size(result, row.value),
                _("p"): number(row.p, 3),
                _("Explains"): percent(row.share, 0),
                _("Low → high"): " → ".join(ends),
            }
        )
    return text_table(rows)


def world_table(result: RobustResult) -> tuple[Message, pd.DataFrame, int]:
    """Return the uncertain circumstances with their ranges and sources, as a table of a page."""
    known = result.spec.space.uncertainties
    table = text_table(
        {
            _("Parameter"): one.label(),
            _("Range"): " – ".join(parameter_value(one.key, x, known) for x in (one.low, one.high)),
            _("Evidence grade"): GRADE_NAMES[one.status],
            _("Source"): Message(one.source),
        }
        for one in known
    )
    return _("Unknown circumstances, and the source of their ranges."), table, 4


def sure(result: RobustResult, voice: Plain) -> list[str]:
    """Return how the numbers vary, and what they leave out."""
    names = voice.names(result.policies)
    best, second = result.pair()
    texts = [
        _(
            "All options meet the same {n} scenarios and, within each, the same random draws. "
            "Effect sizes are drawn once per scenario from their evidence (sampling error and "
            "differences between studies); other circumstances from the ranges listed.",
            n=len(result.futures),
        )
    ]
    noise = result.noise_sd()
    if noise == noise:
        texts.append(
            _(
                "{repeated} scenarios were run twice to separate random variation: within one "
                "scenario it moves the difference between {best} and {second} by about {noise} (SD).",
                repeated=min(result.spec.repeated, len(result.futures)),
                best=names[best],
                second=names[second],
                noise=_size(result, noise),
            )
        )
    texts.append(
        _(
            "Ranges of circumstances are mostly assumptions: scenarios outside them were not "
            "examined, and a “percentage of scenarios” is not a probability."
        )
    )
    return [voice.say(text) for text in texts]


def method(result: RobustResult) -> list[tuple[Message, Message]]:
    """Return how the scenarios were made."""
    text = _(
        "{n} points of a Latin hypercube in {parameters} parameters; regret after Savage; "
        "circumstances in which the best option loses by PRIM; value of information after "
        "Strong, Oakley and Brennan.",
        n=len(result.futures),
        parameters=len(result.spec.space.names),
    )
    return [(_("Scenarios"), text)]


def _size(result: RobustResult, x: float) -> str:
    return difference(result.outcome, x, signed=False, half=max(abs(x), 1e-9) / 3)
