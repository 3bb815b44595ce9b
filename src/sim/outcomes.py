"""What a run is judged by: every outcome, which way is better, and how it adds up.

A share or a mean of means must be weighted by what it was taken over, a stock is read at the end, and a percentile of
percentiles does not exist: it is NaN unless computed from the cases themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from sim.errors import KinerjaError, Message, OwnText, _
from sim.names import named, nearest

Better = Literal["high", "low", "none"]
"""Which way a citizen or an officer would want it; "none" where more is neither good nor bad."""

Rule = Literal["sum", "mean", "last", "exact"]
"""sum: counts and money; mean: weighted mean; last: a stock at the end; exact: only from single cases."""


@named
@dataclass(frozen=True, slots=True)
class Outcome:
    """One column of the outcome tables.

    Attributes
    ----------
    name : str
        Column name.
    group : str
        What it is about; outcomes of one group stand together. Those of a lever of one's own are ``own``.
    better : {"high", "low", "none"}
    months, units : {"sum", "mean", "last", "exact"}
        How months and units add up.
    weight : str or None
        Column that weights a mean; None weights rows equally.
    share : bool
        A number in 0..1 that people read as per cent.
    decimals : int
        Decimals people need (after the change to per cent).
    headline : bool
        Shown first: in rankings and in the answer of a brief.
    label_id, label_en, unit_id, unit_en, note_id, note_en : str
        Of an outcome of one's own: its name, unit and meaning, in both languages or one (shown in both).

    Raises
    ------
    KinerjaError
        Something cannot be as it is said.

    Examples
    --------
    >>> cups = Outcome("cups", better="high", months="sum", units="sum", label_en="Cups of coffee", unit_en="cups")
    >>> str(cups.label), str(cups.unit)
    ('Cups of coffee', 'cups')
    """

    name: str
    group: str = "own"
    better: Better = "none"
    months: Rule = "mean"
    units: Rule = "mean"
    weight: str | None = None
    share: bool = False
    decimals: int = 1
    headline: bool = False
    label_id: str = ""
    label_en: str = ""
    unit_id: str = ""
    unit_en: str = ""
    note_id: str = ""
    note_en: str = ""

    def __post_init__(self) -> None:
        if not (isinstance(self.name, str) and self.name and "." not in self.name):
            raise KinerjaError(_("{name!r} cannot name an outcome; write a short text.", name=self.name))
        for field, kind in (("better", Better), ("months", Rule), ("units", Rule)):
            value, known = getattr(self, field), get_args(kind)
            if value not in known:
                raise KinerjaError(
                    _(
                        "outcome {name!r}: {field} is {value!r}{hint}; it is one of {known}.",
                        name=self.name,
                        field=field,
                        value=value,
                        hint=nearest(str(value), known),
                        known=", ".join(known),
                    )
                )

    @property
    def label(self) -> Message:
        """Name for people."""
        return self._words(0, "label", self.name)

    @property
    def short(self) -> Message:
        """Short name, for column headings and panels."""
        return self._words(1, "label", self.name)

    @property
    def unit(self) -> Message:
        """Unit, e.g. ``minutes``; may be empty."""
        return self._words(2, "unit", "")

    @property
    def note(self) -> Message:
        """One sentence that says what it is; may be empty for an outcome of one's own."""
        return self._words(3, "note", "")

    def _words(self, place: int, field: str, otherwise: str) -> Message:
        if self.name in _WORDS:
            return _WORDS[self.name][place]
        texts = [getattr(self, f"{field}_{lang}") for lang in ("id", "en")]
        return OwnText(*(text or texts[1] or texts[0] or otherwise for text in texts))


def _count(name: str, group: str, better: Better, **more: object) -> Outcome:
    return Outcome(name, group, better, "sum", "sum", **{"decimals": 0, **more})  # type: ignore[arg-type]


def _mean(name: str, group: str, better: Better, **more: object) -> Outcome:
    return Outcome(name, group, better, "mean", "mean", BASES[name], **more)  # type: ignore[arg-type]


def _share(name: str, group: str, better: Better, **more: object) -> Outcome:
    return _mean(name, group, better, share=True, **more)


