"""Agencies uploaded in the browser: data alone, checked first; problems name the sheet and cell."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sim.agency import Doubt, check_agency, load_agency
from sim.errors import Message, Problem, Problems, _

if TYPE_CHECKING:
    from sim.agency import Agency

BIGGEST = 20_000_000
"""Bytes of an upload, and of what is packed in it: a thousand times the agencies that ship."""

MEMBERS = 200
"""Files in an archive or a folder."""


@dataclass(frozen=True)
class Upload:
    """A file that came through the browser."""

    name: str
    content: bytes


def agency_from(files: Sequence[Upload]) -> tuple[Agency, list[Problem]]:
    """The agency in an upload.

    Parameters
    ----------
    files : sequence of Upload
        One workbook (.xlsx), one archive (.zip) of a folder of CSV files, or those files themselves.

    Returns
    -------
    agency : Agency
    doubts : list of Problem
        What is odd but not wrong.

    Raises
    ------
    Problems
        With everything wrong; :func:`cell` says where.
    """
    if not files:
        raise Problems([Problem("", None, None, _("there is no file."), _("Choose one."))])
    if sum(len(file.content) for file in files) > BIGGEST:
        raise _refused(files[0].name, _("the file is too large."), _("An agency takes far less than 20 MB."))
    first = files[0]
    kind = PurePosixPath(first.name.lower()).suffix
    with tempfile.TemporaryDirectory() as place:
        if len(files) == 1 and kind == ".xlsx":
            _members(first)  # a workbook is an archive too
            path = Path(place) / _plain(first.name)
            path.write_bytes(first.content)
        elif len(files) == 1 and kind == ".zip":
            path = _folder(_unpacked(first), Path(place))
        elif all(file.name.lower().endswith(".csv") for file in files):
            path = _folder(files, Path(place))
        else:
            do = _("Choose one Excel workbook (.xlsx), one archive (.zip), or the CSV files of one folder.")
            raise _refused(first.name, _("this is not an agency."), do)
        agency = load_agency(path)
        return agency, [problem for problem in check_agency(path) if isinstance(problem, Doubt)]


def cell(problem: Problem) -> str:
    """Where a problem is, as a planner looks for it: ``services!F7``, ``units, baris 3`` has no cell to name.

    Examples
    --------
    >>> cell(Problem("kota.xlsx, sheet units", 3, "pns (F)", "'x' is not a number.", "Write a number."))
    'units!F3'
    >>> cell(Problem("units.csv", 3, "pns", "'x' is not a number.", "Write a number."))
    'units.csv:3 pns'
    >>> cell(Problem("kota.xlsx, sheet units", None, None, "the sheet is missing.", "Add it."))
    'units'
    """
    name, found, sheet = problem.where.partition(", sheet ")
    letter = re.search(r"(?:^|\()([A-Z]{1,3})\)?$", problem.column or "")
    if found and problem.row is not None and letter:
        return f"{sheet}!{letter[1]}{problem.row}"
    place = f"{sheet if found else name}{f':{problem.row}' if problem.row is not None else ''}"
    return f"{place} {problem.column}" if problem.column else place


def _refused(name: str, what: Message, do: Message) -> Problems:
    return Problems([Problem(name, None, None, what, do)])


def _plain(name: str) -> str:
    """The last part of a name, without anything that a file system may take for something else."""
    return re.sub(r"[^\w.-]", "_", PurePosixPath(name.replace("\\", "/")).name).lstrip(".") or "upload"


def _members(file: Upload) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """The files in an archive, refused where there are too many, they are too large, or one would land elsewhere."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(file.content))
    except zipfile.BadZipFile as error:
        do = _(
            "Pack the folder again; for a workbook, open it in Excel and save it as .xlsx without password."
        )
        raise _refused(
            file.name, _("the file cannot be opened: it is damaged or not what its name says."), do
        ) from error
    members = [info for info in archive.infolist() if not info.is_dir()]
    if len(members) > MEMBERS or sum(info.file_size for info in members) > BIGGEST:
        raise _refused(file.name, _("the file holds too much."), _("Keep the tables of one agency alone."))
    for info in members:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            do = _("Pack the folder again, from its own place.")
            raise _refused(file.name, _("a file in the archive would land outside its folder."), do)
    return archive, members


def _unpacked(file: Upload) -> list[Upload]:
    """The CSV files of an archive; nothing is written by the archive's own names."""
    archive, members = _members(file)
    with archive:
        tables = [info for info in members if info.filename.lower().endswith(".csv")]
        folders = {str(PurePosixPath(info.filename).parent) for info in tables}
        if len(folders) > 1:
            raise _refused(
                file.name, _("there are CSV files in more than one folder."), _("Keep one folder.")
            )
        try:
            return [Upload(PurePosixPath(info.filename).name, archive.read(info)) for info in tables]
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            do = _("Pack the folder again, without a password.")
            raise _refused(file.name, _("a file in the archive cannot be read."), do) from error


def _folder(files: Sequence[Upload], place: Path) -> Path:
    path = place / "agency"
    path.mkdir()
    for file in files:
        (path / _plain(file.name)).write_bytes(file.content)
    return path
