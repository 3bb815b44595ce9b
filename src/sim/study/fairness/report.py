"""What people read of a fairness study: who gains, who is harmed, by how much, and what cannot be told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.language.labels import label, note
from sim.language.numbers import number, rupiah_short
from sim.outcomes import HEADLINE, OUTCOMES
from sim.report.estimate import Estimate
from sim.report.evidence import MARKS as OUTCOME_MARKS
from sim.report.evidence import distinct, heading
from sim.report.format import difference, interval
from sim.report.html import Html
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


def sentence(result: FairnessResult, lang: str = "id") -> str:
    """The answer in a sentence or two a policy."""
    return _answer(result, Plain(lang))


def details(result: FairnessResult, lang: str = "id") -> list[str]:
    """What is behind the means, then every group: true performance and motivation, a line each."""
    voice = Plain(lang)
    lines = ["", *_more(result, voice)]
    for policy in result.others:
        shown = _changes(result, policy, voice, GAINS[:2])
        lines += ["", f"{_names(result, voice)[policy]}: {'; '.join(shown.columns)}"]
        lines += ["  " + "; ".join(str(x) for x in row) for row in shown.itertuples(index=False)]
    return lines


def write_brief(result: FairnessResult, path: str | Path, lang: str = "id") -> Path:
    """Write the brief: the answer, groups side by side, what each policy changes for whom, ratings, price."""
    voice = Html(lang, result.manifest["study"]["seed"])
    base = _names(result, Plain(lang))[result.baseline]
    page = Page(
        question=label("fairness.question", lang, agency=result.agency.label),
        answer=_answer(result, voice),
        more=_more(result, voice),
        figures=_figures(result, lang, base),
        tables=_tables(result, voice, base),
        sure=_sure(result, voice),
        method=[
            (label("fairness.method", lang), voice.say("fairness.method.text")),
            *(
                (measure_name(measure, lang), note(measure, lang))
                for measure in MEASURES
                if measure in OUTCOMES
            ),
        ],
        policies=distinct(result),
    )
    return write_page(result, page, path, lang)


def _names(result: FairnessResult, voice: Plain) -> dict[str, str]:
    return {policy.name: voice.name(policy.label(voice.lang)) for policy in result.policies}


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
        return voice.say("fairness.gain.none", **said)
    if len(up) < len(groups):
        return voice.say(
            "fairness.gain.some", groups=_listed(result, up, voice, measured=False, told=True), **said
        )
    least, most = (pick(up, key=lambda row: row[3].mean) for pick in (min, max))
    for key, row in (("mean", rows[0]), ("low", least), ("high", most)):
        said[key] = _size(row, voice)
    said["ends"] = ends("performance", rows[0][3], voice.lang)
    said |= {"least": _group(result, least, voice.lang), "most": _group(result, most, voice.lang)}
    return voice.say("fairness.gain.all", **said)


def _harm(result: FairnessResult, policy: str, voice: Plain) -> str:
    """Which groups are harmed."""
    down = [row for row in _rows(result, policy, HARMS) if _verdict(row) < 0]
    if not down:
        return voice.say("fairness.harm.none")
    return voice.say("fairness.harm.some", what=_listed(result, down, voice, told=True))


def _more(result: FairnessResult, voice: Plain) -> list[str]:
    """Behind the means, whether all gain alike, and ratings: the sentences below the answer."""
    names, texts = _names(result, voice), [_off(result, voice)]
    texts += [_uneven(result, policy, voice) for policy in result.others]
    rated = {policy: _ratings(result, policy, voice) for policy in result.others}
    texts += [text for found in rated.values() for text in found]
    if alike := [names[policy] for policy, found in rated.items() if not found]:
        texts.append(voice.say("fairness.ratings.none", policies=listed(alike, voice.lang)))
    return texts


def _off(result: FairnessResult, voice: Plain) -> str:
    """Shares of officers who are worse and better off, each compared with himself."""
    names = _names(result, voice)
    parts, told = [], []
    for policy in result.others:
        shares = {row[0]: row[3] for row in _rows(result, policy, OFF, [EVERYONE])}
        worse, better = (_level(measure, shares[measure], voice) for measure in ("worse_off", "better_off"))
        parts.append(label("fairness.off.policy", voice.lang, policy="{}", worse="{}", better="{}"))
        told += [names[policy], worse, better]
    what = voice.fill("; ".join(parts), told)
    return voice.say("fairness.off", what=what, baseline=names[result.baseline])


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
        return voice.say("fairness.uneven.some", what=_listed(result, told, voice), **said)
    most = max(
        (row for row in gaps if row[0] == "performance"), key=lambda row: abs(row[3].mean), default=None
    )
    if most is None:
        return voice.say("fairness.uneven.alone", **said)
    return voice.say(
        "fairness.uneven.none", group=_group(result, most, voice.lang), gap=_size(most, voice), **said
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


def _group(result: FairnessResult, row: Row, lang: str) -> str:
    return group_names(result, row[1], lang)[row[2]]


def _verdict(row: Row) -> int:
    """1 surely better, -1 surely worse, by an amount worth a sentence; else 0."""
    return goodness(row[0], row[3]) if noticed(row[0], row[3]) else 0


def _size(row: Row, voice: Plain) -> str:
    """A change as it stands in a sentence."""
    measure, e = row[0], row[3]
    text = change(measure, e.mean, voice.lang, with_unit=True, half=e.half)
    return voice.number(text, e, ends(measure, e, voice.lang))


def _level(measure: str, e: Estimate, voice: Plain) -> str:
    return voice.number(level(measure, e.mean, voice.lang), e, level_ends(measure, e, voice.lang))


def _listed(
    result: FairnessResult, rows: Sequence[Row], voice: Plain, measured: bool = True, told: bool = False
) -> str:
    """Groups with the size of each change, all officers first, then the largest: what changes, and its interval."""
    groups: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row[1] != EVERYONE, -abs(row[3].mean))):
        groups.setdefault(_group(result, row, voice.lang), []).append(row)
    said = dict(list(groups.items())[: None if len(groups) == SAID + 1 else SAID])
    parts, sizes = [], []
    for name, changes in said.items():
        what = []
        for row in changes:
            measure = f"{inside(measure_name(row[0], voice.lang))} " if measured else ""
            what.append(f"{measure}{{}}" + (f" [{ends(row[0], row[3], voice.lang)}]" if told else ""))
            sizes.append(_size(row, voice))
        parts.append(f"“{name}” ({'; '.join(what)})")
    if len(groups) > len(said):
        parts.append(label("fairness.more", voice.lang, count=len(groups) - len(said)))
    return voice.fill(listed(parts, voice.lang), sizes)


def _figures(result: FairnessResult, lang: str, base: str) -> list[tuple[str, Any]]:
    people = [split for split in result.splits if split != "unit"]
    made = [(label("fairness.figure", lang, baseline=base), result.plot(people, lang=lang))]
    shown = [measure for measure in RATINGS if measure != "favouritism"]
    if result.table(EVERYONE, shown)["difference"].notna().any():
        made.append((label("fairness.figure.ratings", lang, baseline=base), result.plot(people, shown, lang)))
    if "unit" in result.splits:
        made.append((label("fairness.figure.units", lang, baseline=base), result.plot("unit", lang=lang)))
    return made


def _tables(result: FairnessResult, voice: Plain, base: str) -> list[tuple[str, pd.DataFrame, int]]:
    lang, names = voice.lang, _names(result, Plain(voice.lang))
    made = [
        (
            label("fairness.table", lang, policy=names[policy], baseline=base),
            _changes(result, policy, voice, GAINS),
            1,
        )
        for policy in result.others
    ]
    if "unit" in result.splits and not (units := _units(result, voice)).empty:
        made.append((label("fairness.units", lang, baseline=base), units, 2))
    made.append((label("fairness.today", lang, baseline=base), _today(result, voice), 1))
    for policy in result.others:
        if any(goodness(row[0], row[3]) for row in _rows(result, policy, RATINGS)):
            caption = label("fairness.ratings.table", lang, policy=names[policy], baseline=base)
            made.append((caption, _changes(result, policy, voice, RATINGS), 1))
    return [*made, (label("fairness.prices", lang, baseline=base), _prices(result, voice), 1)]


def _head(measure: str, lang: str) -> str:
    return f"{measure_name(measure, lang)} ({measure_unit(measure, lang)})"


def _changes(result: FairnessResult, policy: str, voice: Plain, measures: Sequence[str]) -> pd.DataFrame:
    """What a policy changes for each group; beside true performance, against all other officers."""
    lang = voice.lang
    table = result.table(None, measures).set_index(["measure", "split", "group", "policy"]).sort_index()
    gaps = result.gaps().set_index(["split", "group", "policy"]).sort_index()
    rows = []
    for split in result.splits:
        for group, title in shown_groups(result, split, lang).items():
            first = table.loc[(measures[0], split, group, policy)]
            line = {label("people.group", lang): f"{title} ({number(first['officers'], 0, lang=lang)})"}
            for measure in measures:
                row = table.loc[(measure, split, group, policy)]
                e: Estimate | None = Estimate(int(row["n"]), row["difference"], row["low"], row["high"])
                line[_head(measure, lang)] = _cell(measure, e, voice, signed=measure not in OFF)
                if measure == "performance":
                    gap = None if split == EVERYONE else gaps.loc[(split, group, policy)]
                    e = (
                        Estimate(int(gap["n"]), gap["gap"], gap["low"], gap["high"])
                        if gap is not None
                        else None
                    )
                    line[label("fairness.against", lang)] = _cell(measure, e, voice)
            rows.append(line)
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def _cell(measure: str, e: Estimate | None, voice: Plain, signed: bool = True) -> str:
    if e is None or e.mean != e.mean:
        return "–"
    text = change(measure, e.mean, voice.lang, half=e.half, signed=signed)
    return voice.cell(f"{MARKS[goodness(measure, e)]}{text}", e, ends(measure, e, voice.lang, signed))


def _today(result: FairnessResult, voice: Plain) -> pd.DataFrame:
    """Ratings of each group under the baseline."""
    lang = voice.lang
    table = result.table(None, RATINGS)
    table = table[table["policy"] == result.baseline].set_index(["measure", "split", "group"]).sort_index()
    rows = []
    for split in result.splits:
        for group, title in shown_groups(result, split, lang).items():
            officers = number(table.loc[(RATINGS[0], split, group)]["officers"], 0, lang=lang)
            line = {label("people.group", lang): f"{title} ({officers})"}
            for measure in RATINGS:
                row = table.loc[(measure, split, group)]
                mean, half = row["mean"], row["half_width"]
                e = Estimate(int(row["n"]), mean, mean - half, mean + half)
                text = level(measure, mean, lang)
                known = voice.cell(text, e, level_ends(measure, e, lang))
                line[_head(measure, lang)] = "–" if mean != mean else known
            rows.append(line)
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def _units(result: FairnessResult, voice: Plain) -> pd.DataFrame:
    """What policies change for citizens, by unit."""
    lang, names = voice.lang, _names(result, Plain(voice.lang))
    there = [o for o in HEADLINE if o not in (*MEASURES, "cost") and o in result.summary]
    table = result.by_unit(there)
    table = table[table["policy"] != result.baseline]
    there = [o for o in there if (table["outcome"] == o).any()]
    known = {(row.outcome, row.unit, row.policy): row for row in table.itertuples()}
    rows = []
    for unit, title in shown_groups(result, "unit", lang).items():
        for policy in result.others if there else ():
            line = {label("fairness.unit", lang): title, label("table.policy", lang): names[policy]}
            for outcome in there:
                row: Any = known.get((outcome, unit, policy))
                e = Estimate(row.n, row.difference, row.low, row.high) if row else estimates.estimate(())
                if e.n:
                    text = difference(outcome, e.mean, with_unit=False, half=e.half, lang=lang)
                    mark = OUTCOME_MARKS[estimates.goodness(outcome, e)]
                    text = voice.cell(f"{mark} {text}", e, interval(outcome, e, with_unit=False, lang=lang))
                line[heading(outcome, lang)] = text if e.n else "–"
            rows.append(line)
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def _prices(result: FairnessResult, voice: Plain) -> pd.DataFrame:
    lang, names = voice.lang, _names(result, Plain(voice.lang))
    years = result.manifest["study"]["years"]
    rows = []
    for policy, e in estimates.extra_cost(result).items():  # type: ignore[arg-type]
        told = interval("cost", e, lang=lang)
        yearly = rupiah_short(e.mean / years, signed=True, lang=lang)
        rows.append(
            {
                label("table.policy", lang): names[policy],
                label("table.extra_cost", lang): voice.number(
                    rupiah_short(e.mean, signed=True, lang=lang), e, told
                ),
                label("table.interval", lang): told,
                label("fairness.year", lang): yearly,
                label("table.replications", lang): number(e.n, 0, lang=lang),
            }
        )
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def _sure(result: FairnessResult, voice: Plain) -> list[str]:
    lang, scenario = voice.lang, result.manifest["study"]["scenario"]
    groups = sum(len(result.groups(split)) for split in result.splits)
    texts = [voice.say("fairness.sure", n=result.replications, count=groups * len(result.others))]
    table = result.table(measures="performance")
    table = table[(table["policy"] == result.baseline) & (table["officers"] < FEW)]
    small = [
        f"{group_names(result, row.split, lang)[row.group]} ({number(row.officers, 0, lang=lang)})"
        for row in table.itertuples()
    ]
    if small:
        texts.append(voice.say("fairness.small", groups=listed(small, lang), few=FEW))
    key = "sure.chance" if scenario["future"] is None else "sure.future"
    return [*texts, voice.say(key, preset=label(f"preset.{scenario['preset']}", lang))]
