"""What people read of a robust study: what is least regretted, where it loses, and what to measure first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.errors import _
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


def sentence(result: RobustResult, lang: str = "id") -> str:
    """The answer in a sentence."""
    return _answer(result, Plain(lang))


def details(result: RobustResult, lang: str = "id") -> list[str]:
    """Against the baseline, by way of reading the evidence, where it loses, what to measure."""
    return [
        "",
        *more(result, Plain(lang)),
        "",
        *(_line(row) for row in policies(result, Plain(lang)).itertuples()),
    ]


def write_brief(result: RobustResult, path: str | Path, lang: str = "id") -> Path:
    """Write the brief: the answer, futures, regret, what decides and where the best one loses."""
    voice = Html(lang, result.manifest["study"]["seed"])
    name, base = (
        inside(OUTCOMES[result.outcome].label.text(lang)),
        names(result, Plain(lang))[result.baseline],
    )
    best, second = (names(result, Plain(lang))[policy] for policy in result.pair())
    chosen = least_regretted(result)
    figures = [
        (
            _(
                "Difference from {baseline} in every scenario, for {outcome}.", baseline=base, outcome=name
            ).text(lang),
            draw.futures(result, lang),
        ),
        (_("Mean regret by option and outcome.").text(lang), draw.regret_map(result, lang)),
        (_("What decides the choice most.").text(lang), draw.tornado(result, lang)),
    ]
    boxed = draw.box(result, chosen, lang)
    if boxed is not None:
        caption = _(
            "Scenarios in which {policy} is not the best.", policy=names(result, Plain(lang))[chosen]
        ).text(lang)
        figures.append((caption, boxed))
    tables = [
        (
            _(
                "Every option compared with {baseline} on {outcome}. The 95% confidence interval is "
                "the precision of the mean (the number of runs is limited); the range over scenarios "
                "holds nine of ten scenarios, random variation removed, and does not shrink with "
                "more runs.",
                baseline=base,
                outcome=name,
            ).text(lang),
            policies(result, voice),
            1,
        )
    ]
    if result.spec.targets:
        tables.append(
            (_("Percentage of scenarios in which targets are met.").text(lang), targets(result, lang), 1)
        )
    tables.append(
        (
            _(
                "Best option on average for {outcome}, by how the evidence is weighted (each "
                "weighting holds in part of the scenarios).",
                outcome=name,
            ).text(lang),
            readings(result, voice),
            4,
        )
    )
    decides = _(
        "What decides the choice on {outcome}: the value of knowing one parameter before "
        "choosing (p = how often chance gives as much), and the lead of {best} over {second} "
        "where it is low and high.",
        outcome=name,
        best=best,
        second=second,
    ).text(lang)
    tables.append((decides, parameters(result.what_decides(), result, lang), 1))
    tables.append(
        (_("Unknown circumstances, and the source of their ranges.").text(lang), world(result, lang), 4)
    )
    page = Page(
        question=_(
            "Which option has the least regret for {outcome} in {agency} over many scenarios?",
            outcome=name,
            agency=result.agency.label,
        ).text(lang),
        answer=_answer(result, voice),
        more=more(result, voice),
        figures=figures,
        tables=tables,
        sure=sure(result, voice),
        method=method(result, lang),
        policies=distinct(result),
    )
    return write_page(result, page, path, lang)


def least_regretted(result: RobustResult) -> str:
    """The policy with the least mean regret on the outcome that decides."""
    table = result.table(result.outcome).set_index("policy")
    return str(table["regret"].idxmin())


def names(result: Any, voice: Plain) -> dict[str, str]:
    """Names of the policies as the voice says them."""
    return {policy.name: voice.name(policy.label(voice.lang)) for policy in result.policies}


def _answer(result: RobustResult, voice: Plain) -> str:
    lang, policy = voice.lang, least_regretted(result)
    row = result.table(result.outcome).set_index("policy").loc[policy]
    return voice.say(
        _(
            "Over {n} scenarios {policy} has the least regret for {outcome}: on average {regret} "
            "worse than the best option of each, and itself the best in {wins} (clearly in "
            "{surely}).",
            n=len(result.futures),
            policy=names(result, voice)[policy],
            outcome=inside(OUTCOMES[result.outcome].label.text(lang)),
            regret=_size(result, row["regret"], lang),
            wins=percent(row["wins"], 0, lang=lang),
            surely=percent(row["wins_surely"], 0, lang=lang),
        )
    )


def more(result: RobustResult, voice: Plain) -> list[str]:
    """The sentences below the answer."""
    lang, chosen = voice.lang, least_regretted(result)
    said = names(result, voice)
    table = result.table(result.outcome).set_index("policy")
    texts = []
    if chosen == result.baseline:
        texts.append(voice.say(_("That is the baseline itself: no other option has a smaller mean regret.")))
    else:
        row = table.loc[chosen]
        e = Estimate(int(row["n"]), row["difference"], row["low"], row["high"])
        over = Estimate(int(row["n"]), row["difference"], row["future_low"], row["future_high"])
        text = difference(result.outcome, e.mean, half=e.half, lang=lang)
        mean = voice.number(text, e, interval(result.outcome, e, lang=lang))
        texts.append(
            voice.say(
                _(
                    "Compared with {baseline} the difference is {mean} on average (95% confidence "
                    "interval of that mean: {ends}); in nine of ten scenarios it is {range}.",
                    baseline=said[result.baseline],
                    mean=mean,
                    ends=interval(result.outcome, e, lang=lang),
                    range=interval(result.outcome, over, lang=lang),
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
                preset=PRESET_NAMES[row.preset].text(voice.lang), policy=said[row.best]
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
    lang, box = voice.lang, result.where(policy)
    said = names(result, voice)[policy]
    if not box.cases:
        return voice.say(_("{policy} is the best in all scenarios.", policy=said))
    share = percent(box.base, 0, lang=lang)
    if not box.limits:
        return voice.say(
            _(
                "{policy} is not the best in {share} of scenarios; no circumstances that mark them "
                "were found.",
                policy=said,
                share=share,
            )
        )
    parts = [inside(condition(limit, result.spec.space.uncertainties, lang)) for limit in box.limits]
    return voice.say(
        _(
            "{policy} is not the best in {share} of scenarios, above all where {conditions}: "
            "there another option is better in {inside} of scenarios, which covers {coverage} of "
            "all its losses.",
            policy=said,
            share=share,
            conditions=_(" and ").text(lang).join(parts),
            inside=percent(box.density, 0, lang=lang),
            coverage=percent(box.coverage, 0, lang=lang),
        )
    )


def _first(result: RobustResult, voice: Plain) -> str:
    lang, found = voice.lang, result.what_decides()
    found = found[(found["p"] < CHANCE / len(found)) & (found["value"] > 0)]
    everything = _size(result, result.value_of_everything(), lang)
    if found.empty:
        return voice.say(
            _(
                "No single uncertainty is enough to change the choice: knowing everything would be "
                "worth only {everything}.",
                everything=everything,
            )
        )
    told = [
        inside(parameter(name, result.spec.space.uncertainties, lang))
        for name in found["parameter"].iloc[:TOLD]
    ]
    value_ = _size(result, found["value"].iloc[0], lang)
    return voice.say(
        _(
            "Most worth measuring first: {names}. Knowing the first of them before choosing is "
            "worth {value} on average; knowing everything, {everything}.",
            names=listed(told, lang),
            value=value_,
            everything=everything,
        )
    )


def policies(result: RobustResult, voice: Plain) -> pd.DataFrame:
    """Every policy: mean difference with its interval, range over futures, regret, wins; the least regretted first."""
    lang, said = voice.lang, names(result, Plain(voice.lang))
    rows = []
    for row in result.table(result.outcome).sort_values("regret").itertuples():
        e = Estimate(int(row.n), row.difference, row.low, row.high)
        over = Estimate(int(row.n), row.difference, row.future_low, row.future_high)
        itself = row.policy == result.baseline
        text = difference(result.outcome, e.mean, half=e.half, lang=lang)
        ends = interval(result.outcome, e, lang=lang)
        rows.append(
            {
                _("Option").text(lang): said[str(row.policy)],
                _("Mean difference").text(lang): "–" if itself else voice.number(text, e, ends),
                _("95% confidence interval").text(lang): "–" if itself else ends,
                _("Range over scenarios").text(lang): "–"
                if itself
                else interval(result.outcome, over, lang=lang),
                _("Mean regret").text(lang): _size(result, row.regret, lang),
                _("Best in").text(lang): percent(row.wins, 0, lang=lang),
                _("Clearly in").text(lang): percent(row.wins_surely, 0, lang=lang),
            }
        )
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def targets(result: RobustResult, lang: str) -> pd.DataFrame:
    """Share of futures in which each policy meets each target."""
    found, said = result.satisficing(), names(result, Plain(lang))
    rows = []
    for policy, part in found.groupby("policy", sort=False):
        row = {_("Option").text(lang): said[str(policy)]}
        for one in part.itertuples():
            head = _("all at once").text(lang)
            if one.outcome != "*":
                sign = "≤ " if OUTCOMES[one.outcome].better == "low" else "≥ "
                target = sign + value(one.outcome, one.target, lang=lang)
                head = _(
                    "{outcome}: {target}", outcome=OUTCOMES[one.outcome].short.text(lang), target=target
                ).text(lang)
            row[head] = percent(one.share, 0, lang=lang)
        rows.append(row)
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def readings(result: RobustResult, voice: Plain) -> pd.DataFrame:
    """The best policy by government and way to read the evidence."""
    lang, said = voice.lang, names(result, Plain(voice.lang))
    places = {place.name: place.label for place in result.spec.agencies}
    rows = []
    for row in result.choices().itertuples():
        e = Estimate(row.n, row.lead, row.low, row.high)
        text = difference(result.outcome, row.lead, signed=False, half=e.half, lang=lang)
        everywhere = _("all scenarios").text(lang)
        rows.append(
            {
                _("Agency").text(lang): places[row.agency],
                _("Evidence weighting").text(lang): everywhere
                if row.preset == "*"
                else PRESET_NAMES[row.preset].text(lang),
                _("Best").text(lang): said[row.best],
                _("Next").text(lang): said[row.second],
                _("Mean lead").text(lang): voice.number(text, e, interval(result.outcome, e, lang=lang)),
                _("95% confidence interval").text(lang): interval(result.outcome, e, lang=lang),
                _("Best in").text(lang): percent(row.wins, 0, lang=lang),
                _("Scenarios").text(lang): number(row.n, 0, lang=lang),
            }
        )
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def parameters(table: pd.DataFrame, result: RobustResult, lang: str) -> pd.DataFrame:
    """The parameters that decide most."""
    rows = []
    for row in table.iloc[:LISTED].itertuples():
        ends = [
            difference(result.outcome, x, with_unit=False, half=abs(x) / 5, lang=lang)
            for x in (row.low, row.high)
        ]
        rows.append(
            {
                _("Parameter").text(lang): parameter(row.parameter, result.spec.space.uncertainties, lang),
                _("Value of information").text(lang): _size(result, row.value, lang),
                _("p").text(lang): number(row.p, 3, lang=lang),
                _("Explains").text(lang): percent(row.share, 0, lang=lang),
                _("Low → high").text(lang): " → ".join(ends),
            }
        )
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def world(result: RobustResult, lang: str) -> pd.DataFrame:
    """The uncertainties of the world with their ranges and sources."""
    known = result.spec.space.uncertainties
    rows = [
        {
            _("Parameter").text(lang): u.label(lang),
            _("Range").text(lang): " – ".join(
                parameter_value(u.key, x, known, lang) for x in (u.low, u.high)
            ),
            _("Evidence grade").text(lang): GRADE_NAMES[u.status].text(lang),
            _("Source").text(lang): u.source,
        }
        for u in known
    ]
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def sure(result: RobustResult, voice: Plain) -> list[str]:
    """How the numbers vary, and what they leave out."""
    lang, said = voice.lang, names(result, voice)
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
                    luck=_size(result, luck, lang),
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


def method(result: RobustResult, lang: str) -> list[tuple[str, str]]:
    """How the futures were made."""
    size = {"n": len(result.futures), "parameters": len(result.spec.space.names)}
    return [
        (
            _("Scenarios").text(lang),
            _(
                "{n} points of a Latin hypercube in {parameters} parameters; regret after Savage; "
                "circumstances in which the best option loses by PRIM; value of information after "
                "Strong, Oakley and Brennan."
            )
            .filled(**size)
            .text(lang),
        )
    ]


def _size(result: RobustResult, x: float, lang: str) -> str:
    return difference(result.outcome, x, signed=False, half=max(abs(x), 1e-9) / 3, lang=lang)


def _line(row: Any) -> str:
    return "  " + "; ".join(str(x) for x in row[1:])