BASES: dict[str, str] = {
    # of requests and complaints
    "waiting_minutes": "served_counter",
    "response_days": "files_completed",
    "error_rate": "answers",
    "complaint_days": "complaints_answered",
    "complaints_in_time": "complaints_answered",
    "complaints_discarded": "complaints_ended",
    **dict.fromkeys(("ikm_service", "ikm_perceived", "ikm_survey", "satisfied"), "served"),
    **{f"u{i}": "served" for i in range(1, 10)},
    "digital_share": "could_go_online",
    # of people a programme is for
    "participation": "target_group",
    # of officers' time
    "absence": "officer_days",
    "utilisation": "desk_hours",
    # of officers there
    **dict.fromkeys(
        (
            "performance",
            "skill",
            "motivation",
            "workload_gini",
            "gaming",
            "pay_spread",
            "control",
            "engagement",
            "jp20",
            "adoption",
            "needs_error",
            "kpi_alignment",
            "kpi_gain",
        ),
        "officers",
    ),
    # of officers rated
    **dict.fromkeys(
        (
            "rating_validity",
            "favouritism",
            "severity_sd",
            "false_below",
            "missed_below",
            "false_top",
            "trust",
            "sangat_baik",
            "baik",
            "butuh_perbaikan",
            "kurang",
            "sangat_kurang",
        ),
        "rated",
    ),
}
"""What every mean and share is taken over: the outcome that counts it, and so the weight of a unit or a month in a mean
over several. Whoever adds up weighs by this table; a summary then is the mean over the cases or people themselves."""


