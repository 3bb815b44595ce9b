"""What an agency is: one frozen dataclass per table, one field per column.

The metadata of each field (note, unit, range, example) is the single description of the data: reading, checking,
templates and docs/agency-format.md are all derived from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sim.agency.columns import (
    column,
    days_until_noticed,
    days_until_settled,
    fraction,
    name_en,
    name_id,
    never_noticed,
    origin,
    own_weight,
    spread_of_delay,
    standing,
)
from sim.agency.facts import FIGURES
from sim.calendar import REGIMES
from sim.errors import _

DOMAINS = ("technical", "ict", "communication", "time")
NEEDS = ("speed", "accuracy", "courtesy", "access")
CHANNELS = ("counter", "file", "online")
WHO = ("front", "verifier", "supervisor")
ATTENTION = ("unnoticed", "noticed", "noticed_spread", "settled", "settled_spread")
"""Columns that say how long a step or a complaint waits for attention."""
PUBLISHED_WAIT = {"counter": 30.0, "file": 1350.0, "online": 450.0}
"""Working minutes that count as published where a service publishes none: .5 hour, 3 days, 1 day (assumption)."""
PERIODS = {"month": 12, "weekday": 7, "hour": 8, "after_lebaran": 12}
"""Kind of demand period -> how many there are; each is counted from 1 (weekday 1 is Monday)."""


WORK_KINDS = ("lognormal", "exponential", "gamma", "constant", "sample")
"""Distributions of work content; a sample is in the table ``work_samples``."""
GROUPS = ("all", "pns", "pppk")
"""Groups of a unit's officers that a shift may take its people from, beside those who serve one service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A figure about the agency as a whole: headcounts, population, budget, IKM."""

    key: str = column(_("name of the figure"), example="population", code=True)
    value: str = column(_("value"), example="1400000")
    unit: str = column(_("unit"), example="persons")
    source: str = origin()
    status: str = standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of the agency: its officers, their supervisor and what the unit is there for."""

    unit: str = column(_("code of the unit"), example="dukcapil", code=True)
    label_id: str = name_id("Dinas Kependudukan dan Pencatatan Sipil")
    label_en: str = name_en("Population registry")
    kind: str = column(
        _("service: serves citizens; programme: runs a programme"),
        example="service",
        choices=("service", "programme"),
    )
    sector: str = column(
        _("sector"),
        example="population",
        choices=("population", "health", "personnel", "education", "social"),
    )
    pns: int = column(_("permanent officers (PNS)"), example=9, unit="persons", low=0, high=5000)
    pppk: int = column(_("contract officers (PPPK)"), example=4, unit="persons", low=0, high=5000)
    retiring: float = fraction(_("PNS who retire"), 0.034, high=0.5, unit="a year")
    absence: float = fraction(
        _("share of working days absent, excused or not"),
        0.1,
        high=0.6,
        unit="share",
    )
    ikm: float = column(_("latest satisfaction index"), example=81.0, unit="IKM", low=25, high=100)
    ikm_collected: str = column(
        _("who collected it: the office itself or an independent body"),
        example="self",
        choices=("self", "independent"),
        default="self",
    )
    ikm_coverage: str = column(
        _("whom it covers. counter: those who were served; population: those who left as well"),
        example="counter",
        choices=("counter", "population"),
        default="counter",
    )
    utilisation: float | None = column(
        _("how busy the desk is on an ordinary day; empty: follows from demand and staff"),
        example=0.85,
        unit="share",
        low=0.05,
        high=1.5,
        default=None,
    )
    speed: float = fraction(_("weight of need: speed"), 0.35, default=0.35)
    accuracy: float = fraction(_("weight of need: accuracy"), 0.3, default=0.3)
    courtesy: float = fraction(_("weight of need: courtesy"), 0.2, default=0.2)
    access: float = fraction(_("weight of need: access"), 0.15, default=0.15)
    holidays: str = column(
        _(
            "national: closed on public holidays and joint leave; own: closed on days of the table closed_days only"
        ),
        example="national",
        choices=("national", "own"),
        default="national",
    )
    source: str = origin()
    status: str = standing()

    @property
    def officers(self) -> int:
        """Headcount of the unit, its supervisor included."""
        return self.pns + self.pppk


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service that citizens request from a service unit."""

    service: str = column(_("code of the service"), example="ktp", code=True)
    unit: str = column(_("code of its service unit"), example="dukcapil", code=True)
    label_id: str = name_id("KTP elektronik")
    label_en: str = name_en("Electronic identity card")
    channel: str = column(
        _("counter: the citizen waits in the room; file: work that lasts across days; online"),
        example="counter",
        choices=CHANNELS,
    )
    demand: float = column(
        _("requests on an ordinary working day (all factors 1)"),
        example=100,
        unit="requests/day",
        low=0.01,
        high=20000,
    )
    work: float = column(_("mean work content"), example=18, unit="minutes", low=0.1, high=10000)
    work_cv: float = column(_("coefficient of variation of the work"), example=1, low=0, high=3)
    work_kind: str = column(
        _("distribution of the work; sample: as in the table work_samples"),
        example="lognormal",
        choices=WORK_KINDS,
        default="lognormal",
    )
    demand_sd: float = column(
        _("standard deviation of a factor on each day's demand (mean 1, gamma); 0: Poisson alone"),
        example=0,
        low=0,
        high=3,
        default=0.0,
    )
    error: float = column(
        _("probability of an error, so that the work must be done again"),
        example=0.08,
        unit="share",
        low=0,
        high=0.6,
    )
    staff: int = column(
        _("officers who serve it"),
        example=6,
        unit="persons",
        low=1,
        high=5000,
    )
    priority: int = column(_("queue class; 0 goes first"), example=1, low=0, high=9)
    expected_wait: float | None = column(
        _(
            "working minutes from arrival until service begins (counter) or ends (file, online) that the office "
            "publishes; empty: 30 at a counter, 1350 for a file, 450 online (assumption)"
        ),
        example=30,
        unit="minutes",
        low=0,
        high=100000,
        default=None,
    )
    patience: float | None = column(
        _("mean minutes before citizens give up; empty: they never do"),
        example=180,
        unit="minutes",
        low=1,
        high=1000000,
        default=None,
    )
    returns: float = fraction(
        _("share who return when sent home at closing"),
        0.8,
        default=0.8,
    )
    rework_days: float = column(
        _("working days until an error comes back"),
        example=3,
        unit="days",
        low=0,
        high=60,
        default=3.0,
    )
    technical: float = fraction(_("weight of technical skill"), 0.4, default=0.4)
    ict: float = fraction(_("weight of ICT skill"), 0.3, default=0.3)
    communication: float = fraction(_("weight of communication"), 0.2, default=0.2)
    time: float = fraction(_("weight of time management"), 0.1, default=0.1)
    source: str = origin()
    status: str = standing()

    @property
    def published_wait(self) -> float:
        """Working minutes that the office publishes, or those of its channel where it publishes none."""
        return PUBLISHED_WAIT[self.channel] if self.expected_wait is None else self.expected_wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a service that is a route, in the order of the file; a service without rows is one step."""

    service: str = column(_("code of the service"), example="izin", code=True)
    step: str = column(_("code of the step"), example="berkas", code=True)
    label_id: str = name_id("Pemeriksaan berkas")
    label_en: str = name_en("Check of the file")
    place: str = column(
        _("counter: the citizen waits in the room; file: work that lasts across days; online"),
        example="file",
        choices=CHANNELS,
    )
    who: str = column(
        _(
            "front: the front line; verifier: officers who are not the front line of this service; "
            "supervisor: a signature of the unit's head"
        ),
        example="verifier",
        choices=WHO,
    )
    staff: int | None = column(
        _(
            "officers who do it; empty: the service's own for the front line, one verifier, the head alone; "
            "a supervisor with 3: the first three officers may sign"
        ),
        example=2,
        unit="persons",
        low=1,
        high=5000,
        default=None,
    )
    work: float = column(_("mean work content"), example=25, unit="minutes", low=0.1, high=10000)
    work_kind: str = column(
        _("distribution of the work; empty: that of the service"),
        example="gamma",
        choices=tuple(kind for kind in WORK_KINDS if kind != "sample"),
        default="",
    )
    work_cv: float | None = column(
        _("coefficient of variation of the work; empty: that of the service"),
        example=0.8,
        low=0,
        high=3,
        default=None,
    )
    error: float | None = column(
        _("probability of an error, so that the work must be done again; empty: that of the service"),
        example=0.05,
        unit="share",
        low=0,
        high=0.6,
        default=None,
    )
    returns_to: str = column(
        _("step to which an error sends it back, this one or an earlier one; empty: this one"),
        example="loket",
        code=True,
        default="",
    )
    skips: float = fraction(_("share that goes on to the step in skips_to"), 0.1, default=0.0)
    skips_to: str = column(_("later step to which some go"), example="serah", code=True, default="")
    ends: float = fraction(
        _("share that ends here; the rest goes on to the next row"),
        0.05,
        default=0.0,
    )
    hand_off: float = column(
        _("working minutes until the next step has it; a working day is 450"),
        example=60,
        unit="minutes",
        low=0,
        high=100000,
        default=0.0,
    )
    unnoticed: float | None = never_noticed()
    noticed: float | None = days_until_noticed()
    noticed_spread: float | None = spread_of_delay(_("spread of noticed: SD of its logarithm"))
    settled: float | None = days_until_settled()
    settled_spread: float | None = spread_of_delay(_("spread of settled: SD of its logarithm"))
    technical: float | None = own_weight(_("weight of technical skill; empty: that of the service"), 0.6)
    ict: float | None = own_weight(_("weight of ICT skill; empty: that of the service"), 0.2)
    communication: float | None = own_weight(
        _("weight of communication; empty: that of the service"),
        0.1,
    )
    time: float | None = own_weight(_("weight of time management; empty: that of the service"), 0.1)
    source: str = origin()
    status: str = standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A factor on demand in a month, on a weekday, at an hour, or in a week after Lebaran (Eid)."""

    service: str = column(
        _("code of the service, or * for all; a service's own row replaces the * row"),
        example="ktp",
    )
    period: str = column(_("kind of period"), example="after_lebaran", choices=tuple(PERIODS))
    index: int = column(
        _(
            "month 1-12, weekday 1-7 (1 Monday) on which the unit is open, eighth of the working day 1-8, "
            "week 1-12 after the Eid holidays"
        ),
        example=1,
        low=1,
        high=12,
    )
    factor: float = column(_("multiplies demand"), example=3.4, low=0, high=10)
    source: str = origin()
    status: str = standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A class of complaints: its share, its time limit and the work it takes."""

    complaint: str = column(_("code of the class"), example="light", code=True)
    share: float = fraction(_("share of complaints; the shares sum to 1"), 1.0)
    clock: int = column(_("working days allowed"), example=2, unit="days", low=1, high=365)
    work: float = column(_("mean work content"), example=30, unit="minutes", low=1, high=100000)
    unnoticed: float | None = never_noticed()
    noticed: float | None = days_until_noticed()
    noticed_spread: float | None = spread_of_delay(_("spread of noticed: SD of its logarithm"))
    settled: float | None = days_until_settled()
    settled_spread: float | None = spread_of_delay(_("spread of settled: SD of its logarithm"))
    source: str = origin()
    status: str = standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A programme run by a programme unit, such as schools or poverty relief."""

    programme: str = column(_("code of the programme"), example="schools", code=True)
    unit: str = column(_("code of its programme unit"), example="disdik", code=True)
    label_id: str = name_id("Pendampingan sekolah")
    label_en: str = name_en("School support")
    caseload: float = column(_("cases per officer"), example=40, unit="cases/officer", low=0.1, high=100000)
    output: float = column(
        _("cases completed per officer and quarter"),
        example=25,
        unit="cases/quarter",
        low=0.01,
        high=100000,
    )
    participation: float = fraction(_("share of the target group taking part"), 0.6)
    source: str = origin()
    status: str = standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A training course that can be bought."""

    course: str = column(_("code of the course"), example="ict-classroom", code=True)
    label_id: str = name_id("Pelatihan TIK")
    label_en: str = name_en("ICT course")
    domain: str = column(_("skill domain"), example="ict", choices=DOMAINS)
    format: str = column(
        _("format"), example="classroom", choices=("classroom", "online", "blended", "coaching")
    )
    days: float = column(_("working days away from the desk"), example=2, unit="days", low=0, high=120)
    jp: float = column(_("lesson hours (45 minutes)"), example=20, unit="JP", low=0, high=1000)
    seats: int = column(_("seats per class"), example=40, unit="persons", low=1, high=1000)
    cost: float = column(_("cost per participant"), example=1100000, unit="Rp", low=0, high=1e9)
    source: str = origin()
    status: str = standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When a service unit is open on a weekday; a weekday without a row is closed.

    A unit without any row has the usual hours of government offices, Monday to Friday.
    """

    unit: str = column(_("code of the service unit"), example="dukcapil", code=True)
    regime: str = column(
        _("normal or ramadan; without rows for Ramadan, the normal hours hold then too"),
        example="normal",
        choices=REGIMES,
        default="normal",
    )
    weekday: int = column(_("weekday, 1 Monday to 7 Sunday"), example=6, low=1, high=7)
    open: str = column(_("opens at"), example="08:00", form="clock")
    close: str = column(_("closes at; 24:00 is midnight"), example="14:00", form="clock")
    break_start: str = column(
        _("the whole unit is closed for a break from"), example="12:00", form="clock", default=""
    )
    break_end: str = column(_("end of that break"), example="12:30", form="clock", default="")
    source: str = origin()
    status: str = standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDay:
    """A day on which a service unit is closed beside public holidays."""

    unit: str = column(_("code of the service unit, or * for all"), example="dukcapil")
    date: str = column(_("date, as 2026-03-19"), example="2026-11-10", form="date")
    why: str = column(_("why it is closed"), example="moving / pindah kantor")
    source: str = origin()
    status: str = standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Which officers of a service unit are on duty, and when.

    Where a unit has no row, all its officers are on duty from opening to closing.
    """

    unit: str = column(_("code of the service unit"), example="dukcapil", code=True)
    shift: str = column(_("code of the shift"), example="pppk-part-time", code=True)
    weekday: int | None = column(
        _(
            "weekday, 1 Monday to 7 Sunday; empty: every day that the unit is open, but those with a row of their own"
        ),
        example=6,
        low=1,
        high=7,
        default=None,
    )
    who: str = column(
        _("whose duty: all, pns, pppk, or the code of a service for the officers who serve it"),
        example="pppk",
        default="all",
    )
    start: str = column(_("on duty from"), example="08:00", form="clock")
    end: str = column(
        _("on duty until; an end at or before the start is on the next day"), example="12:00", form="clock"
    )
    break_start: str = column(_("their break begins at"), example="10:00", form="clock", default="")
    break_end: str = column(_("their break ends at"), example="10:15", form="clock", default="")
    number: int | None = column(
        _("how many of them; number and share empty: all"),
        example=6,
        unit="persons",
        low=1,
        high=5000,
        default=None,
    )
    share: float | None = fraction(
        _("share of them, rounded, at least one; number and share empty: all"),
        0.5,
        unit="share",
        default=None,
    )
    source: str = origin()
    status: str = standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkSample:
    """Minutes of work that were measured, for a service with the work_kind sample: single cases, or quantiles."""

    service: str = column(_("code of the service"), example="surat", code=True)
    number: int = column(_("1, 2, 3, ..."), example=1, low=1, high=1000000)
    minutes: float = column(_("minutes of work"), example=4, unit="minutes", low=0, high=100000)
    quantile: float | None = fraction(
        _("share of cases that take at most these minutes, from 0 to 1; empty: the row is one case"),
        0.25,
        unit="share",
        default=None,
    )
    source: str = origin()
    status: str = standing()


TABLES: dict[str, type] = {
    "agency": Fact,
    "units": Unit,
    "services": Service,
    "steps": Step,
    "demand": Demand,
    "complaints": Complaint,
    "programmes": Programme,
    "courses": Course,
    "hours": Hours,
    "closed_days": ClosedDay,
    "shifts": Shift,
    "work_samples": WorkSample,
}
"""Table (CSV file or Excel sheet) -> its row."""

KEYS: dict[str, tuple[str, ...]] = {
    "agency": ("key",),
    "units": ("unit",),
    "services": ("service",),
    "steps": ("service", "step"),
    "demand": ("service", "period", "index"),
    "complaints": ("complaint",),
    "programmes": ("programme",),
    "courses": ("course",),
    "hours": ("unit", "regime", "weekday"),
    "closed_days": ("unit", "date"),
    "shifts": ("unit", "shift", "weekday"),
    "work_samples": ("service", "number"),
}
"""Table -> its key: the columns that together identify a row."""

OPTIONAL = ("steps", "hours", "closed_days", "shifts", "work_samples")
"""Tables that may be left out."""

MAY_BE_EMPTY = ("services", "demand", "programmes", *OPTIONAL)
"""Tables that may consist of a heading only: an agency without service units, seasons or programme units."""


@dataclass(frozen=True, slots=True)
class Agency:
    """A local government as the simulation sees it.

    Load one with :func:`sim.agency.load_agency`, make one with :meth:`from_frames`, or change one with :meth:`with_`:
    it is complete and checked.

    Attributes
    ----------
    name : str
        Short code, e.g. ``"gorontalo"``.
    label : str
        Name for people.
    facts, units, services, demand, complaints, programmes, courses, steps : tuple
        One frozen dataclass per row, in file order.
    hours, closed_days, shifts, work_samples : tuple
        The same, of tables that may be left out.
    """

    name: str
    label: str
    facts: tuple[Fact, ...]
    units: tuple[Unit, ...]
    services: tuple[Service, ...]
    demand: tuple[Demand, ...]
    complaints: tuple[Complaint, ...]
    programmes: tuple[Programme, ...]
    courses: tuple[Course, ...]
    steps: tuple[Step, ...] = ()
    hours: tuple[Hours, ...] = ()
    closed_days: tuple[ClosedDay, ...] = ()
    shifts: tuple[Shift, ...] = ()
    work_samples: tuple[WorkSample, ...] = ()

    @classmethod
    def from_frames(cls, frames: Mapping[str, Any]) -> Agency:
        """Make an agency from tables, with the checks that files go through.

        Parameters
        ----------
        frames : mapping of str to DataFrame
            Table -> its rows, with the columns of the files (docs/agency-format.md).

        Raises
        ------
        Problems
            Everything that is wrong, each with table, row (from 0, as in ``iloc``), column, and what to do.

        Examples
        --------
        >>> from sim.agency import load_agency
        >>> agency = load_agency("contoh")
        >>> Agency.from_frames(agency.frames()) == agency
        True
        """
        made: Agency = import_module("sim.agency.frames").from_frames(frames)
        return made

    def frames(self) -> dict[str, Any]:
        """Return the tables as DataFrames, to be looked at, or changed and given to :meth:`from_frames`."""
        frames: dict[str, Any] = import_module("sim.agency.frames").to_frames(self)
        return frames

    def with_(self, **tables: Any) -> Agency:
        """Return the agency with some numbers changed, with the checks that files go through.

        Parameters
        ----------
        **tables : mapping or DataFrame
            Table -> what changes in it, by key: ``units={"dukcapil": {"absence": 0.1}}``, ``agency={"ikm": 80}``,
            ``demand={("*", "hour", 1): {"factor": 1.2}}``; or the table as a whole.

        Raises
        ------
        KinerjaError
            There is no such table, key or column (it names the nearest), or the agency is wrong (everything that is).

        Examples
        --------
        >>> from sim.agency import load_agency
        >>> agency = load_agency("contoh").with_(units={"dukcapil": {"absence": 0.1}}, agency={"name": "mine"})
        >>> agency.name, agency.unit("dukcapil").absence
        ('mine', 0.1)
        """
        made: Agency = import_module("sim.agency.frames").changed(self, tables)
        return made

    def fact(self, key: str) -> float:
        """Return a figure of the agency table, or its default; the KeyError of an unknown one lists what there is."""
        for row in self.facts:
            if row.key == key:
                return float(row.value)
        usual = FIGURES[key].default if key in FIGURES else None
        if usual is not None:
            return float(usual)
        raise KeyError(f"no figure {key!r} in the agency table; it has {sorted(f.key for f in self.facts)}")

    def unit(self, code: str) -> Unit:
        """Return the unit with this code; the KeyError of an unknown one lists what there is."""
        for row in self.units:
            if row.unit == code:
                return row
        raise KeyError(f"no unit {code!r}; there are {[u.unit for u in self.units]}")

    def services_of(self, unit: str) -> tuple[Service, ...]:
        """Return the services of a unit, in file order."""
        return tuple(s for s in self.services if s.unit == unit)

    def steps_of(self, service: str) -> tuple[Step, ...]:
        """Return the steps of a service, in file order; none where it is one step."""
        return tuple(s for s in self.steps if s.service == service)

    def open_weekdays(self, unit: str) -> tuple[int, ...]:
        """Return the weekdays, 0 Monday to 6 Sunday, on which a unit is open in an ordinary week."""
        own = {row.weekday - 1 for row in self.hours if row.unit == unit and row.regime == "normal"}
        return tuple(sorted(own)) or (0, 1, 2, 3, 4)

    def rows(self, table: str) -> tuple[Any, ...]:
        """Return the rows of a table by its file or sheet name (``"agency"`` are the facts)."""
        return getattr(self, "facts" if table == "agency" else table)

    @property
    def officers(self) -> int:
        """Headcount of all units."""
        return sum(u.officers for u in self.units)
