"""Where the project's data lie, in a checkout and in an installed package."""

from __future__ import annotations

import os
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[2]


def data_dir() -> Path:
    """The folder of agencies, evidence, regulation, policies and studies that ship with the project."""
    packaged = Path(__file__).resolve().parent / "_data"
    return packaged if packaged.is_dir() else _CHECKOUT / "data"


def shared_data() -> Path | None:
    """The folder of public reference data (``KINERJA_DATA``, or beside the checkout), None where absent."""
    named = os.environ.get("KINERJA_DATA")
    folder = Path(named) if named else _CHECKOUT.parent / "shared" / "data"
    return folder if folder.is_dir() else None