_WORDS: dict[str, tuple[Message, Message, Message, Message]] = {
    "waiting_minutes": (
        _("Average waiting time at the counter"),
        _("Waiting"),
        _("minutes"),
        _("From arrival until service begins, averaged over everyone served at a counter."),
    ),
    "waiting_p90": (
        _("Longest waiting time of nine in ten citizens (90th percentile)"),
        _("Waiting, P90"),
        _("minutes"),
        _("Nine in ten citizens wait no longer than this (the 90th percentile)."),
    ),
    "response_days": (
        _("Time to complete files and online requests"),
        _("File completion"),
        _("working days"),
        _("From the request coming in to its completion."),
    ),
    "arrivals": (
        _("Requests received"),
        _("Received"),
        _("requests"),
        _("All requests by citizens, at a counter or online."),
    ),
    "served": (
        _("Requests completed"),
        _("Completed"),
        _("requests"),
        _("Requests finished in the period, including those received earlier."),
    ),
    "served_counter": (
        _("Citizens served at a counter"),
        _("Served at a counter"),
        _("citizens"),
        _("Requests completed at a counter; waiting is averaged over them."),
    ),
    "files_completed": (
        _("Files and online requests completed"),
        _("Files completed"),
        _("requests"),
        _("Requests completed away from the counter; completion time is averaged over them."),
    ),
    "sent_home": (
        _("Citizens asked to come back because the counter closed"),
        _("Asked to come back"),
        _("times"),
        _("Citizens still in the queue at closing time; some return on the next working day."),
    ),
    "left": (
        _("Citizens who left before being served"),
        _("Left unserved"),
        _("citizens"),
        _("Citizens who did not want to wait any longer, or did not return after closing."),
    ),
    "backlog": (
        _("Backlog: requests still open at the end of the period"),
        _("Backlog"),
        _("requests"),
        _("Waiting, being worked on, or being corrected."),
    ),
    "error_rate": (
        _("Services with an error that must be corrected"),
        _("Errors"),
        _("%"),
        _("Percentage of jobs with a faulty result that must be done again."),
    ),
    "answers": (
        _("First answers to requests and complaints"),
        _("First answers"),
        _("answers"),
        _("Jobs done for the first time; errors are a share of them."),
    ),
    "complaints": (
        _("Complaints received"),
        _("Complaints"),
        _("complaints"),
        _("All complaints by citizens, including those discarded at verification."),
    ),
    "complaints_answered": (
        _("Complaints answered"),
        _("Answered"),
        _("complaints"),
        _("Complaints closed with an answer, whenever they were received."),
    ),
    "complaints_ended": (
        _("Complaints closed"),
        _("Closed"),
        _("complaints"),
        _("Complaints answered or discarded at verification."),
    ),
    "complaint_days": (
        _("Time to resolve a complaint"),
        _("Resolution time"),
        _("working days"),
        _("Average from receipt of a complaint to its closing."),
    ),
    "complaint_p90_days": (
        _("Longest resolution time of nine in ten complaints (90th percentile)"),
        _("Resolution, P90"),
        _("working days"),
        _("Nine in ten complaints are closed within this time (the 90th percentile)."),
    ),
    "complaints_in_time": (
        _("Complaints resolved in time"),
        _("In time"),
        _("%"),
        _("Percentage of complaints closed within the working days allowed for their class."),
    ),
    "complaints_discarded": (
        _("Complaints discarded at verification"),
        _("Discarded"),
        _("%"),
        _("Percentage of complaints closed without action because they were judged incomplete."),
    ),
    "ikm_service": (
        _("Satisfaction index (IKM) due to service quality"),
        _("IKM, service"),
        _("points (25–100)"),
        _("The index if citizens' expectations stayed the same: it rises only when the service improves."),
    ),
    "ikm_perceived": (
        _("Satisfaction index (IKM) as citizens feel it"),
        _("IKM, perceived"),
        _("points (25–100)"),
        _("The index as citizens feel it; it also moves when their expectations move."),
    ),
    "ikm_survey": (
        _("IKM according to the survey"),
        _("Surveyed IKM"),
        _("points"),
        _(
            "The IKM a survey reports: respondents are few, and it is higher when the agency "
            "runs the survey itself."
        ),
    ),
    "satisfied": (
        _("Citizens who are satisfied overall"),
        _("Satisfied"),
        _("%"),
        _("Percentage of citizens who answer 3 or 4 when asked about the service as a whole."),
    ),
    "u1": (
        _("Survey element 1: requirements"),
        _("U1 requirements"),
        _("score 1–4"),
        _("Mean score of one of the nine elements of the citizen satisfaction survey (SKM)."),
    ),
    "u2": (
        _("Survey element 2: system, mechanism and procedure"),
        _("U2 procedure"),
        _("score 1–4"),
        _("Mean score of one of the nine elements of the citizen satisfaction survey (SKM)."),
    ),
    "u3": (
        _("Survey element 3: time taken"),
        _("U3 time"),
        _("score 1–4"),
        _("Mean score of one of the nine elements of the citizen satisfaction survey (SKM)."),
    ),
    "u4": (
        _("Survey element 4: cost or fee"),
        _("U4 cost"),
        _("score 1–4"),
        _("Mean score of one of the nine elements of the citizen satisfaction survey (SKM)."),
    ),
    "u5": (
        _("Survey element 5: product delivered"),
        _("U5 product"),
        _("score 1–4"),
        _("Mean score of one of the nine elements of the citizen satisfaction survey (SKM)."),
    ),
    "u6": (
        _("Survey element 6: competence of staff"),
        _("U6 competence"),
        _("score 1–4"),
        _("Mean score of one of the nine elements of the citizen satisfaction survey (SKM)."),
    ),
    "u7": (
        _("Survey element 7: behaviour of staff"),
        _("U7 behaviour"),
        _("score 1–4"),
        _("Mean score of one of the nine elements of the citizen satisfaction survey (SKM)."),
    ),
    "u8": (
        _("Survey element 8: facilities"),
        _("U8 facilities"),
        _("score 1–4"),
        _("Mean score of one of the nine elements of the citizen satisfaction survey (SKM)."),
    ),
    "u9": (
        _("Survey element 9: handling of complaints and suggestions"),
        _("U9 complaints"),
        _("score 1–4"),
        _("Mean score of one of the nine elements of the citizen satisfaction survey (SKM)."),
    ),
    "programme_output": (
        _("Programme cases completed"),
        _("Programme output"),
        _("cases"),
        _("Cases completed by programme units, such as schools or families supported."),
    ),
    "participation": (
        _("Target group taking part"),
        _("Participation"),
        _("%"),
        _("Percentage of a programme's target group who take part."),
    ),
    "target_group": (
        _("People the programmes are for"),
        _("Target group"),
        _("persons a month"),
        _("Those who could take part; vacant posts do not change their number."),
    ),
    "performance": (
        _("Officers' true performance"),
        _("True performance"),
        _("SD"),
        _(
            "What officers really do, not their rating. 0 = the average officer at the start; 1 "
            "standard deviation (SD) is about 20% of output."
        ),
    ),
    "skill": (
        _("Officers' skill"),
        _("Skill"),
        _("SD"),
        _("Compared with the average officer at the start, in standard deviations of performance."),
    ),
    "motivation": (
        _("Officers' motivation"),
        _("Motivation"),
        _("SD"),
        _("Compared with the average officer at the start, in standard deviations of performance."),
    ),
    "absence": (
        _("Working days absent"),
        _("Absence"),
        _("%"),
        _("Percentage of working days on which officers are absent, training excluded."),
    ),
    "officer_days": (
        _("Officers' working days"),
        _("Officer days"),
        _("person-days"),
        _("Working days of the officers in post, whether they came or not."),
    ),
    "utilisation": (
        _("Utilisation of officers"),
        _("Utilisation"),
        _("%"),
        _("Percentage of working time spent serving; above 85–90% queues grow quickly."),
    ),
    "desk_hours": (
        _("Hours of officers at the desk"),
        _("Desk hours"),
        _("hours"),
        _("Hours for which officers who serve citizens were present."),
    ),
    "overtime_hours": (
        _("Overtime"),
        _("Overtime"),
        _("hours"),
        _("Hours after closing, to finish serving the current citizen."),
    ),
    "workload_gini": (
        _("Inequality of workload between officers"),
        _("Workload inequality"),
        _("0–1"),
        _("Gini index: 0 = shared equally, 1 = one person carries everything."),
    ),
    "sanctions": (
        _("Disciplinary sanctions imposed"),
        _("Sanctions"),
        _("sanctions"),
        _("All levels of PP 94/2021; PNS only."),
    ),
    "feedback_hours": (
        _("Supervisors' hours on feedback"),
        _("Feedback hours"),
        _("hours"),
        _("Supervisors' time on performance dialogue and feedback."),
    ),
    "side_payments": (
        _("Side payments"),
        _("Side payments"),
        _("incidents"),
        _(
            "Months in which an officer took money outside the rules; the level is assumed and "
            "only comparisons are meaningful."
        ),
    ),
    "gaming": (
        _("Gaming of indicators"),
        _("Gaming"),
        _("SD"),
        _("How far officers' indicators exceed their true performance."),
    ),
    "pay_spread": (
        _("Differences in allowances between officers"),
        _("Pay spread"),
        _("%"),
        _("Mean distance from the average allowance, as a percentage of it."),
    ),
    "control": (
        _("Felt control"),
        _("Felt control"),
        _("%"),
        _("How closely watched officers feel: 0 = not at all, 100 = entirely; 30 under the status quo."),
    ),
    "engagement": (
        _("Supervisors' engagement"),
        _("Engagement"),
        _("%"),
        _("How far supervisors engage in leading: 0 = not at all, 100 = entirely; 50 under the status quo."),
    ),
    "officers": (
        _("Officers in post"),
        _("Officers"),
        _("persons"),
        _("PNS and PPPK in service, averaged over the period."),
    ),
    "vacancies": (
        _("Vacant posts"),
        _("Vacant posts"),
        _("posts"),
        _("Posts without an officer on average."),
    ),
    "newcomers": (
        _("Newcomers"),
        _("Newcomers"),
        _("persons"),
        _("Officers who start in a vacant post."),
    ),
    "seats_used": (
        _("Training seats used"),
        _("Seats used"),
        _("seats"),
        _("One seat = one officer on one course."),
    ),
    "seats_waiting": (
        _("Officers waiting for a training seat"),
        _("Waiting for a seat"),
        _("persons"),
        _("Nominated, without a seat yet, at the end of the period."),
    ),
    "desk_days_lost": (
        _("Service days lost to training"),
        _("Training days"),
        _("person-days"),
        _("Days on which officers are away from service for training."),
    ),
    "jp20": (
        _("Officers with at least 20 lesson hours per year"),
        _("20 JP"),
        _("%"),
        _("JP = lesson hour of 45 minutes. Attending is not the same as learning."),
    ),
    "digital_share": (
        _("Counter requests that move online"),
        _("Online"),
        _("%"),
        _("Percentage of counter requests that are made online instead."),
    ),
    "could_go_online": (
        _("Counter requests that could be made online"),
        _("Could go online"),
        _("requests"),
        _("Requests for counter services in units with an online service, wherever they were made."),
    ),
    "adoption": (
        _("Officers who have taken up new practices"),
        _("Adoption"),
        _("%"),
        _("Percentage of officers who have taken up a new practice, averaged over the new practices."),
    ),
    "innovations": (
        _("New practices that come from the units"),
        _("Innovations"),
        _("ideas"),
        _("Ideas of officers and suggestions of citizens that become a practice."),
    ),
    "needs_error": (
        _("Error in reading citizens' needs"),
        _("Needs misread"),
        _("%"),
        _("Percentage of the weight of needs that is misplaced: 0 = citizens' needs are known exactly."),
    ),
    "kpi_alignment": (
        _("Alignment of officers' KPIs with needs"),
        _("KPI alignment"),
        _("%"),
        _(
            "Percentage of the weight of officers' KPIs that matches what citizens and the "
            "organisation need now."
        ),
    ),
    "kpi_gain": (
        _("Gain from better-directed effort"),
        _("Gain from direction"),
        _("SD"),
        _("Performance gained because effort goes to what is needed; negative where indicators mislead."),
    ),
    "rated": (
        _("Officers rated"),
        _("Rated"),
        _("persons"),
        _("Officers in post at the latest appraisal."),
    ),
    "rating_validity": (
        _("Accuracy of ratings (validity)"),
        _("Rating accuracy"),
        _("correlation"),
        _(
            "Correlation between rating and true performance: 0 = the rating carries no "
            "information, 1 = exact."
        ),
    ),
    "favouritism": (
        _("Advantage of being close to the supervisor (favouritism)"),
        _("Favouritism"),
        _("SD"),
        _(
            "Extra rating for an officer closer to the supervisor, at equal performance, per "
            "standard deviation of closeness."
        ),
    ),
    "severity_sd": (
        _("Differences in severity between raters"),
        _("Rater severity"),
        _("SD"),
        _("Standard deviation of raters' habits; 0 = all raters use the same yardstick."),
    ),
    "false_below": (
        _("Rated below expectation, wrongly"),
        _("Wrongly low"),
        _("%"),
        _("Percentage of officers who meet expectations but are rated below them."),
    ),
    "missed_below": (
        _("Below expectation, but missed"),
        _("Missed"),
        _("%"),
        _("Percentage of officers below expectations who are rated as meeting them."),
    ),
    "false_top": (
        _("Rated top, wrongly"),
        _("Wrongly top"),
        _("%"),
        _("Percentage of officers rated Sangat Baik whose performance is not among the highest."),
    ),
    "trust": (
        _("Trust in the appraisal"),
        _("Trust"),
        _("%"),
        _(
            "How fair officers consider the appraisal: 0 = not at all, 100 = entirely; 50 under "
            "the status quo."
        ),
    ),
    "rater_hours": (
        _("Working hours spent on rating"),
        _("Rater hours"),
        _("hours"),
        _(
            "Time superiors, peers, subordinates and officers themselves spend on rating, rater "
            "training included."
        ),
    ),
    "sangat_baik": (
        _("Rated Sangat Baik (very good)"),
        _("Sangat Baik"),
        _("%"),
        _("Percentage of officers with this predikat at the annual appraisal."),
    ),
    "baik": (
        _("Rated Baik (good)"),
        _("Baik"),
        _("%"),
        _("Percentage of officers with this predikat at the annual appraisal."),
    ),
    "butuh_perbaikan": (
        _("Rated Butuh Perbaikan (needs improvement)"),
        _("Butuh Perbaikan"),
        _("%"),
        _("Percentage of officers with this predikat at the annual appraisal."),
    ),
    "kurang": (
        _("Rated Kurang (poor)"),
        _("Kurang"),
        _("%"),
        _("Percentage of officers with this predikat at the annual appraisal."),
    ),
    "sangat_kurang": (
        _("Rated Sangat Kurang (very poor)"),
        _("Sangat Kurang"),
        _("%"),
        _("Percentage of officers with this predikat at the annual appraisal."),
    ),
    "handling_minutes": (
        _("Working time of officers on a request"),
        _("Handling"),
        _("minutes"),
        _("What officers worked on a completed request, over all its steps, corrections included."),
    ),
    "unnoticed": (
        _("Cases that nobody has opened yet"),
        _("Not opened"),
        _("cases"),
        _(
            "Files, online requests and complaints at the end of the period that wait for attention, not for hands."
        ),
    ),
    "cost": (
        _("Cost"),
        _("Cost"),
        _("Rp"),
        _("Spending on the policy, at prices of the base year."),
    ),
}
"""Name, short name, unit and note of every outcome."""

