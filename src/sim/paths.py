"""Where the project's data lie, and how a file is written whole or not at all."""

from __future__ import annotations

import os
import uuid
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


def beside(path: Path) -> Path:
    """A name nobody else uses, on the same disk, so that a rename is all it takes.

    Examples
    --------
    >>> beside(Path("results/x")).name.startswith(".x-")
    True
    """
    return path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}")


def write_whole(path: str | Path, content: str | bytes, *, durable: bool = True) -> Path:
    """Write a file, or replace it, at once: whoever looks finds the old content or the new, never a part.

    Parameters
    ----------
    path : path
        Its folder must be there.
    content : str or bytes
        Text is written as UTF-8 with line ends as they are.
    durable : bool
        Wait until the content is on the disk, so that it also outlives a power cut. False where a lost file is
        noticed and can be made again.

    Raises
    ------
    OSError
        As :func:`open` does; nothing is left behind, and what was there before is untouched.
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
