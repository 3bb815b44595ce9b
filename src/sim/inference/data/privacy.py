"""Keep personal data out of an analysis: on import they are refused, or replaced by pseudonyms.

Recognised are NIP (18 digits that begin with a birth date), NIK (16 digits with a birth date inside), NPWP, e-mail
addresses, Indonesian mobile numbers and columns of names; single values by `sim.privacy`. No value is ever quoted:
messages name columns and rows only.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.errors import KinerjaError, Message, Problem, Problems, _
from sim.inference.data.checks import require_columns
from sim.privacy import LARGEST_EXACT, is_plain_name, is_titled_name, personal_number
from sim.tables import as_text

KEYS = "KINERJA_KEYS"  # environment variable: folder of the keys
PSEUDONYM = re.compile(r"p_[0-9a-f]{16}")
PIECE = 600
"""Characters that are looked at together; pieces of longer texts overlap."""
_MAY_HOLD = re.compile(
    r"\d(?:\D{0,3}\d){8}|@|\(at\)|\[at\]|\d[eE]\+?1[57]", re.IGNORECASE
)  # worth a closer look
_LONG = re.compile(r"\d(?:[ .\-]?\d){8,}")
_NAME_HEADING = re.compile(r"(?:^|[_\s])(?:nama|name)(?:$|[_\s])", re.IGNORECASE)
_NOT_A_PERSON = re.compile(
    r"unit|opd|dinas|instansi|jabatan|layanan|service|kota|kab|unor|organi[sz]|agency|office\\b|file|activity|"
    r"posisi|program|kegiatan|pelatihan|course|event|competition|kriteria|criterion",
    re.IGNORECASE,
)
_ID_HEADING = re.compile(
    r"(?:^|[_\s.])(nip|nik|no_?ktp|ktp|npwp|email|e-mail|telp|telepon|no_?hp|hp|phone|wa)(?:$|[_\s.])",
    re.IGNORECASE,
)
_PERSON_HEADING = re.compile(
    r"pegawai|penilai|dinilai|atasan|rekan|bawahan|officer|rater|ratee|employee|staff|judge", re.IGNORECASE
)

KINDS: dict[str, Message] = {
    "nip": _("The column holds NIP (employee numbers with a birth date)."),
    "nik": _("The column holds NIK (identity card numbers)."),
    "npwp": _("The column holds NPWP (tax numbers)."),
    "email": _("The column holds e-mail addresses."),
    "phone": _("The column holds telephone numbers."),
    "name": _("The column holds names of persons."),
}
"""Kinds of personal data, and what is said of a column that holds them."""


def personal_columns(frame: pd.DataFrame, persons: Sequence[str] = ()) -> dict[str, str]:
    """Return the columns that hold personal data, with the kind: nip, nik, npwp, email, phone or name.

    Parameters
    ----------
    frame : DataFrame
    persons : sequence of str
        Columns known to identify persons (ratee, rater): there a single first name is a name too.

    Returns
    -------
    dict of str to str
        Column names and keys of `KINDS`.

    Examples
    --------
    >>> personal_columns(pd.DataFrame({"id": ["198001012005011001"], "score": [3]}))
    {'id': 'nip'}
    """
    kinds = {}
    for position, column in enumerate(frame.columns):
        kind = _kind(frame.iloc[:, position], str(column), column in persons)
        if kind is not None:
            kinds[str(column)] = kind
    return kinds


def refuse_personal(
    frame: pd.DataFrame,
    where: str = "data",
    persons: Sequence[str] = (),
    *,
    rows: npt.NDArray[np.int64] | None = None,
) -> None:
    """Refuse a frame with personal data in a column or a heading, see `personal_columns`; no value is shown.

    Parameters
    ----------
    frame : DataFrame
    where : str
        File or sheet, for messages.
    persons : sequence of str
        Columns known to identify persons.
    rows : int array, optional
        Row of every line as the user counts it; by default the heading is row 1 and no row is empty.

    Raises
    ------
    Problems
    """
    problems = []
    for position, heading in enumerate(map(str, frame.columns), start=1):
        if personal_number(heading) or is_titled_name(heading):
            what = _(
                "The heading of column {position} holds a number or a name of a person.", position=position
            )
            problems.append(Problem(where, 1, None, what, _("Give the column another heading.")))
    if problems:
        raise Problems(problems)
    for column, kind in personal_columns(frame, persons).items():
        first = _first_row(frame.iloc[:, list(map(str, frame.columns)).index(column)])
        row = first if rows is None else int(rows[first - 2])
        do = _(
            "Replace it by pseudonyms (command: --pseudonymise COLUMN --project NAME; Python: "
            "pseudonyms=[...], project=...), or leave it out."
        )
        problems.append(Problem(where, row, column, KINDS[kind], do))
    if problems:
        raise Problems(problems)


def pseudonymise(frame: pd.DataFrame, columns: Sequence[str], project: str) -> pd.DataFrame:
    """Replace identities by keyed pseudonyms that are stable within a project.

    Parameters
    ----------
    frame : DataFrame
    columns : sequence of str
        Columns of identities. The same person gets the same pseudonym in every column and file of the project.
    project : str
        Name of the project. Its key is made on first use and kept in the user's configuration folder, outside the
        data; without it nobody can link pseudonyms back to persons, or across projects.

    Returns
    -------
    DataFrame
        A copy; pseudonyms look like ``p_3f0c...``. Missing stays missing.

    Raises
    ------
    KinerjaError
        A column is absent, or holds long numbers that a spreadsheet has rounded.
    """
    require_columns(frame, columns)
    key = project_key(project)
    out = frame.copy()
    for column in columns:
        if pd.api.types.is_float_dtype(out[column]) and (out[column].abs() > LARGEST_EXACT).any():
            raise KinerjaError(
                _(
                    "Column {column}: long numbers were stored as numbers and lost their last digits, so "
                    "different persons may look the same. Format the column as text in the spreadsheet "
                    "and export it again.",
                    column=column,
                )
            )
        names = {v: _pseudonym(v, key) for v in out[column].dropna().unique()}
        out[column] = out[column].astype(object).map(names).astype("str")
    return out


def project_key(project: str) -> bytes:
    """Return the project's secret key (32 bytes), made on first use in a file that only the user can read.

    Raises
    ------
    KinerjaError
        A name that cannot be a file name, a damaged key, a folder that cannot be written to.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", project):
        raise KinerjaError(
            _("A project is named with letters, digits, dots, dashes and underscores, 64 at most.")
        )
    folder = _key_folder()
    path = folder / f"{project}.key"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        if len(key) != 32:
            raise KinerjaError(
                _("The key of project {project} is damaged: {path}.", project=project, path=path)
            ) from None
        return key
    except OSError as error:
        raise KinerjaError(
            _(
                "The key of project {project} cannot be kept in {folder}. Set {keys} to a folder.",
                project=project,
                folder=folder,
                keys=KEYS,
            )
        ) from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    return project_key(project)


