"""``kinerja agencies``: the agencies that ship."""

from __future__ import annotations

import argparse

from sim.language.talk import Talk

HELP = ("daftar pemerintah daerah yang tersedia", "list the local governments that ship")


def add(parser: argparse.ArgumentParser, talk: Talk) -> None:
    """It has no arguments of its own."""


def run(args: argparse.Namespace, talk: Talk) -> int:
    """Print a line an agency."""
    from sim.agency import agencies
    from sim.language.numbers import number

    table = agencies()
    width = max(len(name) for name in table["name"])
    for row in table.to_dict("records"):
        units, officers = (number(row[key], 0, lang=talk.lang) for key in ("units", "officers"))
        counted = talk(f"{units} unit, {officers} pegawai", f"{units} units, {officers} officers")
        print(f"{row['name']:{width}}  {row['label']}: {counted}, IKM {number(row['ikm'], lang=talk.lang)}")
    return 0
