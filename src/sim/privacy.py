"""Recognise personal data in a single text: NIP, NIK, NPWP, e-mail addresses, telephone numbers, names.

Identity numbers are recognised by what they are made of (a birth date, a province, a year of appointment), not by
their length alone, so that ticket numbers and time stamps pass. Nothing here keeps or repeats a value.

Formats: NIP, 18 digits: birth date, year and month of appointment (PPPK: a code from 21), sex, serial number. NIK, 16
digits: province, regency, district, birth date with 40 added to a woman's day, serial number. NPWP, 15 digits printed
as ``99.999.999.9-999.999``, or a NIK. Written from common knowledge; the rules that set the formats were not read.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator

PROVINCES = frozenset(
    [*range(11, 20), 21, *range(31, 37), 51, 52, 53, *range(61, 66), *range(71, 77), 81, 82, *range(91, 98)]
)
"""Codes of the provinces, with which a NIK begins."""

LARGEST_EXACT = 2**53
"""Larger whole numbers are rounded when a spreadsheet stores them as numbers."""

_GAP = r"[\s.\-/_'|,;]{0,3}"
_RUN = re.compile(rf"\d(?:{_GAP}\d){{13,}}")
_EXPONENT = re.compile(r"(?<![\w.,])(\d)[.,](\d{1,17})[eE]\+?(1[57])(?!\w)")
_EMAIL = re.compile(
    r"[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}\.[^\W\d_]{2,24}", re.IGNORECASE
)
_PHONE = re.compile(
    r"(?<![\d.,])(?:(?:\(?\+?\s?62\)?|\(?0062\)?)[\s.\-]{0,2}\(?(?:0\)?[\s.\-]?)?|\(?0)"  # country, or zero
    r"8[1-9]\d?\d?\)?(?:[\s.\-]{0,2}\d){6,10}(?![\d])"  # mobile prefix and the rest
)
_NPWP = re.compile(r"(?<!\d)\d{2}\.\d{3}\.\d{3}\.\d\s?-\s?\d{3}\.\d{3}(?!\d)")

_DEGREES = (
    r"S\.?\s?(?:E|H|T|P|Pd|Pd\.?I|Sos|Kom|STP|IP|Kep|Ag|Hut|Pt|Si|Psi|Ked|Farm|Gz|KM|Stat|TP|AP|IKom|I\.Kom|Pi|Ak|Hum|Ds|ST|SiT)"
    r"|M\.?\s?(?:Si|M|H|T|Pd|Kes|Kom|AP|Sc|Hum|Ag|E|P|Eng|IP|A|MA|Epid|Farm|Psi|Kn|PH|Ec\.?Dev|Pd\.?I)"
    r"|A\.?\s?Md(?:\.?\s?\w+)?|Sp\.?\s?\w{1,3}|Ph\.?\s?D|MBA|MPA|MPP|Ns|Apt"
)
_TITLE_BEFORE = re.compile(
    r"(?:^|[\s,;:(/])(?:Drs|Dra|Dr|Ir|Prof|dr|drg|drh|H|Hj|KH|Ust|Ustadz|R|Rd|Tgk|Teuku|Cut)\.\s?(?=[^\W\d_]{2})",
    re.IGNORECASE,
)
_TITLE_WORD = re.compile(
    r"(?:^|[\s,;:(/])(?:Drs|Dra|Bapak|Bpk|Ibu|Sdr|Sdri)\.?\s(?=[^\W\d_]{2})", re.IGNORECASE
)
_DEGREE_AFTER = re.compile(rf"[^\W\d_]{{2,}}\s*,\s*(?:{_DEGREES})\b\.?", re.IGNORECASE)
_DEGREE_DOTTED = re.compile(
    r"[^\W\d_]{3,}\s+(?:S\.(?:E|H|T|Pd|Sos|Kom|STP|IP|Kep|Ag)|M\.(?:Si|M|H|Pd|Kes|Kom|AP))\b"
)

_POST_WORDS = frozenset(
    {
        "analis",
        "arsiparis",
        "asisten",
        "atasan",
        "auditor",
        "badan",
        "bagian",
        "bawahan",
        "bendahara",
        "bidan",
        "bidang",
        "bupati",
        "camat",
        "dinas",
        "dinilai",
        "direktur",
        "diri",
        "dokter",
        "gubernur",
        "guru",
        "inspektorat",
        "inspektur",
        "kabag",
        "kabid",
        "kadis",
        "kantor",
        "kasi",
        "kasubag",
        "kecamatan",
        "kelompok",
        "kelurahan",
        "kepala",
        "kepegawaian",
        "kesehatan",
        "ketua",
        "keuangan",
        "koordinator",
        "layanan",
        "loket",
        "lurah",
        "manajer",
        "masyarakat",
        "operator",
        "pamong",
        "pejabat",
        "pelaksana",
        "penanggung",
        "pendidikan",
        "pengawas",
        "penilai",
        "penyuluh",
        "perawat",
        "petugas",
        "pihak",
        "polisi",
        "praja",
        "program",
        "puskesmas",
        "rekan",
        "responden",
        "rumah",
        "sakit",
        "satuan",
        "sejawat",
        "sekda",
        "sekdis",
        "sekretariat",
        "sekretaris",
        "seksi",
        "sendiri",
        "staf",
        "staff",
        "subbagian",
        "supervisor",
        "teknis",
        "tim",
        "umum",
        "unit",
        "verifikator",
        "wakil",
        "walikota",
        "warga",
    }
)
"""Words of posts, offices and roles: a text made of them names no person."""


def shown_as_text(value: object) -> str:
    """Return a cell as text: whole numbers without decimals, compatibility characters as plain ones.

    Examples
    --------
    >>> shown_as_text(1234.0)
    '1234'
    """
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return str(int(value))
    text = unicodedata.normalize("NFKC", str(value))
    text = re.sub(r"[\u200b-\u200f\u2060\ufeff\u00ad]", "", text)  # characters without width
    return re.sub(r"[\u2010-\u2015\u2212]", "-", text).replace("’", "'").strip().lstrip("'")


def personal_number(value: object) -> str | None:
    """Return what kind of identity a cell holds: "nip", "nik", "npwp", "email" or "phone"; None where there is none.

    Parameters
    ----------
    value : object
        A cell: text, or a number as a spreadsheet stores it.

    Examples
    --------
    >>> personal_number("NIP. 19800101 " + "200501 1 001")
    'nip'
    >>> personal_number("ticket 2026-000123")
    """
    if isinstance(value, bool) or value is None:
        return None
    rounded = isinstance(value, (int, float)) and abs(value) > LARGEST_EXACT
    text = shown_as_text(value)
    for run in _RUN.finditer(text):
        numbers = list(_windows(run.group()))
        if any(len(digits) == 18 and is_nip(digits, rounded=rounded) for digits in numbers):
            return "nip"
        if any(len(digits) == 16 and is_nik(digits) for digits in numbers):
            return "nik"
    for lead, rest, exponent in _EXPONENT.findall(text):
        if (
            exponent == "17"
            and lead in "12"
            and is_nip((lead + rest).ljust(18, "0"), rounded=True, known=1 + len(rest))
        ):
            return "nip"
        if exponent == "15" and len(rest) >= 9 and is_nik((lead + rest).ljust(16, "0")):
            return "nik"
    if _EMAIL.search(text):
        return "email"
    if _NPWP.search(text):
        return "npwp"
    return "phone" if _PHONE.search(text) else None


def _windows(run: str) -> Iterator[str]:
    """Yield the numbers of 16 and 18 digits in at most five groups, as identities are printed (6 6 4, 8 6 1 3, ...)."""
    groups = re.findall(r"\d+", run)
    for first in range(len(groups)):
        digits = ""
        for group in groups[first : first + 5]:
            digits += group
            if len(digits) in (16, 18) and len(group) >= 3:
                yield digits


def is_nip(digits: str, *, rounded: bool = False, known: int = 18) -> bool:
    """Whether 18 digits can be a NIP: a birth date, an appointment at the age of 16 to 70, a sex.

    Parameters
    ----------
    digits : str
    rounded : bool
        The last digits were lost in a spreadsheet: sex and serial number are not looked at.
    known : int
        Digits that are known; the date is looked at as far as they go.
    """
    year = int(digits[:4])
    if known < 8:
        return 193 <= int(digits[:3]) <= 201
    if not (1930 <= year <= 2015 and _is_date(int(digits[4:6]), int(digits[6:8]))):
        return False
    if known < 14:
        return True
    appointed, month = int(digits[8:12]), int(digits[12:14])
    if not (16 <= appointed - year <= 70 and (1 <= month <= 12 or 21 <= month <= 59)):
        return False
    return rounded or digits[14] in "12"


def is_nik(digits: str) -> bool:
    """Whether 16 digits can be a NIK: a province, and a birth date in which women's days are raised by 40."""
    day, month = int(digits[6:8]), int(digits[8:10])
    return int(digits[:2]) in PROVINCES and _is_date(month, day - 40 if day > 40 else day)


