"""What the planner's notebook runs: the page, made ready before anybody asks for it where the server lets it."""

from __future__ import annotations

import os
from collections.abc import Callable

from sim.planner.page import Page
from sim.planner.plans import AGENCY, LANGUAGE


def open_page() -> Page:
    """The page with the options of ``kinerja planner``; its kernel was started ahead of time."""
    page = Page(os.environ.get(AGENCY) or "contoh", visited=_visited(), lang=os.environ.get(LANGUAGE) or "id")
    page.show()
    return page


def _visited() -> Callable[[], None] | None:
    """What waits for a browser in a kernel that Voila started before there was one; None in any other."""
    if os.environ.get("VOILA_PREHEAT") != "True":
        return None
    from voila.utils import wait_for_request

    return wait_for_request
