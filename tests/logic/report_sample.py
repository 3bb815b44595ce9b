"""A comparison made of arithmetic, so that the report can be tested against answers known beforehand.

Four policies, three offices, 36 months. "Feedback" shortens waiting by 6 minutes, "training" by 6 as well but only
after a year, "both" by 11; "inspection" does nothing at all to waiting and makes ratings worse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from functools import cache
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from sim.agency.spec import Agency, Fact, Unit
from sim.levers.base import Lever
from sim.levers.policy import Policy
from sim.outcomes import OUTCOMES, across_months, across_units
from sim.study.compare.design import CompareStudy
from sim.study.compare.result import CompareResult
from sim.world.scenario import Scenario

MONTHS = 36
UNITS = {"dukcapil": "service", "puskesmas": "service", "disdik": "programme"}
EFFECT = {"status_quo": 0.0, "inspection": 0.0, "feedback": -6.0, "training": -6.0, "both": -11.0}
PRICE = {"inspection": 4e6, "feedback": 9e6, "training": 21e6, "both": 30e6} | {
    f"p{i}": 2e6 * i for i in range(8)
}
"""Rupiah a month and office; p0 to p7 are policies that tests make up."""


class Visits(Lever):
    """A lever with evidence of two grades."""

    title_id: ClassVar[str] = "Umpan balik dari warga"
    title_en: ClassVar[str] = "Feedback from citizens"
    group: ClassVar[str] = "feedback"
    evidence: ClassVar[tuple[str, ...]] = ("feedback", "feedback_citizen")


class Course(Lever):
    """A lever with the evidence of training."""

    title_id: ClassVar[str] = "Pelatihan TIK"
    title_en: ClassVar[str] = "ICT training"
    group: ClassVar[str] = "training"
    evidence: ClassVar[tuple[str, ...]] = ("training_behaviour",)


class Surprise(Lever):
    """A lever that rests on nothing."""

    title_id: ClassVar[str] = "Inspeksi mendadak"
    title_en: ClassVar[str] = "Surprise inspections"
    group: ClassVar[str] = "discipline"


POLICIES = (
    Policy("status_quo", (), "Keadaan sekarang", "Status quo"),
    Policy("inspection", (Surprise(),), "Inspeksi mendadak", "Surprise inspections"),
    Policy("feedback", (Visits(),), "Umpan balik bulanan dari warga", "Monthly feedback from citizens"),
    Policy("training", (Course(),), "Pelatihan TIK dua kali setahun", "ICT training twice a year"),
    Policy(
        "both",
        (Visits(), Course()),
        "Umpan balik warga dan pelatihan TIK",
        "Citizen feedback and ICT training",
    ),
)


def agency() -> Agency:
    """Two offices that serve citizens and one that runs a programme."""
    rows = (
        ("dukcapil", "Dinas Dukcapil", "Population registry", "service", "population"),
        ("puskesmas", "Puskesmas Kota", "Health centre", "service", "health"),
        ("disdik", "Dinas Pendidikan", "Education office", "programme", "education"),
    )
    units = tuple(
        Unit(
            unit=code,
            label_id=label_id,
            label_en=label_en,
            kind=kind,
            sector=sector,
            pns=20,
            pppk=10,
            retiring=0.034,
            absence=0.1,
            ikm=79.0,
            source="tes",
            status="A",
        )
        for code, label_id, label_en, kind, sector in rows
    )
    facts = (
        Fact(key="population", value="200000", unit="persons", source="BPS", status="V"),
        Fact(key="budget", value="1000000000", unit="Rp", source="tes", status="A"),
    )
    return Agency("contoh", "Kota Contoh", facts, units, (), (), (), (), ())


@cache
def _tables(
    replications: int, noise: float, effect: tuple[tuple[str, float], ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    table = outcomes(replications, noise, dict(effect))
    return table, summary(table)


def comparison(
    effect: Mapping[str, float] | None = None, replications: int = 12, noise: float = 8.0, **changes: Any
) -> CompareResult:
    """The comparison; `effect` sets minutes of waiting by policy, `changes` any field of it or of its study."""
    effect = EFFECT if effect is None else dict(effect)
    policies = tuple(p for p in POLICIES if p.name in effect)
    table, short = _tables(replications, noise, tuple(effect.items()))
    spent = costs(replications)
    given = {
        "agency": agency(),
        "policies": policies,
        "replications": replications,
        "scenario": Scenario(start=date(2026, 1, 1)),
        "question": {"id": "Apa yang mempersingkat antrean?", "en": "What shortens the queue?"},
    }
    known = {f.name for f in fields(CompareStudy)}
    # as read from disk: the sample's agency is too small to be checked
    spec = CompareStudy.restored(given | {key: value for key, value in changes.items() if key in known})
    manifest = {
        "id": "0123456789abcdef",
        "kind": "compare",
        "partial": False,
        "replications": replications,
        "study": spec.to_dict(),
    }
    parts: dict[str, Any] = {
        "spec": spec,
        "outcomes": table,
        "runs_summary": short,
        "costs": spent[spent["policy"].isin(effect)],
        "manifest": manifest,
    }
    return CompareResult(**(parts | {key: value for key, value in changes.items() if key not in known}))


def outcomes(
    replications: int = 12, noise: float = 8.0, effect: dict[str, float] | None = None
) -> pd.DataFrame:
    """Month x unit rows for every policy and replication; the same luck for every policy."""
    effect = EFFECT if effect is None else effect
    rng = np.random.default_rng(11)
    rows = []
    for replication in range(replications):
        luck = rng.normal(size=(len(UNITS), MONTHS))
        for p, policy in enumerate(effect):
            own = rng.normal(scale=noise, size=(len(UNITS), MONTHS))
            for u, (unit, kind) in enumerate(UNITS.items()):
                for month in range(1, MONTHS + 1):
                    ramp = float(month > 12) if policy == "training" else min(1.0, month / 6)
                    rows.append(
                        _row(
                            kind,
                            policy,
                            replication,
                            month,
                            unit,
                            effect[policy] * ramp,
                            luck[u, month - 1],
                            own[u, month - 1],
                            p,
                        )
                    )
    return pd.DataFrame(rows)


def _row(
    kind: str,
    policy: str,
    replication: int,
    month: int,
    unit: str,
    gain: float,
    luck: float,
    own: float,
    p: int,
) -> dict[str, object]:
    row: dict[str, object] = {"policy": policy, "replication": replication, "month": month, "unit": unit}
    row |= dict.fromkeys(OUTCOMES, np.nan)
    season = 8.0 if month % 12 == 4 else 0.0
    better = -gain / 11
    service = kind == "service"
    row |= {
        "officers": 30.0 if service else 20.0,
        "officer_days": 600.0 if service else 400.0,
        "cost": PRICE.get(policy, 0.0),
        "skill": 0.01 * month * better + 0.01 * own,
        "motivation": 0.15 * better * np.exp(-month / 30) + 0.01 * own,
        "performance": 0.02 * month * better + 0.02 * own,
        "absence": 0.11 + 0.002 * luck,
        "sanctions": 0.0,
        "feedback_hours": 10.0 + 20 * better,
        "seats_used": 4.0 * better,
        "seats_waiting": 3.0,
        "desk_days_lost": 12.0 * better,
        "jp20": 0.3 + 0.4 * better,
        "workload_gini": 0.18,
    }
    if service:
        row |= {
            "arrivals": 900.0 + 30 * luck,
            "served": 880.0 + 30 * luck,
            "served_counter": 700.0 + 24 * luck,
            "files_completed": 180.0 + 6 * luck,
            "answers": 900.0 + 30 * luck,
            "waiting_minutes": 31.0 + season + 2 * luck + 0.4 * own + gain,
            "response_days": 4.0 + 0.1 * luck,
            "complaints": 40.0,
            "complaints_ended": 40.0,
            "complaints_answered": 24.0,
            "complaint_days": 6.0 + 0.2 * own,
            "complaints_in_time": 0.7 + 0.1 * better + 0.01 * own,
            "complaints_discarded": 0.4,
            "sent_home": 20.0 + luck,
            "left": 8.0,
            "backlog": 60.0 + luck,
            "utilisation": 0.85 + 0.01 * luck,
            "desk_hours": 3900.0,
            "overtime_hours": 6.0,
            "error_rate": 0.08 - 0.01 * better + 0.002 * own,
            "ikm_service": 79.0 + 2.5 * better + 0.2 * own,
            "ikm_perceived": 79.5 + 2.5 * better + 0.2 * own,
        }
        row |= {f"u{i}": 3.1 + 0.01 * i + 0.05 * better for i in range(1, 10)}
    elif month % 3 == 0:
        row["programme_output"] = 500.0 + 40 * better + 5 * own
    if month % 12 == 0:
        worse = 0.08 if policy == "inspection" else 0.0
        row |= {
            "rated": 30.0 if service else 20.0,
            "rating_validity": 0.47 + 0.12 * better - worse + 0.01 * own,
            "favouritism": 0.13 - 0.03 * better + 0.004 * own,
            "severity_sd": 0.5 - 0.1 * better,
            "false_below": 0.005 + worse / 4 + 0.001 * abs(own),
            "missed_below": 0.096 - 0.02 * better + 0.001 * own,
            "false_top": 0.05 + 0.002 * own,
            "sangat_baik": 0.1127 - 0.01 * p,
            "baik": 0.8846 + 0.008 * p,
            "butuh_perbaikan": 0.0011 + 0.002 * p,
            "kurang": 0.0006,
            "sangat_kurang": 0.001,
        }
    return row


def summary(frame: pd.DataFrame) -> pd.DataFrame:
    """Windows 1-36 and 25-36, each unit and "*" for the agency."""
    windows = []
    for first, last in ((1, MONTHS), (25, MONTHS)):
        within = frame[frame["month"].between(first, last)]
        units = across_months(within, ["policy", "replication", "unit"])
        agency = across_units(units, ["policy", "replication"]).assign(unit="*")
        windows.append(pd.concat([units, agency]).assign(window=f"{first}-{last}"))
    found = pd.concat(windows, ignore_index=True)
    found["window"] = pd.Categorical(found["window"], categories=[f"1-{MONTHS}", f"25-{MONTHS}"])
    found["unit"] = pd.Categorical(found["unit"], categories=[*UNITS, "*"])
    return found


def costs(replications: int = 12) -> pd.DataFrame:
    """Cost by lever and year, adding up to the monthly cost of the outcomes."""
    rows = []
    for replication in range(replications):
        for policy, monthly in PRICE.items():
            levers = ["feedback", "training"] if policy == "both" else [policy]
            for year in (1, 2, 3):
                rows += [
                    (policy, replication, lever, year, monthly * 12 * len(UNITS) / len(levers), 20.0)
                    for lever in levers
                ]
    return pd.DataFrame(rows, columns=["policy", "replication", "lever", "year", "rupiah", "officer_days"])
