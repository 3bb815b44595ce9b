"""The report of a fairness study: who gains, who is harmed, by how much, and what is not yet clear."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.errors import Message, _
from sim.language import speaking
from sim.language.numbers import number, rupiah_short
from sim.outcomes import HEADLINE, OUTCOMES
from sim.report.estimate import Estimate, estimate
from sim.report.evidence import MARKS as OUTCOME_MARKS
from sim.report.evidence import distinct, heading
from sim.report.format import difference, interval
from sim.report.html import Html
from sim.report.plain import Plain, inside, labels, listed, text_lines, text_table
from sim.study.compare import estimates
from sim.study.fairness import figure
from sim.study.fairness.groups import EVERYONE, MEASURES, OFF, RATINGS
from sim.study.fairness.text import (
    MARKS,
    change,
    ends,
    goodness,
    group_heading,
    group_names,
    level,
    level_ends,
    measure_heading,
    measure_name,
    noticed,
    shown_groups,
)
from sim.study.page import Page, coverage, write_page

if TYPE_CHECKING:
    from sim.study.fairness.result import FairnessResult

HARMS = ("performance", "motivation", "false_below")
"""Measures by which a group is harmed where they clearly get worse."""

GAINS = ("performance", "motivation", *OFF)
"""Measures of the first table of each policy."""

SAID = 3
"""Changes named in a sentence; the rest are counted."""

FEW = 10
"""Officers below which a group is called small (convention of ours)."""

RATING_CHANGES: dict[int, Message] = {
    1: _("Ratings clearly become more accurate or fairer under {policy}: {what}."),
    -1: _("Ratings clearly become less accurate or fair under {policy}: {what}."),
}
"""Sentence by verdict."""

Row = tuple[str, str, str, Estimate]
"""Measure, split, group, and how much it changes."""

Table = tuple[Message, pd.DataFrame, int]
"""Caption, text cells, and the first column that holds numbers."""


def sentence(result: FairnessResult, *, lang: str | None = None) -> str:
    """State the answer in a sentence or two per policy."""
    with speaking(lang):
        return _answer(result, Plain())


def details(result: FairnessResult, *, lang: str | None = None) -> list[str]:
    """List what is behind the means, then true performance and motivation of every group."""
    with speaking(lang):
        voice = Plain()
        lines = ["", *_more(result, voice)]
        for policy in result.others:
            shown = _changes(result, policy, voice, GAINS[:2])
            lines += ["", f"{voice.names(result.policies)[policy]}: {'; '.join(shown.columns)}"]
            lines += text_lines(shown)
        return lines


def write_brief(result: FairnessResult, path: str | Path, *, lang: str | None = None) -> Path:
    """Write the brief: the answer, groups side by side, what each policy changes for each, ratings, cost."""
    with speaking(lang):
        voice = Html(result.manifest["study"]["seed"])
        base = Plain().names(result.policies)[result.baseline]
        examined = _(
            "Officer by officer, after every appraisal (from the second month) and at the end of "
            "the study. The same simulated officer is followed under every option with the same "
            "random draws; changes in performance and motivation are those of the same officers, "
            "and motivation counts as changed where it differs by more than 0.01 SD. Close to "
            "the supervisor = a relationship above the average officer's; newcomer = under 2 "
            "years in office; age bands are a convention. Sentences name changes of 0.02 SD (or "
            "correlation) or 1 percentage point and more (a convention); smaller ones are in the "
            "tables. Rating minus true performance: both standardised over the agency, so that "
            "above 0 is favoured."
        )
        outcomes = [measure for measure in MEASURES if measure in OUTCOMES]
        page = Page(
            question=_(
                "Who gains and who is harmed by the policies in {agency}?", agency=result.agency.label
            ),
            answer=_answer(result, voice),
            more=_more(result, voice),
            figures=_figures(result, base),
            tables=_tables(result, voice, base),
            sure=_sure(result, voice),
            method=[
                (_("How officers were examined"), examined),
                *((measure_name(measure), OUTCOMES[measure].note) for measure in outcomes),
            ],
            policies=distinct(result),
        )
        return write_page(result, page, path)


def _answer(result: FairnessResult, voice: Plain) -> str:
    texts = [
        text
        for policy in result.others
        for text in (_gain(result, policy, voice), _harm(result, policy, voice))
    ]
    return voice.fill(" ".join(["{}"] * len(texts)), texts)


def _gain(result: FairnessResult, policy: str, voice: Plain) -> str:
    """Return in which groups true performance rises."""
    rows = [row for row in _rows(result, policy, ["performance"]) if row[3].n]
    groups = [row for row in rows if row[1] != EVERYONE]
    up = [row for row in groups if noticed(row[0], row[3]) > 0]
    if not up:
        text = _("Under {policy} no group's true performance clearly rises by an amount that matters.")
    elif len(up) < len(groups):
        text = _(
            "Under {policy} officers' true performance clearly rises among {groups}; in the "
            "other groups a rise that matters is not yet clear."
        ).filled(groups=_listed(result, up, voice, with_measure=False, with_ends=True))
    else:
        least, most = (pick(up, key=lambda row: row[3].mean) for pick in (min, max))
        text = _(
            "Under {policy} officers' true performance rises in every group examined: by {mean} "
            "among all officers (95% confidence interval: {ends}), from {low} among “{least}” to "
            "{high} among “{most}”."
        ).filled(
            mean=_size(rows[0], voice),
            ends=ends("performance", rows[0][3]),
            low=_size(least, voice),
            least=_group(result, least),
            high=_size(most, voice),
            most=_group(result, most),
        )
    return voice.say(text.filled(policy=voice.names(result.policies)[policy]))


def _harm(result: FairnessResult, policy: str, voice: Plain) -> str:
    """Return which groups are harmed."""
    down = [row for row in _rows(result, policy, HARMS) if _verdict(row) < 0]
    if not down:
        return voice.say(_("On average it clearly harms no group by an amount that matters."))
    return voice.say(_("It clearly harms {what}.", what=_listed(result, down, voice, with_ends=True)))


def _more(result: FairnessResult, voice: Plain) -> list[str]:
    """Return the sentences below the answer: what is behind the means, whether all gain alike, and ratings."""
    names, texts = voice.names(result.policies), [_off(result, voice)]
    texts += [_uneven(result, policy, voice) for policy in result.others]
    rated = {policy: _ratings(result, policy, voice) for policy in result.others}
    texts += [text for changes in rated.values() for text in changes]
    if alike := [names[policy] for policy, changes in rated.items() if not changes]:
        text = _(
            "It is not yet clear for any group whether ratings become more or less accurate and "
            "fair under {policies}.",
            policies=listed(alike),
        )
        texts.append(voice.say(text))
    return texts


def _off(result: FairnessResult, voice: Plain) -> str:
    """Return the shares of officers who are worse and better off, each compared with themselves."""
    names, parts = voice.names(result.policies), []
    for policy in result.others:
        shares = {row[0]: row[3] for row in _rows(result, policy, OFF, [EVERYONE])}
        worse, better = (_level(measure, shares[measure], voice) for measure in ("worse_off", "better_off"))
        text = _("{policy} {worse} of officers (higher: {better})")
        parts.append(voice.say(text.filled(policy=names[policy], worse=worse, better=better)))
    return voice.say(
        _(
            "Behind the averages are officers whose motivation ends lower than that of the same "
            "officer under {baseline}: {what}.",
            what=voice.fill("; ".join(["{}"] * len(parts)), parts),
            baseline=names[result.baseline],
        )
    )


def _uneven(result: FairnessResult, policy: str, voice: Plain) -> str:
    """Return whether some group fares differently from all other officers."""
    table = result.gaps(measures=["performance", "worse_off"])
    gaps = [
        (str(row.measure), str(row.split), str(row.group), Estimate(row.n, row.gap, row.low, row.high))
        for row in table[table["policy"] == policy].itertuples()
        if row.n
    ]
    # of two groups that make up all officers, one is enough
    gaps = [
        row
        for row in gaps
        if row[1] == "unit" or row[2] == result.groups(row[1])[0] or len(result.groups(row[1])) > 2
    ]
    clear = [row for row in gaps if noticed(row[0], row[3])]
    trained = [row for row in gaps if row[0] == "performance"]
    if clear:
        text = _(
            "The gains and harms of {policy} are uneven; compared with all other officers: {what}."
        ).filled(what=_listed(result, clear, voice))
    elif not trained:
        text = _("There are no other officers to compare these groups with under {policy}.")
    else:
        largest = max(trained, key=lambda row: abs(row[3].mean))
        text = _(
            "It is not yet clear whether any group gains or is harmed more than the other "
            "officers under {policy}; the largest gap seen in true performance is {gap}, for "
            "“{group}”."
        ).filled(gap=_size(largest, voice), group=_group(result, largest))
    return voice.say(text.filled(policy=voice.names(result.policies)[policy]))


def _ratings(result: FairnessResult, policy: str, voice: Plain) -> list[str]:
    """Return for which groups ratings clearly change."""
    rows, name = _rows(result, policy, RATINGS), voice.names(result.policies)[policy]
    texts = []
    for verdict, text in RATING_CHANGES.items():
        changes = [row for row in rows if _verdict(row) == verdict]
        if changes:
            texts.append(voice.say(text.filled(what=_listed(result, changes, voice), policy=name)))
    return texts


def _rows(
    result: FairnessResult, policy: str, measures: Sequence[str], by: Sequence[str] | None = None
) -> list[Row]:
    """Return what a policy changes, by group."""
    table = result.table(by=by, measures=measures)
    return [
        (str(row.measure), str(row.split), str(row.group), Estimate.of_difference(row))
        for row in table[table["policy"] == policy].itertuples()
    ]


def _group(result: FairnessResult, row: Row) -> str:
    return group_names(result, row[1])[row[2]]


def _verdict(row: Row) -> int:
    """Return 1 for clearly better, -1 for clearly worse, by an amount worth a sentence; else 0."""
    return goodness(row[0], row[3]) if noticed(row[0], row[3]) else 0


def _size(row: Row, voice: Plain) -> str:
    """Return a change as it stands in a sentence."""
    measure, e = row[0], row[3]
    return voice.number(change(measure, e.mean, with_unit=True, half=e.half), e, ends(measure, e))


def _level(measure: str, e: Estimate, voice: Plain) -> str:
    return voice.number(level(measure, e.mean), e, level_ends(measure, e))


def _listed(
    result: FairnessResult,
    rows: Sequence[Row],
    voice: Plain,
    *,
    with_measure: bool = True,
    with_ends: bool = False,
) -> str:
    """Return groups with what changes and by how much: all officers first, then the largest change."""
    groups: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row[1] != EVERYONE, -abs(row[3].mean))):
        groups.setdefault(_group(result, row), []).append(row)
    said = dict(list(groups.items())[: None if len(groups) == SAID + 1 else SAID])
    parts, sizes = [], []
    for name, changes in said.items():
        what = []
        for row in changes:
            measure = f"{inside(measure_name(row[0]))} " if with_measure else ""
            what.append(f"{measure}{{}}" + (f" [{ends(row[0], row[3])}]" if with_ends else ""))
            sizes.append(_size(row, voice))
        parts.append(f"“{name}” ({'; '.join(what)})")
    if len(groups) > len(said):
        parts.append(str(_("{count} more", count=len(groups) - len(said))))
    return voice.fill(listed(parts), sizes)


def _figures(result: FairnessResult, base: str) -> list[tuple[Message, Any]]:
    people = [split for split in result.splits if split != "unit"]
    gains = _(
        "Who gains and who is harmed, compared with {baseline}: true performance, and officers whose motivation "
        "changes.",
        baseline=base,
    )
    figures = [(gains, figure.groups(result, by=people))]
    shown = [measure for measure in RATINGS if measure != "favouritism"]
    if result.table(by=EVERYONE, measures=shown)["difference"].notna().any():
        rated = _("Accuracy and fairness of ratings in each group, compared with {baseline}.", baseline=base)
        figures.append((rated, figure.groups(result, by=people, measures=shown)))
    if "unit" in result.splits:
        by_unit = _("Change by unit, compared with {baseline}.", baseline=base)
        figures.append((by_unit, figure.groups(result, by="unit")))
    return figures


def _tables(result: FairnessResult, voice: Plain, base: str) -> list[Table]:
    names = Plain().names(result.policies)
    changed = _(
        "{policy}: change for each group compared with {baseline}. ▲ clearly better, ▼ "
        "clearly worse; below each number its 95% confidence interval, which holds for all "
        "groups and options together."
    )
    units = _(
        "Change for citizens and programmes in each unit, compared with {baseline}. ▲ "
        "better, ▼ worse, ○ not yet clear; 95% confidence intervals hold for all units and "
        "options together."
    )
    rated = _(
        "How each group is rated under {baseline}; below each number the 95% confidence interval of its mean."
    )
    ratings = _("{policy}: change in the ratings of each group compared with {baseline}.")
    costs = _("Extra cost of each option over the study, compared with {baseline}.")
    tables: list[Table] = [
        (changed.filled(policy=names[policy]), _changes(result, policy, voice, GAINS), 1)
        for policy in result.others
    ]
    if "unit" in result.splits and not (by_unit := _units(result, voice)).empty:
        tables.append((units, by_unit, 2))
    tables.append((rated, _baseline_ratings(result, voice), 1))
    for policy in result.others:
        if any(goodness(row[0], row[3]) for row in _rows(result, policy, RATINGS)):
            rows = _changes(result, policy, voice, RATINGS)
            tables.append((ratings.filled(policy=names[policy]), rows, 1))
    tables.append((costs, _costs(result, voice), 1))
    return [(caption.filled(baseline=base), table, first) for caption, table, first in tables]


def _changes(result: FairnessResult, policy: str, voice: Plain, measures: Sequence[str]) -> pd.DataFrame:
    """Return what a policy changes for each group; beside true performance, against all other officers."""
    table = result.table(measures=measures).set_index(["measure", "split", "group", "policy"]).sort_index()
    gaps = result.gaps().set_index(["split", "group", "policy"]).sort_index()
    rows = []
    for split in result.splits:
        for group, title in shown_groups(result, split).items():
            officers = table.loc[(measures[0], split, group, policy)]["officers"]
            line: dict[Message | str, object] = {_("Group (officers)"): group_heading(title, officers)}
            for measure in measures:
                e = Estimate.of_difference(table.loc[(measure, split, group, policy)])
                line[measure_heading(measure)] = _cell(measure, e, voice, signed=measure not in OFF)
                if measure == "performance":
                    head = _("True performance, compared with other officers (SD)")
                    gap = None if split == EVERYONE else gaps.loc[(split, group, policy)]
                    line[head] = "–" if gap is None else _cell(measure, _gap(gap), voice)
            rows.append(line)
    return text_table(rows)


def _gap(row: Any) -> Estimate:
    return Estimate(int(row.n), row.gap, row.low, row.high)


def _cell(measure: str, e: Estimate, voice: Plain, *, signed: bool = True) -> str:
    if e.mean != e.mean:
        return "–"
    text = change(measure, e.mean, half=e.half, signed=signed)
    return voice.cell(f"{MARKS[goodness(measure, e)]}{text}", e, ends(measure, e, signed=signed))


def _baseline_ratings(result: FairnessResult, voice: Plain) -> pd.DataFrame:
    """Return the ratings of each group under the baseline."""
    table = result.table(measures=RATINGS)
    table = table[table["policy"] == result.baseline].set_index(["measure", "split", "group"]).sort_index()
    rows = []
    for split in result.splits:
        for group, title in shown_groups(result, split).items():
            officers = table.loc[(RATINGS[0], split, group)]["officers"]
            line: dict[Message | str, object] = {_("Group (officers)"): group_heading(title, officers)}
            for measure in RATINGS:
                e = Estimate.of_level(table.loc[(measure, split, group)])
                known = voice.cell(level(measure, e.mean), e, level_ends(measure, e))
                line[measure_heading(measure)] = "–" if e.mean != e.mean else known
            rows.append(line)
    return text_table(rows)


def _units(result: FairnessResult, voice: Plain) -> pd.DataFrame:
    """Return what policies change for citizens, by unit."""
    there = [name for name in HEADLINE if name not in (*MEASURES, "cost") and name in result.runs_summary]
    table = result.by_unit(there)
    table = table[table["policy"] != result.baseline]
    there = [name for name in there if (table["outcome"] == name).any()]
    changes = {(row.outcome, row.unit, row.policy): Estimate.of_difference(row) for row in table.itertuples()}
    names, rows = labels(result.policies), []
    for unit, title in shown_groups(result, "unit").items():
        for policy in result.others if there else ():
            line: dict[Message | str, object] = {_("Unit"): title, _("Option"): names[policy]}
            for outcome in there:
                e = changes.get((outcome, unit, policy), estimate(()))
                line[heading(outcome)] = _outcome_cell(outcome, e, voice)
            rows.append(line)
    return text_table(rows)


def _outcome_cell(outcome: str, e: Estimate, voice: Plain) -> str:
    if not e.n:
        return "–"
    text = difference(outcome, e.mean, with_unit=False, half=e.half)
    mark = OUTCOME_MARKS[estimates.goodness(outcome, e)]
    return voice.cell(f"{mark} {text}", e, interval(outcome, e, with_unit=False))


def _costs(result: FairnessResult, voice: Plain) -> pd.DataFrame:
    names, years = labels(result.policies), result.manifest["study"]["years"]
    rows = []
    for policy, e in estimates.extra_cost(result).items():  # type: ignore[arg-type]
        written = interval("cost", e)
        rows.append(
            {
                _("Option"): names[policy],
                _("Extra cost"): voice.number(rupiah_short(e.mean, signed=True), e, written),
                _("95% confidence interval"): written,
                _("Per year"): rupiah_short(e.mean / years, signed=True),
                _("Replications"): number(e.n, 0),
            }
        )
    return text_table(rows)


def _sure(result: FairnessResult, voice: Plain) -> list[str]:
    scenario = result.manifest["study"]["scenario"]
    groups = sum(len(result.groups(split)) for split in result.splits)
    texts = [
        _(
            "Each option was simulated {n} times. The intervals of a measure hold for all "
            "{count} pairs of a group and an option at once (Bonferroni), but not for all "
            "measures at once. “Clearly” means that the interval excludes zero; otherwise the "
            "text says “not yet clear”.",
            n=result.replications,
            count=groups * len(result.others),
        )
    ]
    table = result.table(measures="performance")
    table = table[(table["policy"] == result.baseline) & (table["officers"] < FEW)]
    small = [
        group_heading(group_names(result, row.split)[row.group], row.officers) for row in table.itertuples()
    ]
    if small:
        texts.append(
            _(
                "Small groups, under {few} officers: {groups}. Their results rest on few officers, "
                "and may be different in a larger agency.",
                groups=listed(small),
                few=FEW,
            )
        )
    future = scenario["future"] is not None
    return [*(voice.say(text) for text in texts), coverage(voice, scenario["preset"], future=future)]
