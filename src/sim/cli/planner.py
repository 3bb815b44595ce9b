"""``kinerja planner``: a page of sliders for those who plan."""

from __future__ import annotations

import argparse

from sim.language.talk import Talk

HELP = (
    "buka halaman perencana: geser, lihat dampaknya, unduh ringkasannya",
    "open the planner's page: move a slider, see what it does, take the brief away",
)


def add(parser: argparse.ArgumentParser, talk: Talk) -> None:
    """Declare the arguments."""
    agency = talk(
        "nama, folder CSV, atau buku kerja Excel (bawaan: contoh)",
        "name, folder of CSV files, or Excel workbook (default: contoh)",
    )
    parser.add_argument("agency", metavar="AGENCY", nargs="?", default="contoh", help=agency)
    port = talk("porta (bawaan: yang bebas)", "port (default: a free one)")
    parser.add_argument("--port", type=int, default=0, metavar=talk("BILANGAN", "N"), help=port)
    quiet = talk(
        "jangan buka peramban; tulis alamatnya saja", "do not open a browser; only write the address"
    )
    parser.add_argument("--no-browser", action="store_true", help=quiet)


def run(args: argparse.Namespace, talk: Talk) -> int:
    """Serve the page on this machine alone until interrupted."""
    from sim.agency import load_agency
    from sim.planner.server import serve

    load_agency(args.agency)  # what is wrong with it is told here, not in the browser
    serve(args.agency, lang=talk.lang, port=args.port, browser=not args.no_browser, tell=_tell(talk))
    return 0


def _tell(talk: Talk):  # type: ignore[no-untyped-def]
    def told(address: str) -> None:
        print(talk(f"Alamat: {address}", f"Address: {address}"), flush=True)
        print(talk("Tutup dengan Ctrl-C.", "Close with Ctrl-C."), flush=True)

    return told
