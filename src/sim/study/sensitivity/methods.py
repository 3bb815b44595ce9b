"""Sensitivity analysis: Morris and Sobol by SALib, on functions, and on a study through few runs or an emulator.

A function here takes points of the unit cube, float64[n, parameters], and gives float64[n]. Runs of the simulation are
too expensive for the thousands of points that the method of Sobol takes (Saltelli et al. 2010), so it is run on an
emulator: a Gaussian process fitted to the futures that were run, whose own accuracy is reported (cross-validated).
Morris's screening (1991; mu* of Campolongo, Cariboni and Saltelli 2007) is cheap enough to be run on the simulation
itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Float = npt.NDArray[np.float64]
Function = Callable[[Float], Float]

LEVELS = 4
"""Of the grid of Morris's trajectories."""
EMULATED = 8
"""Parameters an emulator is fitted to, those that explain most by themselves; the others count as noise."""
FOLDS = 5


def sobol(function: Function, names: Sequence[str], *, points: int = 1024, seed: int = 1) -> pd.DataFrame:
    """First-order and total indices of a function of independent parameters, uniform on 0 to 1.

    Parameters
    ----------
    function : callable
    names : sequence of str
        One per parameter.
    points : int
        A power of two; the function is evaluated at ``points * (parameters + 2)``.
    seed : int

    Returns
    -------
    DataFrame
        ``parameter, first, first_half, total, total_half``: shares of the variance and half-widths of their 95 %
        bootstrap intervals.

    Examples
    --------
    >>> result = sobol(lambda x: 3 * x[:, 0] + 4 * x[:, 1], ["a", "b"], points=256)
    >>> result["total"].round(2).tolist()
    [0.36, 0.64]
    """
    from SALib.analyze import sobol as analyze
    from SALib.sample import sobol as sample

    problem = _problem(names)
    x = sample.sample(problem, points, calc_second_order=False, seed=seed)
    result = analyze.analyze(problem, function(x), calc_second_order=False, seed=seed)
    columns = {"first": "S1", "first_half": "S1_conf", "total": "ST", "total_half": "ST_conf"}
    return pd.DataFrame({"parameter": list(names), **{k: np.asarray(result[v]) for k, v in columns.items()}})


def morris_points(names: Sequence[str], trajectories: int, seed: int = 1) -> Float:
    """Trajectories through the unit cube, one parameter changed at each step: float64[trajectories * (d + 1), d]."""
    from SALib.sample import morris as sample

    return np.asarray(sample.sample(_problem(names), trajectories, num_levels=LEVELS, seed=seed), np.float64)


def morris_effects(names: Sequence[str], points: Float, y: Float) -> pd.DataFrame:
    """Elementary effects of a function at :func:`morris_points`.

    Returns
    -------
    DataFrame
        ``parameter``; ``mu_star``: mean size of the change of y when the parameter moves over its whole range, others
        held; ``mu``: with its sign; ``sigma``: how much that differs from place to place (interaction or bend).
    """
    from SALib.analyze import morris as analyze

    result = analyze.analyze(_problem(names), points, y, num_levels=LEVELS, seed=1)
    return pd.DataFrame(
        {"parameter": list(names), **{k: np.asarray(result[k]) for k in ("mu_star", "mu", "sigma")}}
    )


def ranks(values: pd.DataFrame) -> Float:
    """Columns of a table as points of the unit cube: mid-ranks of numbers, and of categories in order of appearance."""
    columns = []
    for name in values:
        column = values[name]
        if not pd.api.types.is_numeric_dtype(column):
            column = pd.Series(pd.factorize(column)[0], index=column.index)
        columns.append((column.rank() - 0.5) / len(column))
    return np.stack(columns, axis=1)


@dataclass(frozen=True)
class Emulator:
    """A Gaussian process that replaces the simulation.

    Attributes
    ----------
    names : tuple of str
        Parameters it knows.
    accuracy : float
        Share of the variance of runs it was not fitted to that it foretells (Q squared, cross-validated); below 0: it
        predicts less than their mean. Noise counts as not predicted.
    predict : callable
        ``float64[n, len(names)] -> float64[n]``.
    """

    names: tuple[str, ...]
    accuracy: float
    predict: Function

    def sobol(self, *, points: int = 512, seed: int = 1) -> pd.DataFrame:
        """Sobol indices of the emulator; see :func:`sobol`."""
        return sobol(self.predict, self.names, points=points, seed=seed)


def emulate(x: Float, y: Float, names: Sequence[str]) -> Emulator:
    """Fit a Gaussian process (Matern 5/2, a length a parameter, noise estimated) to runs.

    Parameters
    ----------
    x : float64[runs, parameters]
        Points of the unit cube.
    y : float64[runs]
    names : sequence of str
    """
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import KFold, cross_val_predict

    centre, scale = float(y.mean()), float(y.std()) or 1.0
    z = (y - centre) / scale
    folds = KFold(FOLDS, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        # a length at its bound is a parameter that does nothing, or noise of zero: both are answers
        warnings.simplefilter("ignore", ConvergenceWarning)
        predicted = cross_val_predict(_process(x.shape[1]), x, z, cv=folds)
        process = _process(x.shape[1]).fit(x, z)
    accuracy = 1 - float(((z - predicted) ** 2).mean() / max(float(z.var()), 1e-300))
    return Emulator(
        tuple(names), accuracy, lambda points: centre + scale * np.asarray(process.predict(points))
    )


def _process(parameters: int) -> Any:
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    kernel = ConstantKernel(1.0, (1e-3, 1e3)) * Matern(np.ones(parameters), (0.05, 50.0), nu=2.5)
    return GaussianProcessRegressor(kernel + WhiteKernel(0.1, (1e-5, 1e1)), random_state=0)


def _problem(names: Sequence[str]) -> dict[str, Any]:
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