def _is_date(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= (29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31)


def is_titled_name(text: str) -> bool:
    """Whether a text has a title or a degree, as names of persons are written, in any case of letters.

    Examples
    --------
    >>> is_titled_name("Drs. Contoh Saja, M.Si."), is_titled_name("Kepala Dinas")
    (True, False)
    """
    text = shown_as_text(text)
    return any(
        pattern.search(text) is not None
        for pattern in (_TITLE_BEFORE, _TITLE_WORD, _DEGREE_AFTER, _DEGREE_DOTTED)
    )


def is_plain_name(text: str) -> bool:
    """Whether a text could be the name of a person: one to six words of letters, none of a post or an office.

    It says no to codes: up to three characters, anything with a digit or an underscore.

    Examples
    --------
    >>> [is_plain_name(t) for t in ("contoh saja", "MISAL", "Kepala Dinas", "P01", "AB")]
    [True, True, False, False, False]
    """
    text = shown_as_text(text)
    if len(text) <= 3 or re.search(r"[\d_@#=+]", text):
        return False
    words = re.split(r"[\s/,]+", text)
    if not 1 <= len(words) <= 6 or not all(
        re.fullmatch(r"[^\W\d_][^\W\d_.'’\-]*[.'’\-]?[^\W\d_]*\.?", w) for w in words if w
    ):
        return False
    return not any(w.strip(".").casefold() in _POST_WORDS for w in words)