_ALL = (
    # citizens at the counter and at a distance
    _mean("waiting_minutes", "service", "low", headline=True),
    Outcome("waiting_p90", "service", "low", "exact", "exact"),
    _mean("response_days", "service", "low"),
    _count("arrivals", "service", "none"),
    _count("served", "service", "high"),
    _count("served_counter", "service", "none"),
    _count("files_completed", "service", "none"),
    _count("sent_home", "service", "low"),
    _count("left", "service", "low"),
    Outcome("backlog", "service", "low", "last", "sum", decimals=0),
    _share("error_rate", "service", "low", headline=True),
    _count("answers", "service", "none"),
    # complaints
    _count("complaints", "complaints", "low"),
    _count("complaints_answered", "complaints", "none"),
    _count("complaints_ended", "complaints", "none"),
    _mean("complaint_days", "complaints", "low"),
    Outcome("complaint_p90_days", "complaints", "low", "exact", "exact"),
    _share("complaints_in_time", "complaints", "high", headline=True),
    _share("complaints_discarded", "complaints", "low"),
    # satisfaction (SKM): 25-100, elements 1-4
    _mean("ikm_service", "satisfaction", "high", headline=True),
    _mean("ikm_perceived", "satisfaction", "high"),
    _mean("ikm_survey", "satisfaction", "none"),
    _share("satisfied", "satisfaction", "high"),
    *(_mean(f"u{i}", "satisfaction", "high", decimals=2) for i in range(1, 10)),
    # programmes
    _count("programme_output", "programme", "high", headline=True),
    _share("participation", "programme", "high"),
    Outcome("target_group", "programme", "none", "mean", "sum", decimals=0),
    # officers
    _mean("performance", "people", "high", decimals=2, headline=True),
    _mean("skill", "people", "high", decimals=2),
    _mean("motivation", "people", "high", decimals=2),
    _share("absence", "people", "low"),
    _count("officer_days", "people", "none"),
    _share("utilisation", "people", "none"),
    _count("desk_hours", "people", "none"),
    _count("overtime_hours", "people", "low"),
    _mean("workload_gini", "people", "low", decimals=2),
    _count("sanctions", "people", "none"),
    _count("feedback_hours", "people", "low"),
    _count("side_payments", "people", "low"),
    _mean("gaming", "people", "low", decimals=2),
    _share("pay_spread", "people", "none"),
    _share("control", "people", "none"),
    _share("engagement", "people", "high"),
    Outcome("officers", "people", "none", "mean", "sum", decimals=0),
    Outcome("vacancies", "people", "low", "mean", "sum", decimals=1),
    _count("newcomers", "people", "none"),
    # training
    _count("seats_used", "training", "none"),
    Outcome("seats_waiting", "training", "low", "last", "sum", decimals=0),
    _count("desk_days_lost", "training", "low"),
    Outcome("jp20", "training", "high", "last", "mean", BASES["jp20"], share=True),
    _share("digital_share", "service", "none"),
    _count("could_go_online", "service", "none"),
    # change
    _share("adoption", "change", "high"),
    _count("innovations", "change", "high"),
    # what is needed, and what is asked for
    _share("needs_error", "needs", "low"),
    _share("kpi_alignment", "needs", "high"),
    _mean("kpi_gain", "needs", "high", decimals=3),
    # how true and how fair the ratings are
    Outcome("rated", "fairness", "none", "mean", "sum", decimals=0),
    _mean("rating_validity", "fairness", "high", decimals=2, headline=True),
    _mean("favouritism", "fairness", "low", decimals=2),
    _mean("severity_sd", "fairness", "low", decimals=2),
    _share("false_below", "fairness", "low"),
    _share("missed_below", "fairness", "low"),
    _share("false_top", "fairness", "low"),
    _share("trust", "fairness", "high"),
    _count("rater_hours", "fairness", "low"),
    # the mix of ratings (predikat), which is neither good nor bad in itself
    _share("sangat_baik", "predikat", "none", decimals=2),
    _share("baik", "predikat", "none", decimals=2),
    _share("butuh_perbaikan", "predikat", "none", decimals=2),
    _share("kurang", "predikat", "none", decimals=2),
    _share("sangat_kurang", "predikat", "none", decimals=2),
    # money
    _count("cost", "cost", "low", headline=True),
)

