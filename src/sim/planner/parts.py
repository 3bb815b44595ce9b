"""The widgets of the page, made from the state; what happens when they are moved is the page's business."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from sim.errors import _
from sim.language.numbers import number, percent
from sim.outcomes import OUTCOMES
from sim.planner import view
from sim.planner.plans import DECIDING, REPLICATIONS, YEARS
from sim.planner.seats import PROBABILITIES, TARGETS
from sim.planner.sliders import Slider, today

if TYPE_CHECKING:
    from sim.agency import Agency
    from sim.planner.plans import Plan, Question

GOAL = {
    "outcome": _("Outcome to be reached"),
    "target": _("Target"),
    "probability": _("Reached with a probability of at least"),
}
"""What the widgets of the search for seats ask for."""

DESIGN = {
    "outcome": _("Outcome that decides"),
    "years": _("Length, years"),
    "replications": _("Replications"),
}
"""What the widgets beside the plans ask for."""

WIDE = w.Layout(width="98%")
NARROW = w.Layout(width="auto")


def part(text: str) -> w.HTML:
    """A heading on the left."""
    return w.HTML(f'<div class="k-part">{text}</div>')


def hint(text: str) -> w.HTML:
    """A few words above or below a widget."""
    return w.HTML(f'<div class="k-quiet">{text}</div>')


def choice(options: Sequence[tuple[str, Any]], value: Any) -> w.Dropdown:
    """One of several, as a list."""
    return w.Dropdown(options=list(options), value=value, layout=WIDE)


def buttons(options: Sequence[tuple[str, Any]], value: Any, width: str = "auto") -> w.ToggleButtons:
    """One of a few, side by side."""
    return w.ToggleButtons(options=list(options), value=value, style={"button_width": width})


def files(text: str, accept: str, name: str) -> w.FileUpload:
    """Choose files; `name` is a class of the style."""
    made = w.FileUpload(accept=accept, multiple=True, description=text, layout=NARROW)
    made.add_class(name)
    return made


def agency_options(shipped: Sequence[Any], uploaded: Sequence[Agency]) -> list[tuple[str, str]]:
    """Agencies to choose from, by name and number of officers."""
    named, own = (
        _("{name} · {officers} officers"),
        _("{name} · {officers} officers · your file"),
    )
    rows = [(named, row) for row in shipped] + [(own, agency) for agency in uploaded]
    return [
        (str(text.filled(name=row.label, officers=number(row.officers, 0))), row.name) for text, row in rows
    ]


def goal_widgets() -> dict[str, w.Widget]:
    """What the search for seats needs to know: an outcome, its target, and how sure it is to be reached."""
    likely = [(percent(p, 0), p) for p in PROBABILITIES]
    return {
        "outcome": choice([(str(OUTCOMES[name].label), name) for name in TARGETS], next(iter(TARGETS))),
        "target": w.Text(layout=WIDE),
        "probability": choice(likely, PROBABILITIES[1]),
    }


def design_widgets(question: Question) -> dict[str, w.Widget]:
    """Choices beside the plans: the outcome that decides, years, replications."""
    lasting, repeated = _("{n} years"), _("{n} replications")
    options: dict[str, list[tuple[str, Any]]] = {
        "outcome": [(str(OUTCOMES[name].label), name) for name in DECIDING],
        "years": [(str(lasting.filled(n=n)), n) for n in YEARS],
        "replications": [(str(repeated.filled(n=n)), n) for n in REPLICATIONS],
    }
    for key, rows in options.items():
        now = getattr(question, key)
        if now not in [value for __, value in rows]:  # of a file
            own = {"years": lasting.filled(n=now), "replications": repeated.filled(n=now)}
            rows.append((str(own[key]), now))
    return {key: choice(rows, getattr(question, key)) for key, rows in options.items()}


def slider_widget(slider: Slider, plan: Plan, agency: Agency) -> w.Widget:
    """What moves it: a slider, a list, or two buttons."""
    value = plan.get(slider, agency)
    if slider.kind == "course":
        made = choice([(view.course_name(c), c.course) for c in agency.courses], value)
    elif slider.kind == "choice":
        made = choice([(view.standing(slider, x, agency), x) for x in slider.choices], value)
    elif slider.kind == "flag":
        made = buttons([(view.standing(slider, x, agency), x) for x in (False, True)], value, "70px")
    else:
        # places by number: a slider of floats comes back from the browser a hair off, as if it had been moved
        places = [(view.standing(slider, x, agency), x) for x in slider.places(agency, value)]
        made = w.SelectionSlider(options=places, value=value, readout=False, layout=WIDE)
    made.add_class("k-" + slider.key.replace(".", "-").replace(":", "-"))
    return made


def slider_label(slider: Slider, plan: Plan, agency: Agency) -> str:
    """What it moves, where it stands, and where it stands today."""
    text = view.words(slider)
    if slider.kind in ("course", "choice", "flag"):
        return text
    now, usual = plan.get(slider, agency), today(slider, agency)
    shown = f"{text}: <b>{view.standing(slider, now, agency)}</b>"
    if now == usual:
        return shown
    was = _("(status quo {value})", value=view.standing(slider, usual, agency, with_unit=False))
    return f'{shown} <span class="k-was">{was}</span>'
