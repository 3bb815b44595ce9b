"""Claim: the agencies that ship are sound, hold the published figures, and say where each number comes from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agency import (
    STATUSES,
    agencies,
    check_agency,
    daily_work,
    full_makassar,
    implied_utilisation,
    load_agency,
    provenance,
    write_agency,
)
from sim.agency.full import SECTORS
from sim.agency.staffing import MINUTES_A_DAY, share_out

SMALL = ["contoh", "gorontalo", "jambi", "makassar"]

PUBLISHED = [
    # agency, figure, value, status; reference: the domain notes
    ("makassar", "ikm", 81.761, "V"),
    ("makassar", "ikm_best", 98.906, "V"),
    ("makassar", "ikm_2022", 80.470, "V"),
    ("makassar", "budget_apbd", 5.68e12, "V"),
    ("makassar", "pay_bill", 1.95e12, "V"),
    ("makassar", "pns_total", round(9910 * 3_795_302 / 4_282_429), "D"),
    ("makassar", "pppk_total", round(9910 * 487_127 / 4_282_429), "D"),
    ("makassar", "survey_respondents", round(3566 / 110), "D"),
    ("gorontalo", "pns_total", 4566, "V"),
    ("gorontalo", "pppk_total", 875, "V"),
    ("gorontalo", "pns_2021", 5224, "V"),
    ("jambi", "pns_total", 4200, "V"),
    ("jambi", "pppk_total", 5907, "V"),
    *((name, "discard_share", round(24_345 / 57_171, 3), "D") for name in SMALL),
    *((name, "lebaran_peak", 340 / 100, "V") for name in SMALL),
    *((name, "training_budget_share", 0.0016, "V") for name in SMALL),
]


@pytest.mark.parametrize(("name", "key", "value", "status"), PUBLISHED)
def test_published_figures(name, key, value, status):
    agency = load_agency(name)
    assert agency.fact(key) == value
    assert next(f.status for f in agency.facts if f.key == key) == status


def test_derived_figures():
    makassar, jambi = load_agency("makassar"), load_agency("jambi")
    assert makassar.fact("tpp_monthly") == pytest.approx(300e9 / 9910 / 12, rel=0.005)
    assert makassar.fact("salary_hour") == pytest.approx(1.95e12 / (9910 + 2075) / (240 * 7.5), rel=0.005)
    assert makassar.unit("dukcapil").retiring == pytest.approx(1_298_968 / 10 / 3_795_302, abs=0.0005)
    assert jambi.unit("dukcapil").retiring == pytest.approx(496 / 2 / 4450, abs=0.001)
    retiring = next(s for s in makassar.services if s.service == "pensiun")
    assert retiring.demand == pytest.approx(0.034 * 8783 / 250, abs=0.05)
    cards = {name: next(s.demand for s in load_agency(name).services if s.service == "ktp") for name in SMALL}
    for name in ("gorontalo", "jambi", "makassar"):
        assert cards[name] == pytest.approx(400 / 1.4e6 * load_agency(name).fact("population") / 2, rel=0.02)
    assert cards["contoh"] == 100


@pytest.mark.parametrize("name", SMALL)
def test_what_they_share(name):
    agency = load_agency(name)
    assert {c.clock for c in agency.complaints} == {2, 5, 14, 60}
    assert all(s.work == 18 and s.work_cv == 1 for s in agency.services if s.service == "ktp")
    full, short = agency.courses[0], next(c for c in agency.courses if c.jp == 5)
    assert full.cost == pytest.approx(20 * 43_279 * 1.26, abs=1000)
    assert short.cost == pytest.approx(full.cost / 4, abs=1000)
    assert all(c.seats <= 40 for c in agency.courses)
    assert all(0.09 <= u.absence <= 0.19 for u in agency.units)


@pytest.mark.parametrize("name", SMALL)
def test_sound_and_as_busy_as_they_say(name):
    assert check_agency(name) == []
    agency = load_agency(name)
    assert agency.name == name
    implied = implied_utilisation(agency)
    stated = pd.Series({u.unit: u.utilisation for u in agency.units if u.kind == "service"}, dtype=float)
    assert stated.between(0.8, 0.88).all()
    assert (implied - stated).abs().max() < 0.02
    work = daily_work(agency)
    for s in agency.services:  # no service alone drowns its own officers
        assert work[s.service] < 0.9 * s.staff * MINUTES_A_DAY * (1 - agency.unit(s.unit).absence)


def test_kinds_of_units():
    for name in ("gorontalo", "jambi", "makassar"):
        kinds = {u.sector: u.kind for u in load_agency(name).units}
        service, programme = "service", "programme"
        assert kinds == {
            "population": service,
            "health": service,
            "personnel": service,
            "education": programme,
            "social": programme,
        }
    contoh = load_agency("contoh")
    assert [u.kind for u in contoh.units] == ["service", "service", "programme"]
    assert 40 <= contoh.officers <= 60


@pytest.mark.parametrize("name", [*SMALL, "makassar-full"])
def test_every_number_has_source_and_status(name):
    found = provenance(load_agency(name))
    assert set(found.status) <= set(STATUSES)
    assert found.source.str.len().min() > 5
    assert not found.duplicated(["table", "row", "column"]).any()
    assert not found.source.str.contains(r"\[(?:V|V2|M|D|A)\]").any()  # every clause was understood
    invented = found[found.status == "A"]
    assert invented.source.str.contains("assum|prior|stand-in|made up|generated|choice").all()


def test_a_column_may_have_a_source_of_its_own():
    found = provenance(load_agency("gorontalo")).set_index(["table", "row", "column"])
    assert found.loc[("units", "dukcapil", "ikm"), ["value", "status"]].tolist() == [77.17, "V"]
    assert "Bone Bolango" in found.loc[("units", "dukcapil", "ikm"), "source"]
    assert found.loc[("units", "dukcapil", "speed"), ["source", "status"]].tolist() == [
        "the rest assumed",
        "A",
    ]
    assert found.loc[("services", "ktp", "work"), "status"] == "D"
    assert ("units", "disdik", "utilisation") not in found.index


# Makassar at full size


def test_full_makassar_has_the_published_size_and_satisfaction():
    agency = full_makassar()
    assert (len(agency.units), agency.officers) == (110, 9910)
    assert sum(u.pns for u in agency.units) == load_agency("makassar").fact("pns_total")
    ikm = pd.Series({u.unit: u.ikm for u in agency.units})
    assert ikm.max() == 98.906
    assert ikm.idxmax().startswith("puskesmas")
    assert ikm.mean() == pytest.approx(81.761, abs=0.05)
    assert ikm.std() == pytest.approx(7, abs=0.1)
    counts = pd.Series([u.unit.rpartition("-")[0] for u in agency.units]).value_counts()
    assert counts.to_dict() == {code: count for code, (count, _, _) in SECTORS.items()}
    assert load_agency("makassar-full") == agency


def test_full_makassar_is_sound_and_as_busy_as_it_says(tmp_path):
    agency = full_makassar()
    assert check_agency(write_agency(agency, tmp_path / "full")) == []
    stated = pd.Series({u.unit: u.utilisation for u in agency.units}, dtype=float).dropna()
    assert np.allclose(implied_utilisation(agency)[stated.index], stated, atol=0.001)
    assert stated.between(0.8, 0.88).all()
    online = [s for s in agency.services if s.channel == "online"]
    registries = [u for u in agency.units if u.sector == "population"]
    assert [s.unit for s in online] == [max(registries, key=lambda u: u.officers).unit]
    a_year = 250 * sum(s.demand for s in agency.services)
    assert 2e6 < a_year < 3e6


def test_full_makassar_follows_its_seed():
    assert full_makassar(7) == full_makassar(7)
    one, other = full_makassar(7), full_makassar(8)
    assert [u.officers for u in one.units] != [u.officers for u in other.units]
    assert {u.unit for u in one.units} == {u.unit for u in other.units}


@given(total=st.integers(0, 5000), weights=st.lists(st.floats(0.01, 100), min_size=1, max_size=40))
def test_shares_are_whole_near_and_complete(total, weights):
    exact = total * np.array(weights) / sum(weights)
    found = share_out(total, np.array(weights))
    assert found.sum() == total
    assert (np.abs(found - exact) < 1 + 1e-9).all()


# The list


def test_the_list_of_agencies():
    table = agencies().set_index("name")
    assert table.index.tolist() == [*SMALL, "makassar-full"]
    assert table.columns.tolist() == [
        "label",
        "units",
        "officers",
        "pns",
        "pppk",
        "services",
        "routes",
        "ikm",
    ]
    assert (table.officers == table.pns + table.pppk).all()
    assert table.loc["makassar-full", ["units", "officers", "ikm"]].tolist() == [110, 9910, 81.761]


def test_what_an_agency_lacks_is_named():
    agency = load_agency("contoh")
    with pytest.raises(KeyError, match=r"no figure 'height'.*population"):
        agency.fact("height")
    with pytest.raises(KeyError, match=r"no unit 'x'.*dukcapil"):
        agency.unit("x")
