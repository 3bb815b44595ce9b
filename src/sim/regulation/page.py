"""Write the rules as a documentation page."""

from __future__ import annotations

from sim.regulation._tables import sources

_TITLES = {
    "matrix": "Predikat from results and behaviour",
    "predikat": "Predikat and credit points",
    "score_weights": "The 0-120 score: weights",
    "score_bands": "The 0-120 score: predikat",
    "distribution": "Distribution of predikat by the organisation's rating",
    "sanctions": "Sanctions for absence without reason (PNS)",
    "skm_elements": "Citizen survey (SKM): elements",
    "ikm_bands": "Citizen survey: bands of the index (IKM)",
    "complaints": "Complaint clocks",
    "ip_asn": "Professionalism index (IP ASN)",
    "norms": "Single numbers",
}

_PREFACE = """
# Regulation

Written by `python -m sim.regulation` from `data/regulation/`; change the tables, not this page. This is a model of
the rules for research, not legal advice.

*Known*: V read in an excerpt of the source named, V2 second-hand, M from memory, D derived. **Not verified** marks
rules whose legal wording was not seen: the source is a news item, a slide, public code or memory. Check those
against the regulation before relying on them.

Readings we had to choose: "most" in SE 3/2023 is more than half, or as many as the cap of 70 % allows; the index IKM is
rounded to two decimals before it is banded, so nothing falls between 88.30 and 88.31; the 0-120 score is mapped to the
0-100 scale of IP ASN by an explicit choice, as no rule says how; hours by weekday are in `data/calendar/hours.csv`.
"""


def document() -> str:
    """Return the text of docs/regulation.md."""
    table = sources()
    seen, total = int(table["verified"].sum()), len(table)
    lines = [_PREFACE.strip(), "", f"Legal wording seen for {seen} of {total} rules."]
    for name, rules in table.groupby("table", sort=False):
        lines += ["", f"## {_TITLES[str(name)]}", "", "| rule | value | regulation | source | known |"]
        lines += ["|---|---|---|---|---|"]
        for row in rules.to_dict("records"):
            known = row["status"] + ("" if row["verified"] else ", **not verified**")
            lines.append(
                f"| {row['rule']} | {row['value']} | {row['regulation']} | {row['source']} | {known} |"
            )
        notes: dict[str, list[str]] = {}
        for row in rules.to_dict("records"):
            if row["note"]:
                notes.setdefault(row["note"], []).append(row["rule"])
        if notes:
            lines.append("")
        lines += [
            f"- {'All' if len(named) == len(rules) else ', '.join(dict.fromkeys(named))}: {note}."
            for note, named in notes.items()
        ]
    return "\n".join(lines) + "\n"
