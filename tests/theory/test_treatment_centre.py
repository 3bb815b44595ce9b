"""Claim: the treatment centre of Nelson (2013), written as an agency, waits as a plain SimPy model of it does.

The proof with 200 replications of each is ``make proof-treatment-centre``; this is its short version.
"""

from __future__ import annotations

import numpy as np

from sim.agency import load_agency, write_agency
from validation import treatment_centre as centre


def test_the_agency_is_data(tmp_path) -> None:
    """It is one that files can hold, and that checks find nothing wrong with."""
    agency = centre.centre()
    assert load_agency(write_agency(agency, tmp_path / "centre")) == agency


def test_six_mean_waits() -> None:
    found = centre.compare(30)
    assert found.holds, found.z
    assert np.isfinite(found.ours).mean() > 0.95


def test_a_room_more_would_be_seen(monkeypatch) -> None:
    """The agency keeps three examination rooms; the SimPy model gets two."""
    agency = centre.centre()
    monkeypatch.setitem(centre.POOLS, "examination", (2, *centre.POOLS["examination"][1:]))
    monkeypatch.setattr(centre, "centre", lambda: agency)
    assert not centre.compare(10).holds
