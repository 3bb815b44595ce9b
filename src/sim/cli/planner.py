"""``kinerja planner``: a page of sliders for those who plan."""

from __future__ import annotations

import argparse

from sim.errors import _
from sim.language import language

HELP = _("open the planner's page: move a slider, see what it does, take the brief away")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    agency = str(_("name, folder of CSV files, or Excel workbook (default: contoh)"))
    parser.add_argument("agency", metavar=str(_("AGENCY")), nargs="?", default="contoh", help=agency)
    port = str(_("port (default: a free one)"))
    parser.add_argument("--port", type=int, default=0, metavar=str(_("N")), help=port)
    quiet = str(_("do not open a browser; only write the address"))
    parser.add_argument("--no-browser", action="store_true", help=quiet)


def run(args: argparse.Namespace) -> int:
    """Serve the page on this machine alone until interrupted."""
    from sim.agency import load_agency
    from sim.planner.server import serve

    load_agency(args.agency)  # what is wrong with it is reported here, not in the browser
    serve(args.agency, lang=language(), port=args.port, browser=not args.no_browser, tell=_tell)
    return 0


def _tell(address: str) -> None:
    print(_("Address: {address}", address=address), flush=True)
    print(_("Close with Ctrl-C."), flush=True)