HANDLING = Outcome("handling_minutes", "service", "none", "mean", "mean", "served")
"""Recorded where a service is a route."""

UNNOTICED = Outcome("unnoticed", "service", "low", "last", "sum", decimals=0)
"""Recorded where a step or a complaint waits for attention."""


class Outcomes(dict[str, Outcome]):
    """Outcomes by name: the project's, in the order people read them, and by name also those of one's own.

    A study's tables have the project's outcomes and those of its own levers; so iterating goes over the project's.

    Attributes
    ----------
    own : dict
        Outcomes of levers that do not ship; where a name was defined twice, the latest.
    """

    def __init__(self, outcomes: Iterable[Outcome]) -> None:
        super().__init__((outcome.name, outcome) for outcome in outcomes)
        self.own: dict[str, Outcome] = {}

    def add(self, outcome: Outcome) -> None:
        """Make an outcome of one's own known; raise KinerjaError where the project has one of its name."""
        if super().__contains__(outcome.name):
            raise KinerjaError(
                _("the project has an outcome {name!r} already; give yours another name.", name=outcome.name)
            )
        self.own[outcome.name] = outcome

    def __missing__(self, name: str) -> Outcome:
        return self.own[name]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.own

    def get(self, name: str, otherwise: Any = None) -> Any:
        """Return the outcome of a name, or something else."""
        return super().get(name, self.own.get(name, otherwise))


