"""Agencies as frozen, checked data, read from and written to CSV folders or Excel workbooks."""

from sim.agency.columns import STATUSES
from sim.agency.demand import Profile, profile
from sim.agency.desks.duty import implied_utilisation
from sim.agency.desks.hours import calendar_of
from sim.agency.doubt import Doubt
from sim.agency.full import full_makassar
from sim.agency.load import agencies, check_agency, load_agency
from sim.agency.provenance import provenance
from sim.agency.spec import (
    CHANNELS,
    DOMAINS,
    KEYS,
    NEEDS,
    TABLES,
    Agency,
    ClosedDay,
    Complaint,
    Course,
    Demand,
    Fact,
    Hours,
    Programme,
    Service,
    Shift,
    Unit,
    WorkSample,
)
from sim.agency.staffing import daily_work, eligibility
from sim.agency.write import write_agency, write_template

__all__ = [
    "CHANNELS",
    "DOMAINS",
    "KEYS",
    "NEEDS",
    "STATUSES",
    "TABLES",
    "Agency",
    "ClosedDay",
    "Complaint",
    "Course",
    "Demand",
    "Doubt",
    "Fact",
    "Hours",
    "Profile",
    "Programme",
    "Service",
    "Shift",
    "Unit",
    "WorkSample",
    "agencies",
    "calendar_of",
    "check_agency",
    "daily_work",
    "eligibility",
    "full_makassar",
    "implied_utilisation",
    "load_agency",
    "profile",
    "provenance",
    "write_agency",
    "write_template",
]
