"""What people read of a fairness study: who gains, who is harmed, by how much, and what cannot be told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.errors import _
from sim.language import speaking
from sim.language.labels import note
from sim.language.numbers import number, rupiah_short
from sim.outcomes import HEADLINE, OUTCOMES
from sim.report.estimate import Estimate
from sim.report.evidence import MARKS as OUTCOME_MARKS
from sim.report.evidence import distinct, heading
from sim.report.format import difference, interval
from sim.report.html import Html
from sim.report.names import PRESET_NAMES
from sim.report.plain import Plain, inside, listed
from sim.study.compare import estimates
from sim.study.fairness.groups import EVERYONE, MEASURES, OFF, RATINGS
from sim.study.fairness.text import (
    MARKS,
    change,
    ends,
    goodness,
    group_names,
    level,
    level_ends,
    measure_name,
    measure_unit,
    noticed,
    shown_groups,
)
from sim.study.page import Page, write_page

if TYPE_CHECKING:
    from sim.study.fairness.result import FairnessResult

HARMS = ("performance", "motivation", "false_below")
"""Measures by which a group is harmed where they surely get worse."""
GAINS = ("performance", "motivation", *OFF)
"""Measures of the first table of each policy."""
SAID = 3
"""Changes named in a sentence; the rest are counted."""
FEW = 10
"""Officers below which a group is called small (convention of ours)."""

Row = tuple[str, str, str, Estimate]
"""Measure, split, group, and how much it changes."""


def sentence(result: FairnessResult, *, lang: str | None = None) -> str:
    """The answer in a sentence or two a policy."""
    with speaking(lang):
        return _answer(result, Plain())


def details(result: FairnessResult, *, lang: str | None = None) -> list[str]:
    """What is behind the means, then every group: true performance and motivation, a line each."""
    with speaking(lang):
        voice = Plain()
        lines = ["", *_more(result, voice)]
        for policy in result.others:
            shown = _changes(result, policy, voice, GAINS[:2])
            lines += ["", f"{_names(result, voice)[policy]}: {'; '.join(shown.columns)}"]
            lines += ["  " + "; ".join(str(x) for x in row) for row in shown.itertuples(index=False)]
        return lines


def write_brief(result: FairnessResult, path: str | Path, *, lang: str | None = None) -> Path:
    """Write the brief: the answer, groups side by side, what each policy changes for whom, ratings, price."""
    with speaking(lang):
        voice = Html(result.manifest["study"]["seed"])
        base = _names(result, Plain())[result.baseline]
        page = Page(
            question=str(
                _("Who gains and who is harmed by the policies in {agency}?", agency=result.agency.label)
            ),
            answer=_answer(result, voice),
            more=_more(result, voice),
            figures=_figures(result, base),
            tables=_tables(result, voice, base),
            sure=_sure(result, voice),
            method=[
                (
                    str(_("How officers were examined")),
                    voice.say(
                        _(
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
                    ),
                ),
                *((measure_name(measure), note(measure)) for measure in MEASURES if measure in OUTCOMES),
            ],
            policies=distinct(result),
        )
        return write_page(result, page, path)


def _names(result: FairnessResult, voice: Plain) -> dict[str, str]:
    return {policy.name: voice.name(policy.label()) for policy in result.policies}


def _answer(result: FairnessResult, voice: Plain) -> str:
    texts = [
        text
        for policy in result.others
        for text in (_gain(result, policy, voice), _harm(result, policy, voice))
    ]
    return voice.fill(" ".join(["{}"] * len(texts)), texts)


def _gain(result: FairnessResult, policy: str, voice: Plain) -> str:
    """In which groups true performance rises."""
    rows = [row for row in _rows(result, policy, ["performance"]) if row[3].n]
    groups = [row for row in rows if row[1] != EVERYONE]
    up = [row for row in groups if noticed(row[0], row[3]) > 0]
    said: dict[str, Any] = {"policy": _names(result, voice)[policy]}
    if not up:
        return voice.say(
            _("Under {policy} no group's true performance clearly rises by an amount that matters.").filled(
                **said
            )
        )
    if len(up) < len(groups):
        return voice.say(
            _(
                "Under {policy} officers' true performance clearly rises among {groups}; in the "
                "other groups a rise that matters is not yet clear.",
                groups=_listed(result, up, voice, measured=False, told=True),
            ).filled(**said)
        )
    least, most = (pick(up, key=lambda row: row[3].mean) for pick in (min, max))
    for key, row in (("mean", rows[0]), ("low", least), ("high", most)):
        said[key] = _size(row, voice)
    said["ends"] = ends("performance", rows[0][3])
    said |= {"least": _group(result, least), "most": _group(result, most)}
    return voice.say(
        _(
            "Under {policy} officers' true performance rises in every group examined: by {mean} "
            "among all officers (95% confidence interval: {ends}), from {low} among “{least}” to "
            "{high} among “{most}”."
        ).filled(**said)
    )


def _harm(result: FairnessResult, policy: str, voice: Plain) -> str:
    """Which groups are harmed."""
    down = [row for row in _rows(result, policy, HARMS) if _verdict(row) < 0]
    if not down:
        return voice.say(_("On average it clearly harms no group by an amount that matters."))
    return voice.say(_("It clearly harms {what}.", what=_listed(result, down, voice, told=True)))


def _more(result: FairnessResult, voice: Plain) -> list[str]:
    """Behind the means, whether all gain alike, and ratings: the sentences below the answer."""
    names, texts = _names(result, voice), [_off(result, voice)]
    texts += [_uneven(result, policy, voice) for policy in result.others]
    rated = {policy: _ratings(result, policy, voice) for policy in result.others}
    texts += [text for found in rated.values() for text in found]
    if alike := [names[policy] for policy, found in rated.items() if not found]:
        texts.append(
            voice.say(
                _(
                    "It is not yet clear for any group whether ratings become more or less accurate and "
                    "fair under {policies}.",
                    policies=listed(alike),
                )
            )
        )
    return texts


def _off(result: FairnessResult, voice: Plain) -> str:
    """Shares of officers who are worse and better off, each compared with himself."""
    names = _names(result, voice)
    parts, told = [], []
    for policy in result.others:
        shares = {row[0]: row[3] for row in _rows(result, policy, OFF, [EVERYONE])}
        worse, better = (_level(measure, shares[measure], voice) for measure in ("worse_off", "better_off"))
        parts.append(
            str(_("{policy} {worse} of officers (higher: {better})", policy="{}", worse="{}", better="{}"))
        )
        told += [names[policy], worse, better]
    what = voice.fill("; ".join(parts), told)
    return voice.say(
        _(
            "Behind the averages are officers whose motivation ends lower than that of the same "
            "officer under {baseline}: {what}.",
            what=what,
            baseline=names[result.baseline],
        )
    )


def _uneven(result: FairnessResult, policy: str, voice: Plain) -> str:
    """Whether some group fares otherwise than all other officers."""
    found = result.gaps(measures=["performance", "worse_off"])
    gaps = [
        (str(row.measure), str(row.split), str(row.group), Estimate(row.n, row.gap, row.low, row.high))
        for row in found[found["policy"] == policy].itertuples()
        if row.n
    ]
    # of two groups that make up all officers, one says it all
    gaps = [
        row
        for row in gaps
        if row[1] == "unit" or row[2] == result.groups(row[1])[0] or len(result.groups(row[1])) > 2
    ]
    said = {"policy": _names(result, voice)[policy]}
    told = [row for row in gaps if noticed(row[0], row[3])]
    if told:
        return voice.say(
            _(
                "The gains and harms of {policy} are uneven; compared with all other officers: {what}.",
                what=_listed(result, told, voice),
            ).filled(**said)
        )
    most = max(
        (row for row in gaps if row[0] == "performance"), key=lambda row: abs(row[3].mean), default=None
    )
    if most is None:
        return voice.say(
            _("There are no other officers to compare these groups with under {policy}.").filled(**said)
        )
    return voice.say(
        _(
            "It is not yet clear whether any group gains or is harmed more than the other "
            "officers under {policy}; the largest gap seen in true performance is {gap}, for "
            "“{group}”.",
            group=_group(result, most),
            gap=_size(most, voice),
        ).filled(**said)
    )


def _ratings(result: FairnessResult, policy: str, voice: Plain) -> list[str]:
    """For whom ratings surely change."""
    rows = _rows(result, policy, RATINGS)
    said = {"policy": _names(result, voice)[policy]}
    texts = []
    for key, sign in (("better", 1), ("worse", -1)):
        found = [row for row in rows if _verdict(row) == sign]
        if found:
            texts.append(voice.say(f"fairness.ratings.{key}", what=_listed(result, found, voice), **said))
    return texts


def _rows(
    result: FairnessResult, policy: str, measures: Sequence[str], by: Sequence[str] | None = None
) -> list[Row]:
    """What a policy changes, by group."""
    table = result.table(by, measures)
    return [
        (str(row.measure), str(row.split), str(row.group), Estimate(row.n, row.difference, row.low, row.high))
        for row in table[table["policy"] == policy].itertuples()
    ]


def _group(result: FairnessResult, row: Row) -> str:
    return group_names(result, row[1])[row[2]]


def _verdict(row: Row) -> int:
    """1 surely better, -1 surely worse, by an amount worth a sentence; else 0."""
    return goodness(row[0], row[3]) if noticed(row[0], row[3]) else 0


def _size(row: Row, voice: Plain) -> str:
    """A change as it stands in a sentence."""
    measure, e = row[0], row[3]
    text = change(measure, e.mean, with_unit=True, half=e.half)
    return voice.number(text, e, ends(measure, e))


def _level(measure: str, e: Estimate, voice: Plain) -> str:
    return voice.number(level(measure, e.mean), e, level_ends(measure, e))


def _listed(
    result: FairnessResult, rows: Sequence[Row], voice: Plain, measured: bool = True, told: bool = False
) -> str:
    """Groups with the size of each change, all officers first, then the largest: what changes, and its interval."""
    groups: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row[1] != EVERYONE, -abs(row[3].mean))):
        groups.setdefault(_group(result, row), []).append(row)
    said = dict(list(groups.items())[: None if len(groups) == SAID + 1 else SAID])
    parts, sizes = [], []
    for name, changes in said.items():
        what = []
        for row in changes:
            measure = f"{inside(measure_name(row[0]))} " if measured else ""
            what.append(f"{measure}{{}}" + (f" [{ends(row[0], row[3])}]" if told else ""))
            sizes.append(_size(row, voice))
        parts.append(f"“{name}” ({'; '.join(what)})")
    if len(groups) > len(said):
        parts.append(str(_("{count} more", count=len(groups) - len(said))))
    return voice.fill(listed(parts), sizes)


def _figures(result: FairnessResult, base: str) -> list[tuple[str, Any]]:
    people = [split for split in result.splits if split != "unit"]
    made = [
        (
            str(
                _(
                    "Who gains and who is harmed, compared with {baseline}: true performance, and "
                    "officers whose motivation changes.",
                    baseline=base,
                )
            ),
            result.plot(by=people),
        )
    ]
    shown = [measure for measure in RATINGS if measure != "favouritism"]
    if result.table(EVERYONE, shown)["difference"].notna().any():
        made.append(
            (
                str(
                    _(
                        "Accuracy and fairness of ratings in each group, compared with {baseline}.",
                        baseline=base,
                    )
                ),
                result.plot(by=people, measures=shown),
            )
        )
    if "unit" in result.splits:
        made.append(
            (
                str(_("Change by unit, compared with {baseline}.", baseline=base)),
                result.plot(by="unit"),
            )
        )
    return made


def _tables(result: FairnessResult, voice: Plain, base: str) -> list[tuple[str, pd.DataFrame, int]]:
    names = _names(result, Plain())
    made = [
        (
            str(
                _(
                    "{policy}: change for each group compared with {baseline}. ▲ clearly better, ▼ "
                    "clearly worse; below each number its 95% confidence interval, which holds for all "
                    "groups and options together.",
                    policy=names[policy],
                    baseline=base,
                )
            ),
            _changes(result, policy, voice, GAINS),
            1,
        )
        for policy in result.others
    ]
    if "unit" in result.splits and not (units := _units(result, voice)).empty:
        made.append(
            (
                str(
                    _(
                        "Change for citizens and programmes in each unit, compared with {baseline}. ▲ "
                        "better, ▼ worse, ○ not yet clear; 95% confidence intervals hold for all units and "
                        "options together.",
                        baseline=base,
                    )
                ),
                units,
                2,
            )
        )
    made.append(
        (
            str(
                _(
                    "How each group is rated under {baseline}; below each number the 95% confidence "
                    "interval of its mean.",
                    baseline=base,
                )
            ),
            _today(result, voice),
            1,
        )
    )
    for policy in result.others:
        if any(goodness(row[0], row[3]) for row in _rows(result, policy, RATINGS)):
            caption = str(
                _(
                    "{policy}: change in the ratings of each group compared with {baseline}.",
                    policy=names[policy],
                    baseline=base,
                )
            )
            made.append((caption, _changes(result, policy, voice, RATINGS), 1))
    return [
        *made,
        (
            str(_("Extra cost of each option over the study, compared with {baseline}.", baseline=base)),
            _prices(result, voice),
            1,
        ),
    ]


def _head(measure: str) -> str:
    return f"{measure_name(measure)} ({measure_unit(measure)})"


def _changes(result: FairnessResult, policy: str, voice: Plain, measures: Sequence[str]) -> pd.DataFrame:
    """What a policy changes for each group; beside true performance, against all other officers."""
    table = result.table(None, measures).set_index(["measure", "split", "group", "policy"]).sort_index()
    gaps = result.gaps().set_index(["split", "group", "policy"]).sort_index()
    rows = []
    for split in result.splits:
        for group, title in shown_groups(result, split).items():
            first = table.loc[(measures[0], split, group, policy)]
            line = {str(_("Group (officers)")): f"{title} ({number(first['officers'], 0)})"}
            for measure in measures:
                row = table.loc[(measure, split, group, policy)]
                e: Estimate | None = Estimate(int(row["n"]), row["difference"], row["low"], row["high"])
                line[_head(measure)] = _cell(measure, e, voice, signed=measure not in OFF)
                if measure == "performance":
                    gap = None if split == EVERYONE else gaps.loc[(split, group, policy)]
                    e = (
                        Estimate(int(gap["n"]), gap["gap"], gap["low"], gap["high"])
                        if gap is not None
                        else None
                    )
                    line[str(_("True performance, compared with other officers (SD)"))] = _cell(
                        measure, e, voice
                    )
            rows.append(line)
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def _cell(measure: str, e: Estimate | None, voice: Plain, signed: bool = True) -> str:
    if e is None or e.mean != e.mean:
        return "–"
    text = change(measure, e.mean, half=e.half, signed=signed)
    return voice.cell(f"{MARKS[goodness(measure, e)]}{text}", e, ends(measure, e, signed))


def _today(result: FairnessResult, voice: Plain) -> pd.DataFrame:
    """Ratings of each group under the baseline."""
    table = result.table(None, RATINGS)
    table = table[table["policy"] == result.baseline].set_index(["measure", "split", "group"]).sort_index()
    rows = []
    for split in result.splits:
        for group, title in shown_groups(result, split).items():
            officers = number(table.loc[(RATINGS[0], split, group)]["officers"], 0)
            line = {str(_("Group (officers)")): f"{title} ({officers})"}
            for measure in RATINGS:
                row = table.loc[(measure, split, group)]
                mean, half = row["mean"], row["half_width"]
                e = Estimate(int(row["n"]), mean, mean - half, mean + half)
                text = level(measure, mean)
                known = voice.cell(text, e, level_ends(measure, e))
                line[_head(measure)] = "–" if mean != mean else known
            rows.append(line)
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def _units(result: FairnessResult, voice: Plain) -> pd.DataFrame:
    """What policies change for citizens, by unit."""
    names = _names(result, Plain())
    there = [o for o in HEADLINE if o not in (*MEASURES, "cost") and o in result.runs_summary]
    table = result.by_unit(there)
    table = table[table["policy"] != result.baseline]
    there = [o for o in there if (table["outcome"] == o).any()]
    known = {(row.outcome, row.unit, row.policy): row for row in table.itertuples()}
    rows = []
    for unit, title in shown_groups(result, "unit").items():
        for policy in result.others if there else ():
            line = {str(_("Unit")): title, str(_("Option")): names[policy]}
            for outcome in there:
                row: Any = known.get((outcome, unit, policy))
                e = Estimate(row.n, row.difference, row.low, row.high) if row else estimates.estimate(())
                if e.n:
                    text = difference(outcome, e.mean, with_unit=False, half=e.half)
                    mark = OUTCOME_MARKS[estimates.goodness(outcome, e)]
                    text = voice.cell(f"{mark} {text}", e, interval(outcome, e, with_unit=False))
                line[heading(outcome)] = text if e.n else "–"
            rows.append(line)
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def _prices(result: FairnessResult, voice: Plain) -> pd.DataFrame:
    names = _names(result, Plain())
    years = result.manifest["study"]["years"]
    rows = []
    for policy, e in estimates.extra_cost(result).items():  # type: ignore[arg-type]
        told = interval("cost", e)
        yearly = rupiah_short(e.mean / years, signed=True)
        rows.append(
            {
                str(_("Option")): names[policy],
                str(_("Extra cost")): voice.number(rupiah_short(e.mean, signed=True), e, told),
                str(_("95% confidence interval")): told,
                str(_("Per year")): yearly,
                str(_("Replications")): number(e.n, 0),
            }
        )
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def _sure(result: FairnessResult, voice: Plain) -> list[str]:
    scenario = result.manifest["study"]["scenario"]
    groups = sum(len(result.groups(split)) for split in result.splits)
    texts = [
        voice.say(
            _(
                "Each option was simulated {n} times. The intervals of a measure hold for all "
                "{count} pairs of a group and an option at once (Bonferroni), but not for all "
                "measures at once. “Clearly” means that the interval excludes zero; otherwise the "
                "text says “not yet clear”.",
                n=result.replications,
                count=groups * len(result.others),
            )
        )
    ]
    table = result.table(measures="performance")
    table = table[(table["policy"] == result.baseline) & (table["officers"] < FEW)]
    small = [
        f"{group_names(result, row.split)[row.group]} ({number(row.officers, 0)})"
        for row in table.itertuples()
    ]
    if small:
        texts.append(
            voice.say(
                _(
                    "Small groups, under {few} officers: {groups}. Their results rest on few officers, "
                    "and may be different in a larger agency.",
                    groups=listed(small),
                    few=FEW,
                )
            )
        )
    key = "sure.chance" if scenario["future"] is None else "sure.future"
    return [*texts, voice.say(key, preset=str(PRESET_NAMES[scenario["preset"]]))]
