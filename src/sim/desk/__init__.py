"""The service desk of one unit: compiled, and proven equal to a reference on SimPy."""

from sim.desk.desk import Desk, warm
from sim.desk.kernel import COMPLAINT_BIT, DISCARDED, DONE, LEFT, LOST, NEVER
from sim.desk.records import Cases, Jobs, Queues, Requests

__all__ = [
    "COMPLAINT_BIT",
    "DISCARDED",
    "DONE",
    "LEFT",
    "LOST",
    "NEVER",
    "Cases",
    "Desk",
    "Jobs",
    "Queues",
    "Requests",
    "warm",
]