def _key_folder() -> Path:
    named = os.environ.get(KEYS)
    if named:
        return Path(named)
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA", Path.home() / "AppData" / "Roaming"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config"))
    return base / "kinerja-lab" / "keys"


def _pseudonym(value: object, key: bytes) -> str:
    text = as_text(value)
    squeezed = re.sub(r"[ .\-]", "", text)
    plain = squeezed if squeezed.isdigit() else " ".join(text.split()).casefold()
    return "p_" + hashlib.blake2b(plain.encode(), key=key, digest_size=8).hexdigest()


def _kind(column: pd.Series, heading: str, person: bool) -> str | None:
    values = column.dropna()
    if values.empty or pd.api.types.is_bool_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return None
    whole = pd.api.types.is_numeric_dtype(column)
    if whole and float(values.abs().max()) < 1e8:
        return None
    texts = [as_text(v) for v in values.unique()]
    texts = [t for t in texts if not PSEUDONYM.fullmatch(t)]
    if any(len(t) > PIECE for t in texts):  # patterns take the square of a text's length
        texts = [t[k : k + PIECE] for t in texts for k in range(0, len(t), PIECE - 60)]
    if not texts:
        return None
    near = [t for t in texts if len(t) >= 6 and _MAY_HOLD.search(t)]
    kinds = Counter(personal_number(t) for t in near)
    foreign = sum(1 for t in near if len(re.sub(r"\D", "", t)) == 16 and personal_number(t) != "nik")
    if kinds["nip"]:
        return "nip"
    if kinds["nik"] and kinds["nik"] >= foreign:  # one of forty other numbers of 16 digits looks like a NIK
        return "nik"
    if kinds["email"] or kinds["npwp"]:
        return "email" if kinds["email"] else "npwp"
    named = _ID_HEADING.search(heading)
    phones = kinds["phone"]
    if phones and (not whole or named or phones >= 0.5 * len(texts)):
        return "phone"
    if named and any(_LONG.search(t) for t in near):
        kind = named.group(1).lower()
        return kind if kind in ("nip", "nik", "npwp") else "nik" if "ktp" in kind else "phone"
    return None if whole else _name(texts, heading, person)


def _name(texts: list[str], heading: str, person: bool) -> str | None:
    if sum(1 for t in texts if len(t) > 4 and is_titled_name(t)) >= max(1.0, 0.05 * len(texts)):
        return "name"
    if person and sum(1 for t in texts if is_plain_name(t)) >= 0.5 * len(texts):
        return "name"
    if person or _NOT_A_PERSON.search(heading):
        return None
    letters = sum(1 for t in texts if re.fullmatch(r"[^\W\d_][^\d_]*", t))
    if _NAME_HEADING.search(heading) and letters >= 0.5 * len(texts):
        return "name"
    if not _PERSON_HEADING.search(heading):
        return None
    full = sum(1 for t in texts if " " in t and is_plain_name(t))
    return "name" if full >= 0.5 * len(texts) else None


def _first_row(column: pd.Series) -> int:
    """Return the first filled row as the user counts it: the heading is row 1."""
    return int(column.notna().to_numpy().argmax()) + 2
