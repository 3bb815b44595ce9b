"""Fit the status quo to what is published, and check that the burn-in is long enough."""

from sim.calibration.burn_in import BurnInResult, burn_in
from sim.calibration.calibrate import CalibrationResult, calibrate

__all__ = ["BurnInResult", "CalibrationResult", "burn_in", "calibrate"]
