"""Claim: a study of the model that is killed at random moments ends with the same bytes, and no finished run is lost.

A smaller version of the count in docs/reliability.md, which ``make proof-kills`` makes.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from kill_study import STUDY, kill_forks, kill_study


@pytest.fixture
def luck() -> random.Random:
    """The moments; they differ from machine to machine all the same, as its speed does."""
    if os.name == "nt":
        pytest.skip("Windows has no SIGKILL")
    return random.Random(7)


def test_two_kills_lose_nothing(tmp_path: Path, luck: random.Random) -> None:
    """One of all processes at once, one of the parent alone."""
    study = (*STUDY, "--replications", "4", "--workers", "2")
    tally = kill_study(tmp_path, 2, luck, study)
    assert tally.kills == 2
    assert tally.finished >= 1
    assert tally.nothing_lost, tally


def test_forty_kills_of_a_study_of_arithmetic_lose_nothing(tmp_path: Path, luck: random.Random) -> None:
    tally = kill_forks(tmp_path, 40, luck)
    assert tally.kills == 40
    assert tally.finished >= 3
    assert max(tally.kept) > 15
    assert tally.nothing_lost, tally
