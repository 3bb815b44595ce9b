"""Keep personal data out of an analysis: on import they are refused, or replaced by pseudonyms.

Recognised are NIP (18 digits that begin with a birth date), NIK (16 digits with a birth date inside), e-mail addresses,
Indonesian mobile numbers and columns of names. No value is ever quoted: messages name columns and rows only.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sim.errors import KinerjaError, Message, Problem, Problems, _
from sim.inference.data.checks import require_columns

KEYS = "KINERJA_KEYS"  # environment variable: folder of the keys
PSEUDONYM = re.compile(r"p_[0-9a-f]{16}")
LARGEST_EXACT = 2**53  # larger whole numbers are rounded when a spreadsheet stores them as numbers

_DIGITS = re.compile(r"(?<!\d)\d(?:[ .\-]?\d){8,18}(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_PHONE = re.compile(r"(?<!\d)(?:\+?62|0)[ .\-]?8[1-9](?:[ .\-]?\d){6,10}(?!\d)")
_TITLED = re.compile(
    r"\b(?:Drs?|Dra|Ir|Hj?|Prof|dr)\.\s|,\s*(?:S|M|A)\.\s?[A-Z]|\b(?:S\.(?:E|H|T|Pd|Sos|Kom|STP|IP|Kep)|M\.(?:Si|M|H|Pd|Kes))\b"
)
_NAME_WORD = r"[A-Z][a-z'’]+|[A-Z]{2,}|[A-Z]\."
_FULL_NAME = re.compile(rf"(?:{_NAME_WORD})(?:\s+(?:bin|binti|{_NAME_WORD})){{1,4}}")
_FIRST_NAME = re.compile(r"[A-Z][a-z'’]{2,}")
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
    "email": _("The column holds e-mail addresses."),
    "phone": _("The column holds telephone numbers."),
    "name": _("The column holds names of persons."),
}
"""Kinds of personal data, and what is said of a column that holds them."""


def personal_columns(frame: pd.DataFrame, persons: Sequence[str] = ()) -> dict[str, str]:
    """Return the columns that hold personal data, with the kind: nip, nik, email, phone or name.

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
    for column in frame.columns:
        kind = _kind(frame[column], str(column), column in persons)
        if kind is not None:
            kinds[str(column)] = kind
    return kinds


def refuse_personal(frame: pd.DataFrame, where: str = "data", persons: Sequence[str] = ()) -> None:
    """Refuse a frame with a column of personal data, see `personal_columns`; no value is shown.

    Parameters
    ----------
    frame : DataFrame
    where : str
        File or sheet, for messages.
    persons : sequence of str
        Columns known to identify persons.

    Raises
    ------
    Problems
    """
    problems = []
    for column, kind in personal_columns(frame, persons).items():
        row = _first_row(frame[column])
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


def as_text(value: object) -> str:
    """Return an identity as text: whole numbers without decimals, no spaces or apostrophe around it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip().lstrip("'")


def _kind(column: pd.Series, heading: str, person: bool) -> str | None:
    values = column.dropna()
    if values.empty or pd.api.types.is_bool_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return None
    whole = pd.api.types.is_numeric_dtype(column)
    if whole and float(values.abs().max()) < 1e8:
        return None
    texts = [as_text(v) for v in values.unique()]
    texts = [t for t in texts if not PSEUDONYM.fullmatch(t)]
    if not texts:
        return None
    numbers = [re.sub(r"\D", "", m.group()) for t in texts for m in _DIGITS.finditer(t)]
    for kind, length, plausible in (("nip", 18, _is_nip), ("nik", 16, _is_nik)):
        long = [n for n in numbers if len(n) == length]
        if long and sum(map(plausible, long)) >= 0.5 * len(long):
            return kind
    if any(_EMAIL.search(t) for t in texts):
        return "email"
    named = _ID_HEADING.search(heading)
    phones = sum(1 for t in texts if _PHONE.search(t))
    if phones and (not whole or named or phones >= 0.5 * len(texts)):
        return "phone"
    if named and numbers:
        kind = named.group(1).lower()
        return kind if kind in ("nip", "nik") else "nik" if "ktp" in kind else "phone"
    return None if whole else _name(texts, heading, person)


def _name(texts: list[str], heading: str, person: bool) -> str | None:
    if sum(1 for t in texts if _TITLED.search(t)) >= max(1.0, 0.05 * len(texts)):
        return "name"
    if person and sum(1 for t in texts if _FIRST_NAME.fullmatch(t) or _FULL_NAME.fullmatch(t)) >= 0.5 * len(
        texts
    ):
        return "name"
    if person or _NOT_A_PERSON.search(heading):
        return None
    letters = sum(1 for t in texts if re.fullmatch(r"[^\W\d_][^\d_]*", t))
    if _NAME_HEADING.search(heading) and letters >= 0.5 * len(texts):
        return "name"
    full = sum(1 for t in texts if _FULL_NAME.fullmatch(t))
    return "name" if _PERSON_HEADING.search(heading) and full >= 0.5 * len(texts) else None


def _is_nip(digits: str) -> bool:
    """Check the parts of a NIP: a plausible date of birth, and a later year of appointment."""
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    return 1930 <= year <= 2015 and 1 <= month <= 12 and 1 <= day <= 31 and int(digits[8:12]) > year


def _is_nik(digits: str) -> bool:
    """Check the parts of a NIK: a province code, and a date of birth (women's days are raised by 40)."""
    day, month = int(digits[6:8]), int(digits[8:10])
    return 11 <= int(digits[:2]) <= 99 and (1 <= day <= 31 or 41 <= day <= 71) and 1 <= month <= 12


def _first_row(column: pd.Series) -> int:
    """Return the first filled row as the user counts it: the heading is row 1."""
    return int(column.notna().to_numpy().argmax()) + 2
