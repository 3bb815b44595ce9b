"""Agencies as frozen, checked data, read from and written to CSV folders or Excel workbooks."""

from sim.agency.check_steps import problems_of
from sim.agency.columns import STATUSES
from sim.agency.demand import Profile, profile
from sim.agency.doubt import Doubt
from sim.agency.full import full_makassar
from sim.agency.load import agencies, check_agency, load_agency
from sim.agency.provenance import provenance
from sim.agency.routes import Flow, flow, route, routes_of
from sim.agency.spec import (
    CHANNELS,
    DOMAINS,
    KEYS,
    NEEDS,
    TABLES,
    Agency,
    Complaint,
    Course,
    Demand,
    Fact,
    Programme,
    Service,
    Step,
    Unit,
)
from sim.agency.staffing import daily_work, eligibility, implied_utilisation
from sim.agency.write import write_agency, write_template

__all__ = [
    "CHANNELS",
    "DOMAINS",
    "KEYS",
    "NEEDS",
    "STATUSES",
    "TABLES",
    "Agency",
    "Complaint",
    "Course",
    "Demand",
    "Doubt",
    "Fact",
    "Flow",
    "Profile",
    "Programme",
    "Service",
    "Step",
    "Unit",
    "agencies",
    "check_agency",
    "daily_work",
    "eligibility",
    "flow",
    "full_makassar",
    "implied_utilisation",
    "load_agency",
    "problems_of",
    "profile",
    "provenance",
    "route",
    "routes_of",
    "write_agency",
    "write_template",
]
