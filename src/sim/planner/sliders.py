"""The sliders: which parameters of which levers a planner moves, and over which range a hand can move them.

A slider is a lever's parameter: its words, unit and range are those of the lever, the range cut shorter where the
lever allows more than a hand can set. What is not on a slider stays as the plan has it.
"""

from __future__ import annotations

import math
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from sim.levers import LEVERS, status_quo

if TYPE_CHECKING:
    from sim.agency import Agency
    from sim.levers import Lever

STEPS = {"weight": 0.05, "share": 0.05}
"""Steps of sliders that name none; 1 for the rest."""

MOST_PLACES = 60
"""On one slider: steps are made longer until there are no more."""

Kind = Literal["count", "share", "weight", "money", "choice", "course", "flag"]
"""share: 0..1, read as per cent; weight: 0..1, only the ratio counts; money: rupiah, moved in millions."""


@dataclass(frozen=True)
class Slider:
    """One thing to move.

    Attributes
    ----------
    lever, parameter : str
        What it sets.
    kind : str
        See :data:`Kind`.
    high, step : float, optional
        Upper end and step for a hand; by default the lever's own end, and a step fit for the kind.
    tag : str
        Of the lever, where a plan may have two of a kind.
    switch : bool
        At zero the plan goes without the lever.
    """

    lever: str
    parameter: str
    kind: Kind
    high: float | None = None
    step: float | None = None
    tag: str = ""
    switch: bool = False

    @property
    def key(self) -> str:
        """``training.seats``, ``training:second.seats``."""
        return f"{self.lever_key}.{self.parameter}"

    @property
    def lever_key(self) -> str:
        """Key of its lever in a policy."""
        return f"{self.lever}:{self.tag}" if self.tag else self.lever

    @property
    def group(self) -> str:
        """Subject under which it stands."""
        return LEVERS[self.lever].group

    def words(self) -> str:
        """What it is, in the lever's own words."""
        return str(self._meta["note"])

    @property
    def unit(self) -> str:
        """Unit of the lever's parameter."""
        return str(self._meta["unit"])

    @property
    def choices(self) -> tuple[str, ...]:
        """What can be chosen, for a choice."""
        return tuple(self._meta["choices"])

    def low(self) -> float:
        """Lower end; a switch goes down to zero."""
        return 0.0 if self.switch else float(self._meta["low"])

    def top(self, agency: Agency) -> float:
        """Upper end; of seats, a seat and a half an officer, as far as the lever allows."""
        if self.parameter == "seats":
            wanted = 10.0 ** math.floor(math.log10(max(agency.officers, 10)))
            return float(min(self._meta["high"], math.ceil(1.5 * agency.officers / wanted) * wanted))
        return float(self._meta["high"] if self.high is None else self.high)

    def places(self, agency: Agency, now: float) -> list[float]:
        """Where it can stand, `now` among them, so that showing a slider never moves it.

        Examples
        --------
        >>> from sim.agency import load_agency
        >>> [s for s in SLIDERS if s.key == "digital_services.share"][0].places(load_agency("contoh"), 0.33)[5:9]
        [0.25, 0.3, 0.33, 0.35]
        """
        low, top = self.low(), self.top(agency)
        step = self.step or STEPS.get(self.kind, 1.0)
        step = next(
            x
            for x in (step, *(step * k for k in (2, 5, 10, 20, 50, 100, 200, 500)))
            if top / x <= MOST_PLACES
        )
        grid = {round(low + i * step, 6) for i in range(math.floor((top - low) / step + 1e-9) + 1)}
        return sorted({*grid, top, now})

    def absent(self, agency: Agency) -> Any:
        """What it shows where the plan has no such lever."""
        if self.kind == "course":
            codes = [course.course for course in agency.courses]
            usual = self._field.default
            return usual if usual in codes else codes[0] if codes else ""
        if self.switch or (self.kind in ("count", "share") and self.lever != "training"):
            return 0.0 if self.low() == 0 else self.low()
        return self._field.default

    @property
    def _field(self) -> Any:
        cls: type[Lever] = LEVERS[self.lever]
        return next(f for f in fields(cls) if f.name == self.parameter and f.default is not MISSING)

    @property
    def _meta(self) -> Any:
        return self._field.metadata


SLIDERS: tuple[Slider, ...] = (
    Slider("training", "seats", "count", step=5, switch=True),
    Slider("training", "course", "course"),
    Slider("training", "classes", "count", high=24),
    Slider("training", "nomination", "choice"),
    Slider("training", "budget", "money", high=1e9, step=25e6),
    Slider("training", "avoid_peak", "flag"),
    Slider("training", "seats", "count", step=5, tag="2", switch=True),
    Slider("training", "course", "course", tag="2"),
    Slider("feedback", "supervisor", "count", high=24),
    Slider("feedback", "citizens", "count", high=24),
    Slider("feedback", "online", "count", high=24),
    Slider("feedback", "system", "count", high=24),
    Slider("feedback", "peers", "count", high=12),
    Slider("feedback", "briefings", "count", high=52),
    Slider("appraisal", "every", "choice"),
    Slider("appraisal", "supervisor", "weight"),
    Slider("appraisal", "peers", "weight"),
    Slider("appraisal", "peer_raters", "count", high=10),
    Slider("appraisal", "citizens", "weight"),
    Slider("appraisal", "citizen_raters", "count", high=50),
    Slider("appraisal", "second", "choice"),
    Slider("appraisal", "measured", "share"),
    Slider("discipline", "recorded", "share"),
    Slider("discipline", "enforcement", "share"),
    Slider("digital_services", "share", "share", switch=True),
)
"""Everything on the page, in its order."""

GROUPS: tuple[str, ...] = tuple(dict.fromkeys(slider.group for slider in SLIDERS))
"""Subjects of the sliders, in the order of the page."""


def today(slider: Slider, agency: Agency) -> Any:
    """Where the slider stands under what is done today."""
    found = {lever.key: lever for lever in status_quo().levers}.get(slider.lever_key)
    return slider.absent(agency) if found is None else getattr(found, slider.parameter)
