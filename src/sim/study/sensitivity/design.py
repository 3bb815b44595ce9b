"""The specification of a sensitivity analysis: what decides between policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.errors import Wrong, _
from sim.names import named
from sim.study.checks import wrong_whole
from sim.study.robust.design import RobustStudy


@named
@dataclass(frozen=True, kw_only=True)
class SensitivityStudy(RobustStudy):
    """Everything that decides a sensitivity analysis of the choice between policies.

    Parameters
    ----------
    trajectories : int
        Of Morris's screening, each a run of the two best policies at ``parameters + 1`` points; 0: none.
    futures : int
        Worlds for the value of information, main effects and the emulator.
    agency, policies, ...
        See :class:`sim.study.robust.design.RobustStudy`.
    """

    kind: ClassVar[str] = "sensitivity"
    not_in_files: ClassVar[tuple[str, ...]] = ("others", "targets")

    futures: int = 100
    trajectories: int = 4

    def _problems(self) -> Wrong:
        yield from super()._problems()
        yield from wrong_whole("trajectories", self.trajectories, 0, 1000)
        if self.others:
            yield "others", _("a sensitivity analysis is of one agency."), _("Run one for each.")
