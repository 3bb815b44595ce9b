"""The planner's page: widgets that show the state and pass on what is moved. Runs under Voila and in JupyterLab."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w
from IPython.display import display

from sim.agency import agencies, load_agency
from sim.errors import KinerjaError, Message, Problem, Problems, _
from sim.language import language, speaking
from sim.levers import load_policy, policy_names
from sim.planner import downloads, parts, view
from sim.planner.answers import Answers, Latest
from sim.planner.leaving import CancellableRuns
from sim.planner.plans import MOST, Plan, Question, letters, load_plans
from sim.planner.seats import TARGETS, Goal, parse
from sim.planner.sliders import GROUPS, SLIDERS, Slider
from sim.planner.uploads import Upload, agency_from
from sim.report.names import GROUP_NAMES
from sim.study.compare.one_way import OneWay

if TYPE_CHECKING:
    from sim.study.capacity.result import CapacityResult
    from sim.study.compare.result import CompareResult

SETTLE = 0.15
"""Seconds a slider must rest before its new place is asked about."""

FIRST = "ict_training"
"""Where the first plan starts, so that there is something to see."""


PROBLEMS = _("To correct in the file: {count}")
"""Heading above what is wrong with a file."""


class Page:
    """The planner.

    Parameters
    ----------
    agency : str
        Name or path of the agency to begin with.
    workers : int, optional
        As in :class:`sim.planner.Answers`.
    visited : callable, optional
        Returns when somebody is there. Until then all is made ready, the first look at the answer too, and no more.
    lang : {"id", "en"}, optional
        The session's language by default.

    Examples
    --------
    In a notebook, ``Page().show()``.
    """

    def __init__(
        self,
        agency: str = "contoh",
        workers: int | None = None,
        visited: Callable[[], None] | None = None,
        *,
        lang: str | None = None,
    ) -> None:
        self.lang = lang or language()
        self.question = Question(
            found := load_agency(agency), (Plan.new("A", load_policy(FIRST)).fits(found),)
        )
        self.active = 0
        self.found: tuple[Question, CompareResult] | None = None
        self.measured: OneWay | None = None
        self.sought: tuple[Goal, CapacityResult] | None = None
        self._shipped = list(agencies().itertuples())
        self._uploaded: dict[str, Any] = {}
        if agency not in {row.name for row in self._shipped}:
            self._uploaded[self.question.agency.name] = self.question.agency
        self._group_open: int | None = 0
        self._said: tuple[Message | None, list[Problem]] = (None, [])
        self.box = w.VBox()
        self.box.add_class("k-page")
        self.answers, self._runs = Answers(workers), CancellableRuns()
        self._latest = Latest(self._work, self._tell, self._fail, settle=SETTLE)
        self._speak(self.lang)
        if visited is not None:
            next(self.answers.ask(self.question))
            visited()
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
        self._tell_problems(None, [])
        if rebuild:
            self._build()
        self._ask()

    def _try(self, act: Callable[[], Any], heading: Message = PROBLEMS) -> None:
        """Do it, or say on the page what is wrong."""
        with speaking(self.lang):
            try:
                act()
            except Problems as error:
                self._tell_problems(heading, error.problems)
            except KinerjaError as error:
                self._refuse(error.message)

    def _with_plan(self, plan: Plan) -> Question:
        plans = list(self.question.plans)
        plans[self.active] = plan
        return replace(self.question, plans=tuple(plans))

    def _moved(self, slider: Slider, value: Any) -> None:
        agency = self.question.agency
        try:
            plan = self.question.plans[self.active].set(slider, value, agency)
        except KinerjaError:
            self._build()  # back to where it stood
            raise
        self._change(self._with_plan(plan))
        self._labels[slider.key].value = parts.slider_label(slider, plan, agency)
        self._beside.value = self._beside_text()

    def _design(self, key: str, value: Any) -> None:
        self._change(replace(self.question, **{key: value}))

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
        doubtful = _("Loaded. Some things look odd but do not prevent the study; please check: {count}")
        loaded = _("Loaded without problems: {agency}.", agency=agency.label)
        self._tell_problems(doubtful if doubts else loaded, doubts)

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
        if not name:
            return
        now = self.question.plans[self.active].policy
        policy = replace(load_policy(name), name=now.name, label_id=now.label_id, label_en=now.label_en)
        self._change(self._with_plan(Plan(policy).fits(self.question.agency)), rebuild=True)

    def _rename(self, text: str) -> None:
        if text.strip():
            self._change(self._with_plan(self.question.plans[self.active].named(text.strip())), rebuild=True)

    def _find(self) -> None:
        outcome = self._goal["outcome"].value
        target = parse(self._goal["target"].value, outcome)
        goal = Goal(self.question, self.active, outcome, target, self._goal["probability"].value)
        goal.study()  # reports what is wrong with it, now
        self._tell_problems(None, [])
        self._seats.value = f'<p class="k-quiet">{_("Searching…")!s}</p>'
        self._latest.ask(goal)

    def _stop(self) -> None:
        self._latest.ask(self.question)
        self._seats.value = ""
        self._show_seats()

    def _use_found(self) -> None:
        if self.sought is not None:
            goal, found = self.sought
            if goal.active < len(self.question.plans):
                self.active = goal.active
                self._change(replace(goal, question=self.question).with_seats(found.dose), rebuild=True)

    def _select(self, index: int) -> None:
        self.active = index
        self._build()

    def _speak(self, lang: str) -> None:
        self.lang = lang
        with speaking(lang):
            self._build()

    # what is told, from the thread that answers

    def _work(self, task: Question | Goal, wanted: Callable[[], bool]) -> Iterator[Any]:
        if isinstance(task, Goal):
            yield from task.search(wanted=wanted, runs=self._runs)
            return
        found = None
        for found in self.answers.ask(task, wanted):
            yield found
        if found is not None and found.replications == task.replications:
            yield from self.answers.measure(task, found, wanted)

    def _tell(self, task: Question | Goal, found: Any) -> None:
        with speaking(self.lang):  # the thread that answers knows no language of its own
            self._show(task, found)

    def _show(self, task: Question | Goal, found: Any) -> None:
        if isinstance(task, Goal):
            self.sought = task, found
            self._show_seats()
            if not found.partial:
                self._latest.ask(self.question)  # where it was left
        elif task is self.question:
            if isinstance(found, OneWay):
                self.measured = found
            else:
                self.found, self.measured = (task, found), None
            self._show_result()

    def _fail(self, task: Question | Goal, error: Exception) -> None:
        with speaking(self.lang):
            if isinstance(error, Problems):
                self._tell_problems(PROBLEMS, error.problems)
            else:
                self._refuse(error.message if isinstance(error, KinerjaError) else Message(str(error)))

    def _show_result(self) -> None:
        if self.found is not None:
            question, found = self.found
            self._result.value = view.result(question, found, self.measured)
            if question is self.question:
                self._right.remove_class("k-old")

    def _refuse(self, text: Message) -> None:
        refused = _("The request cannot be processed")
        self._tell_problems(refused, [Problem("", None, None, text)])

    def _tell_problems(self, heading: Message | None, found: list[Problem]) -> None:
        self._said = (heading, found)
        text = ""
        if heading and found:
            text = view.problems(found, heading)
        elif heading:
            text = f'<div class="k-note">{heading.html()}</div>'
        self._notice.value = text

    def _show_seats(self) -> None:
        if self.sought is not None:
            goal, found = self.sought
            self._seats.value = view.seats(goal, found)
            self._use.disabled = found.partial or not found.reached

    def _offering(self, kind: str) -> Callable[[], None]:
        """What makes a file and shows the link that saves it."""

        def offer() -> None:
            if self.found is not None:
                found = self.found[1]
                file = downloads.made(kind, self.question, self.active, found, measured=self.measured)
                self._save.value = downloads.link(*file)

        return offer

    # how it looks

    def _build(self) -> None:
        self._labels: dict[str, w.HTML] = {}
        self._notice, self._result, self._save = w.HTML(), w.HTML(), w.HTML()
        self._save.add_class("k-save")
        languages = parts.buttons([("Bahasa Indonesia", "id"), ("English", "en")], self.lang, "130px")
        self._on(languages, self._speak)
        heading = str(_("Training and performance planner"))
        about = str(
            _(
                "Move a slider, see what changes for citizens and officers, then download the brief. "
                "Every officer and citizen is synthetic."
            )
        )
        title = f'<div class="k-head"><h1>{heading}</h1><p>{about}</p></div>'
        head = w.HBox([w.HTML(view.style() + title), languages])
        head.layout = w.Layout(justify_content="space-between", align_items="center")
        get = w.HBox(
            [
                self._button(f"get.{kind}", text, self._offering(kind))
                for kind, text in downloads.KINDS.items()
            ]
        )
        self._right = w.VBox([self._notice, get, self._save, self._result])
        self._right.layout = w.Layout(flex="1 1 0", min_width="0")
        left = w.VBox([*self._agency_part(), *self._plan_part(), *self._design_part()])
        left.layout = w.Layout(width="390px", flex="0 0 390px")
        both = w.HBox([left, self._right])
        for widget, name in ((left, "k-left"), (self._right, "k-right-side"), (both, "k-both")):
            widget.add_class(name)
        self.box.children = [head, both]
        self._tell_problems(*self._said)
        self._result.value = f'<p class="k-quiet">{_("Computing…")!s}</p>'
        self._show_result()

    def _agency_part(self) -> list[w.Widget]:
        own = list(self._uploaded.values())
        choose = parts.choice(parts.agency_options(self._shipped, own), self.question.agency.name)
        self._on(choose, self._agency)
        upload = parts.files(str(_("Upload")), ".xlsx,.zip,.csv", "k-upload")
        self._on_files(upload, self._upload)
        template = self._button("get.template", _("Empty example"), self._offering("template"))
        about = parts.hint(
            str(_("An Excel workbook, a zip archive, or the CSV files of one folder. No names, NIP or NIK."))
        )
        return [parts.part(str(_("Agency"))), choose, w.HBox([upload, template]), about]

    def _plan_part(self) -> list[w.Widget]:
        plans = self.question.plans
        tabs = parts.buttons([(p.policy.label(), i) for i, p in enumerate(plans)], self.active)
        self._on(tabs, self._select)
        full = len(plans) == MOST
        edit = [
            self._button("add", _("New plan"), lambda: self._add(None), disabled=full),
            self._button(
                "copy", _("Copy"), lambda: self._add(self.question.plans[self.active]), disabled=full
            ),
            self._button("remove", _("Remove"), self._remove, disabled=len(plans) == 1),
        ]
        panes = [*(self._group(group) for group in GROUPS), self._goal_part()]
        groups = w.Accordion(panes, selected_index=self._group_open, layout=parts.WIDE)
        groups.titles = (
            *(str(GROUP_NAMES[g]) for g in GROUPS),
            str(_("Find the number of seats needed")),
        )
        groups.observe(lambda change: setattr(self, "_group_open", change["new"]), names="selected_index")
        self._beside = w.HTML(self._beside_text())
        name = w.Text(value=plans[self.active].policy.label(), continuous_update=False)
        name.layout = parts.WIDE
        self._on(name, self._rename)
        shipped = [(load_policy(n).label(), n) for n in policy_names()]
        start = parts.choice([(str(_("choose…")), ""), *shipped], "")
        self._on(start, self._start_from)
        load = parts.files(str(_("Open")), ".yaml,.yml", "k-load")
        self._on_files(load, self._load)
        keep = w.HBox([self._button("get.plans", _("Save all"), self._offering("plans")), load])
        named = parts.hint(str(_("Name of the plan")))
        started = parts.hint(str(_("Start from a policy that ships")))
        heading = parts.part(str(_("Plans")))
        return [heading, tabs, w.HBox(edit), groups, self._beside, named, name, started, start, keep]

    def _goal_part(self) -> w.VBox:
        self._goal = parts.goal_widgets()
        self._seats = w.HTML()
        self._use = self._button("seats.use", _("Use it"), self._use_found, disabled=True)
        act = w.HBox(
            [
                self._button("seats.find", _("Find"), self._find),
                self._button("seats.stop", _("Stop"), self._stop),
                self._use,
            ]
        )

        def begin(outcome: str) -> None:
            self._goal["target"].value = view.value(outcome, TARGETS[outcome], with_unit=False)

        begin(self._goal["outcome"].value)
        self._on(self._goal["outcome"], begin)
        self._show_seats()
        rows = [[parts.hint(str(parts.GOAL[key])), widget] for key, widget in self._goal.items()]
        return w.VBox([*(x for row in rows for x in row), act, self._seats])

    def _design_part(self) -> list[w.Widget]:
        found: list[w.Widget] = [parts.part(str(_("How it is computed")))]
        for key, drop in parts.design_widgets(self.question).items():
            self._on(drop, partial(self._design, key))
            found += [parts.hint(str(parts.DESIGN[key])), drop]
        return found

    def _group(self, group: str) -> w.VBox:
        rows: list[w.Widget] = []
        plan, agency = self.question.plans[self.active], self.question.agency
        for slider in (slider for slider in SLIDERS if slider.group == group):
            text = self._labels[slider.key] = w.HTML(parts.slider_label(slider, plan, agency))
            text.add_class("k-label")
            widget = parts.slider_widget(slider, plan, agency)
            self._on(widget, partial(self._moved, slider))
            rows += [text, widget]
        return w.VBox(rows)

    def _beside_text(self) -> str:
        titles = view.lever_titles(self.question.plans[self.active])
        text = str(_("This plan also has: {levers}.", levers=", ".join(titles)))
        return f'<p class="k-quiet">{text}</p>' if titles else ""

    def _button(self, key: str, text: Message, act: Callable[[], None], disabled: bool = False) -> w.Button:
        button = w.Button(description=str(text), disabled=disabled, layout=w.Layout(width="auto"))
        button.add_class(f"k-{key.replace('.', '-')}")
        button.on_click(lambda __: self._try(act))
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
