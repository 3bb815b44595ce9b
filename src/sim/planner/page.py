"""The planner's page: widgets that show the state and pass on what is moved. Runs under Voila and in JupyterLab."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets as w
from IPython.display import display

from sim.agency import agencies, load_agency
from sim.errors import KinerjaError, Problem, Problems
from sim.levers import load_policy, policy_names
from sim.planner import downloads, view
from sim.planner.answers import Answers, Latest
from sim.planner.plans import DECIDING, MOST, REPLICATIONS, YEARS, Plan, Question, letters, load_plans
from sim.planner.sliders import GROUPS, SLIDERS, Slider, today
from sim.planner.uploads import Upload, agency_from
from sim.report.format import number
from sim.report.labels import LANGUAGES, label

if TYPE_CHECKING:
    from sim.study import Comparison

AGENCY, LANGUAGE = "KINERJA_AGENCY", "KINERJA_LANG"
"""Environment variables in which ``kinerja planner`` says what to begin with."""

SETTLE = 0.15
"""Seconds a slider must rest before its new place is asked about."""

FIRST = "ict_training"
"""Where the first plan starts, so that there is something to see."""

WIDE = w.Layout(width="98%")


class Page:
    """The planner.

    Parameters
    ----------
    agency : str
        Name or path of the agency to begin with.
    lang : {"id", "en"}
    workers : int, optional
        As in :class:`sim.planner.Answers`.

    Examples
    --------
    In a notebook, ``Page().show()``.
    """

    def __init__(self, agency: str = "contoh", lang: str = "id", workers: int | None = None) -> None:
        self.lang = lang
        self.question = Question(found := load_agency(agency), (Plan.new("A", load_policy(FIRST)).fits(found),))
        self.active = 0
        self.found: tuple[Question, Comparison] | None = None
        self._uploaded: dict[str, Any] = {}
        if agency not in set(agencies()["name"]):
            self._uploaded[self.question.agency.name] = self.question.agency
        self._silent = False
        self._said: tuple[str, list[Problem]] = ("", [])
        self.box = w.VBox()
        self.box.add_class("k-page")
        self.answers = Answers(workers)
        self.answers.wake(self.question.agency)
        self._latest = Latest(self.answers, self._tell, self._fail, settle=SETTLE)
        self._build()
        self._ask()

    def show(self) -> None:
        """Put the page below the notebook's cell."""
        display(self.box)

    def close(self) -> None:
        """Answer nothing more."""
        self._latest.close()

    # what is moved

    def _ask(self) -> None:
        """Ask anew; what stands there is of the past."""
        self._right.add_class("k-old")
        self._save.value = ""
        self._latest.ask(self.question)

    def _change(self, question: Question, rebuild: bool = False) -> None:
        if question == self.question:
            return
        self.question = question
        self.active = min(self.active, len(question.plans) - 1)
        self._tell_problems("", [])
        if rebuild:
            self._build()
        self._ask()

    def _try(self, act: Callable[[], Any], heading: str = "planner.problems") -> None:
        """Do it, or say on the page what is wrong."""
        try:
            act()
        except Problems as error:
            self._tell_problems(heading, error.problems)
        except KinerjaError as error:
            self._tell_problems("planner.refused", [Problem("", None, None, str(error), "")])

    def _with_plan(self, plan: Plan) -> Question:
        plans = list(self.question.plans)
        plans[self.active] = plan
        return replace(self.question, plans=tuple(plans))

    def _moved(self, slider: Slider, value: Any) -> None:
        agency = self.question.agency
        self._change(self._with_plan(self.question.plans[self.active].set(slider, value, agency)))
        self._labels[slider.key].value = self._label(slider)
        self._beside.value = self._beside_text()

    def _agency(self, name: str) -> None:
        agency = self._uploaded.get(name) or load_agency(name)
        self._change(
            replace(self.question, agency=agency, plans=tuple(p.fits(agency) for p in self.question.plans)),
            rebuild=True,
        )

    def _upload(self, files: list[Upload]) -> None:
        agency, doubts = agency_from(files)
        self._uploaded[agency.name] = agency
        self._agency(agency.name)
        self._build()
        self._tell_problems("planner.doubts" if doubts else "planner.loaded", doubts)

    def _load(self, files: list[Upload]) -> None:
        question = self.question
        for file in files:
            question = load_plans(file.content.decode("utf-8", errors="replace"), file.name, question)
        self.active = len(question.plans) - 1
        self._change(question, rebuild=True)

    def _add(self, start: Plan | None) -> None:
        taken = {plan.policy.name for plan in self.question.plans}
        letter = next(x for x in letters(MOST) if f"plan_{x.lower()}" not in taken)
        plan = Plan.new(letter, start.policy if start else None)
        plan = replace(plan, parked=start.parked if start else {})
        plans = (*self.question.plans, plan)
        self.active = len(plans) - 1
        self._change(replace(self.question, plans=plans), rebuild=True)

    def _remove(self) -> None:
        plans = tuple(p for i, p in enumerate(self.question.plans) if i != self.active)
        self._change(replace(self.question, plans=plans), rebuild=True)

    def _start_from(self, name: str) -> None:
        now = self.question.plans[self.active].policy
        policy = replace(
            load_policy(name), name=now.name, label_id=now.label_id, label_en=now.label_en
        )
        self._change(self._with_plan(Plan(policy).fits(self.question.agency)), rebuild=True)

    def _rename(self, text: str) -> None:
        if text.strip():
            self._change(self._with_plan(self.question.plans[self.active].named(text.strip())), rebuild=True)

    def _select(self, index: int) -> None:
        self.active = index
        self._build()

    def _speak(self, lang: str) -> None:
        self.lang = lang
        self._build()

    # what is told, from the thread that answers

    def _tell(self, question: Question, found: Comparison) -> None:
        if question is self.question:
            self.found = question, found
            self._show_result()

    def _fail(self, question: Question, error: Exception) -> None:
        if question is self.question:
            self._tell_problems("planner.refused", [Problem("", None, None, f"{error}", "")])

    def _show_result(self) -> None:
        if self.found is not None:
            question, found = self.found
            self._result.value = view.result(question, found, self.lang)
            if question is self.question:
                self._right.remove_class("k-old")

    def _tell_problems(self, heading: str, found: list[Problem]) -> None:
        self._said = (heading, found)
        text = ""
        if found:
            text = view.problems(found, self.lang, heading)
        elif heading:
            text = f'<div class="k-note">{label(heading, self.lang, agency=self.question.agency.label)}</div>'
        self._notice.value = text

    def _offer(self, kind: str) -> None:
        """Make a file and show the link that saves it."""
        if self.found is not None:
            _, found = self.found
            file = downloads.made(kind, self.question, self.active, found, self.lang)
            self._save.value = downloads.link(*file)

    # how it looks

    def _say(self, key: str, **values: Any) -> str:
        return label(f"planner.{key}", self.lang, **values)

    def _build(self) -> None:
        self._labels: dict[str, w.HTML] = {}
        self._notice, self._result, self._save = w.HTML(), w.HTML(), w.HTML()
        self._save.add_class("k-save")
        languages = w.ToggleButtons(
            options=[("Bahasa Indonesia", "id"), ("English", "en")], value=self.lang, style={"button_width": "130px"}
        )
        assert set(LANGUAGES) == {"id", "en"}
        self._on(languages, self._speak)
        title = w.HTML(f'{view.style()}<div class="k-head"><h1>{self._say("title")}</h1><p>{self._say("subtitle")}</p></div>')
        head = w.HBox([title, languages], layout=w.Layout(justify_content="space-between", align_items="center"))
        buttons = [self._button(f"get.{kind}", lambda kind=kind: self._offer(kind)) for kind in downloads.KINDS]
        right = w.VBox(
            [self._notice, w.HBox(buttons, layout=w.Layout(flex_flow="row wrap")), self._save, self._result],
            layout=w.Layout(flex="1 1 0", min_width="0", overflow="hidden"),
        )
        right.add_class("k-right-side")
        self._right = right
        left = w.VBox(
            [*self._agency_part(), *self._plan_part(), *self._design_part()], layout=w.Layout(width="390px", flex="0 0 390px")
        )
        left.add_class("k-left")
        self.box.children = [head, w.HBox([left, right])]
        self._tell_problems(*self._said)
        self._result.value = f'<p class="k-quiet">{self._say("waiting")}</p>'
        self._show_result()

    def _agency_part(self) -> list[w.Widget]:
        shipped = agencies()
        options = [
            (self._say("agency.name", name=row.label, officers=number(row.officers, self.lang, 0)), row.name)
            for row in shipped.itertuples()
        ]
        options += [
            (self._say("agency.own", name=a.label, officers=number(a.officers, self.lang, 0)), name)
            for name, a in self._uploaded.items()
        ]
        choose = w.Dropdown(options=options, value=self.question.agency.name, layout=WIDE)
        self._on(choose, self._agency)
        upload = w.FileUpload(accept=".xlsx,.zip,.csv", multiple=True, description=self._say("upload"), layout=w.Layout(width="auto"))
        self._on_files(upload, self._upload)
        template = self._button("get.template", lambda: self._offer("template"))
        return [self._part("part.agency"), choose, w.HBox([upload, template]), self._hint("upload.hint")]

    def _plan_part(self) -> list[w.Widget]:
        plans = self.question.plans
        tabs = w.ToggleButtons(
            options=[(p.policy.label(self.lang), i) for i, p in enumerate(plans)], value=self.active, style={"button_width": "auto"}
        )
        self._on(tabs, self._select)
        add = self._button("add", lambda: self._add(None), disabled=len(plans) == MOST)
        copy = self._button("copy", lambda: self._add(plans[self.active]), disabled=len(plans) == MOST)
        remove = self._button("remove", self._remove, disabled=len(plans) == 1)
        start = w.Dropdown(
            options=[(self._say("start.choose"), ""), *((load_policy(n).label(self.lang), n) for n in policy_names())],
            layout=WIDE,
        )
        self._on(start, self._start_from)
        name = w.Text(value=plans[self.active].policy.label(self.lang), continuous_update=False, layout=WIDE)
        self._on(name, self._rename)
        groups = w.Accordion([self._group(group) for group in GROUPS], selected_index=0, layout=WIDE)
        groups.titles = tuple(label(f"group.{group}", self.lang) for group in GROUPS)
        self._beside = w.HTML(self._beside_text())
        load = w.FileUpload(accept=".yaml,.yml", multiple=True, description=self._say("load"), layout=w.Layout(width="auto"))
        self._on_files(load, self._load)
        return [
            self._part("part.plans"),
            tabs,
            w.HBox([add, copy, remove]),
            groups,
            self._beside,
            self._hint("name"),
            name,
            self._hint("start"),
            start,
            w.HBox([self._button("get.plans", lambda: self._offer("plans")), load]),
        ]

    def _design_part(self) -> list[w.Widget]:
        chosen = {
            "outcome": [(label(name, self.lang), name) for name in DECIDING],
            "years": [(self._say("years.name", n=n), n) for n in YEARS],
            "replications": [(self._say("replications.name", n=n), n) for n in REPLICATIONS],
        }
        found: list[w.Widget] = [self._part("part.design")]
        for key, options in chosen.items():
            now = getattr(self.question, key)
            if now not in [value for _, value in options]:
                options = [*options, (self._say(f"{key}.name", n=now), now)]
            drop = w.Dropdown(options=options, value=now, layout=WIDE)
            self._on(drop, lambda value, key=key: self._change(replace(self.question, **{key: value})))
            found += [self._hint(key), drop]
        return found

    def _group(self, group: str) -> w.VBox:
        rows: list[w.Widget] = []
        for slider in SLIDERS:
            if slider.group == group:
                self._labels[slider.key] = w.HTML(self._label(slider))
                self._labels[slider.key].add_class("k-label")
                rows += [self._labels[slider.key], self._widget(slider)]
        return w.VBox(rows)

    def _widget(self, slider: Slider) -> w.Widget:
        agency, plan = self.question.agency, self.question.plans[self.active]
        value, layout = plan.get(slider, agency), WIDE
        made: w.Widget
        if slider.kind == "course":
            options = [(view.course_name(c, self.lang), c.course) for c in agency.courses]
            made = w.Dropdown(options=options, value=value, layout=layout)
        elif slider.kind == "choice":
            options = [(self._say(f"choice.{x}"), x) for x in slider.choices]
            made = w.Dropdown(options=options, value=value, layout=layout)
        elif slider.kind == "flag":
            made = w.ToggleButtons(options=[(self._say("no"), False), (self._say("yes"), True)], value=value, style={"button_width": "70px"})
        else:
            step = slider.step or (0.05 if slider.kind == "weight" else 1)
            made = w.FloatSlider(
                value=value, min=slider.low(), max=max(slider.top(agency), value), step=step, readout=False, layout=layout
            )
        made.add_class(f"k-{slider.key.replace('.', '-').replace(':', '-')}")
        self._on(made, lambda x: self._moved(slider, x))
        return made

    def _label(self, slider: Slider) -> str:
        agency = self.question.agency
        now, usual = self.question.plans[self.active].get(slider, agency), today(slider, agency)
        text = view.words(slider, self.lang)
        if slider.kind in ("course", "choice", "flag"):
            return text
        shown = view.standing(slider, now, agency, self.lang)
        was = self._say("was", value=view.standing(slider, usual, agency, self.lang)) if now != usual else ""
        return f'{text}: <b>{shown}</b> <span class="k-was">{was}</span>'

    def _beside_text(self) -> str:
        titles = view.lever_titles(self.question.plans[self.active], self.lang)
        return f'<p class="k-quiet">{self._say("beside", levers=", ".join(titles))}</p>' if titles else ""

    def _part(self, key: str) -> w.HTML:
        return w.HTML(f'<div class="k-part">{self._say(key)}</div>')

    def _hint(self, key: str) -> w.HTML:
        return w.HTML(f'<div class="k-quiet">{self._say(key)}</div>')

    def _button(self, key: str, act: Callable[[], None], disabled: bool = False) -> w.Button:
        button = w.Button(description=self._say(key), disabled=disabled, layout=w.Layout(width="auto"))
        button.add_class(f"k-{key.replace('.', '-')}")
        button.on_click(lambda _: self._try(act))
        return button

    def _on(self, widget: w.Widget, act: Callable[[Any], None]) -> None:
        widget.observe(lambda change: self._try(lambda: act(change["new"])), names="value")

    def _on_files(self, widget: w.FileUpload, act: Callable[[list[Upload]], None]) -> None:
        def taken(change: Any) -> None:
            files = [Upload(file["name"], bytes(file["content"])) for file in change["new"]]
            if files:
                widget.value = ()  # so that the same file, mended, can be chosen again
                self._try(lambda: act(files))

        widget.observe(taken, names="value")


def open_page() -> Page:
    """The page, begun as ``kinerja planner`` was told to."""
    page = Page(os.environ.get(AGENCY) or "contoh", os.environ.get(LANGUAGE) or "id")
    page.show()
    return page
