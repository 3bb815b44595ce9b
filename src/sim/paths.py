"""Where the project's data are, and how to write a file completely or not at all."""

from __future__ import annotations

import csv
import os
import uuid
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[2]


def data_dir() -> Path:
    """Return the folder of agencies, evidence, regulation, policies and studies that ship with the project."""
    packaged = Path(__file__).resolve().parent / "_data"
    return packaged if packaged.is_dir() else _CHECKOUT / "data"


def data_table(*path: str) -> list[dict[str, str]]:
    """Read a CSV table of the data folder: one mapping per row, column -> text; a missing file raises OSError.

    Examples
    --------
    >>> data_table("calendar", "hours.csv")[0]["regime"]
    'normal'
    """
    with data_dir().joinpath(*path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shared_data() -> Path | None:
    """Return the folder of public reference data (``KINERJA_DATA``, or beside the checkout), None where absent."""
    named = os.environ.get("KINERJA_DATA")
    folder = Path(named) if named else _CHECKOUT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


def beside(path: Path) -> Path:
    """Return an unused name in the same folder, so that the new file only has to be renamed.

    Examples
    --------
    >>> beside(Path("results/x")).name.startswith(".x-")
    True
    """
    return path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}")


def write_whole(path: str | Path, content: str | bytes, *, durable: bool = True) -> Path:
    """Write or replace a file in one step: readers see the old content or the new, never a part.

    Parameters
    ----------
    path : path
        Its folder must exist.
    content : str or bytes
        Text is written as UTF-8 with line ends as they are.
    durable : bool
        Wait until the content is on the disk, so that it also survives a power cut. False where a lost file is
        detected and can be made again.

    Raises
    ------
    OSError
        As :func:`open` does; nothing is left behind, and an existing file is untouched.
    """
    path = Path(path)
    new = beside(path)
    try:
        with open(new, "xb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(new, path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    return path