OUTCOMES = Outcomes(_ALL)
"""Every outcome by name, in the order people read them."""

HEADLINE: tuple[str, ...] = tuple(name for name, outcome in OUTCOMES.items() if outcome.headline)
"""The outcomes a ranking shows first."""


def across_units(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Add units up.

    Parameters
    ----------
    frame : DataFrame
        A row per unit (and whatever `by` names), a column an outcome; other columns are dropped.
    by : sequence of str
        The columns that say which rows belong together, e.g. ``["policy", "replication", "month"]``.

    Returns
    -------
    DataFrame
        A row per group, `by` and the outcomes. A mean without its weight column raises KeyError.

    Examples
    --------
    >>> import pandas as pd
    >>> two = pd.DataFrame({"month": 1, "served_counter": [10.0, 30.0], "waiting_minutes": [8.0, 4.0]})
    >>> float(across_units(two, ["month"])["waiting_minutes"].iloc[0])
    5.0
    """
    return _combine(frame, by, "units")


def across_months(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Add months up; like :func:`across_units`, for rows with a ``month`` column (any order)."""
    return _combine(frame.sort_values("month", kind="stable"), by, "months")


def _combine(frame: pd.DataFrame, by: Sequence[str], along: Literal["units", "months"]) -> pd.DataFrame:
    rows = frame.groupby(list(by), sort=True, observed=True)
    sizes = rows.size()
    group = rows.ngroup().to_numpy()  # sorted once, used for every column
    columns: dict[str, np.ndarray] = {}
    for name in frame.columns:
        outcome = OUTCOMES.get(name)
        if outcome is None or name in by:
            continue
        rule = outcome.units if along == "units" else outcome.months
        value = frame[name].astype(np.float64)
        if rule == "sum":
            added = value.groupby(group).sum(min_count=1)
        elif rule == "last":
            added = value.groupby(group).last()
        elif rule == "exact":
            added = value.groupby(group).first().where(sizes.to_numpy() == 1)
        else:
            added = _weighted(frame, value, outcome, group)
        columns[name] = added.to_numpy()
    return pd.DataFrame(columns, index=sizes.index).reset_index()


def _weighted(frame: pd.DataFrame, value: pd.Series, outcome: Outcome, group: np.ndarray) -> pd.Series:
    """Weighted mean of the rows that have a value; NaN where none has, or where the weights are all zero."""
    if outcome.weight is None:
        return value.groupby(group).mean()
    if outcome.weight not in frame:
        raise KeyError(
            f"the mean of {outcome.name!r} is weighted by {outcome.weight!r}, which the table has not"
        )
    weight = frame[outcome.weight].astype(np.float64).where(value.notna())
    total = (value * weight).groupby(group).sum(min_count=1)
    weights = weight.groupby(group).sum(min_count=1)
    return total / weights.where(weights > 0)
