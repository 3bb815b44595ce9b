"""Public reference data for tests; absent data skip, saying so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels

from sim.paths import shared_data


def shared(name: str) -> Path:
    """A file of the shared reference data; the test is skipped where it is absent."""
    folder = shared_data()
    if folder is None or not (folder / name).is_file():
        pytest.skip(f"{name} is not in the shared data folder (KINERJA_DATA)")
    return folder / name


def cattaneo() -> pd.DataFrame:
    """Birth weights and smoking (Cattaneo 2010), which statsmodels ships with its own tests."""
    path = Path(statsmodels.__file__).parent / "treatment" / "tests" / "results" / "cataneo2.csv"
    if not path.is_file():
        pytest.skip("this statsmodels comes without its test data (cataneo2.csv)")
    return pd.read_csv(path)


def long_panel(outcome: np.ndarray, first: list[int]) -> pd.DataFrame:
    """Outcome (units, periods) and first treated period (large for never) as a long frame."""
    n, t = outcome.shape
    unit, period = np.repeat(np.arange(n), t), np.tile(np.arange(t), n)
    on = (period >= np.asarray(first)[unit]).astype(int)
    return pd.DataFrame({"unit": unit, "period": period, "y": outcome.ravel(), "on": on})
