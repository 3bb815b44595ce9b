"""Read, build and check the fixed effects of a formula, the same way for every model of ratings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from formulaic import Formula, ModelSpec, model_matrix
from formulaic.errors import FormulaicError
from scipy import linalg

from sim.errors import KinerjaError, _


@dataclass(frozen=True, eq=False)
class FixedEffects:
    """Columns of the fixed effects and the recipe to build them for other rows.

    Attributes
    ----------
    matrix : DataFrame
        One row per rating; all columns numbers.
    spec : ModelSpec
    """

    matrix: pd.DataFrame
    spec: ModelSpec

    @property
    def variables(self) -> list[str]:
        """Columns of the data that the formula uses."""
        return sorted(str(v) for v in self.spec.required_variables)

    def rebuild(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Build the same columns for the rows of `frame`."""
        try:
            return pd.DataFrame(self.spec.get_model_matrix(frame)).astype(float)[self.matrix.columns]
        except (FormulaicError, KeyError) as error:
            raise KinerjaError(_("These rows do not fit the model: {error}", error=error)) from error


def read_formula(fixed: str) -> Formula:
    """Parse the right-hand side of a model.

    Raises
    ------
    KinerjaError
        A formula that cannot be read, or that names an outcome.
    """
    try:
        formula = Formula(fixed)
    except FormulaicError as error:
        raise KinerjaError(
            _('The formula "{fixed}" cannot be read: {error}', fixed=fixed, error=error)
        ) from error
    if hasattr(formula, "lhs"):
        raise KinerjaError(
            _('The formula "{fixed}" names an outcome; give only what follows the "~".', fixed=fixed)
        )
    return formula


def variables(formula: Formula) -> list[str]:
    """Return the columns of the data that a formula uses."""
    return sorted(str(v) for v in formula.required_variables)


def fixed_effects(formula: Formula, frame: pd.DataFrame) -> FixedEffects:
    """Build the columns of the fixed effects; collinear or empty ones are refused by name.

    Parameters
    ----------
    formula : Formula
    frame : DataFrame
        Complete rows.

    Returns
    -------
    FixedEffects

    Raises
    ------
    KinerjaError
        No fixed effects, a level without rows, collinear columns.
    """
    built = model_matrix(formula, frame, na_action="raise")
    X = pd.DataFrame(built).astype(float)
    if X.shape[1] == 0:
        raise KinerjaError(_('There are no fixed effects; keep at least the intercept ("1").'))
    norms = np.sqrt((X**2).mean())
    empty = norms.index[norms == 0.0].tolist()
    if empty:
        raise KinerjaError(
            _(
                "No rating belongs to {names}. Drop the level, or merge it with another.",
                names=_listed(empty),
            )
        )
    __, R, order = linalg.qr((X / norms).to_numpy(), mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(R))
    surplus = order[: len(diagonal)][diagonal < 1e-9 * diagonal[0]].tolist() + order[len(diagonal) :].tolist()
    if surplus:
        names = _listed(X.columns[sorted(surplus)].tolist())
        raise KinerjaError(
            _(
                "Not identified: {names} is a combination of the other fixed effects. Leave it out.",
                names=names,
            )
        )
    return FixedEffects(X, built.model_spec)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(str, names))
