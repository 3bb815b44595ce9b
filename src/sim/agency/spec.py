"""What an agency is: one frozen dataclass a table, one field a column.

The metadata of each field (unit, range, note in both languages, example) is the single description of
the data: reading, checking, templates and docs/agency-format.md are all derived from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.agency.columns import column, fraction, name_en, name_id, origin, standing

DOMAINS = ("technical", "ict", "communication", "time")
NEEDS = ("speed", "accuracy", "courtesy", "access")
CHANNELS = ("counter", "file", "online")
PERIODS = {"month": 12, "weekday": 5, "hour": 8, "after_lebaran": 12}
"""Kinds of demand period -> how many there are; each is counted from 1 (weekday 1 is Monday)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A figure about the agency as a whole: headcounts, population, budget, IKM."""

    key: str = column("nama angka", "name of the figure", example="population", code=True)
    value: str = column("nilai", "value", example="1400000")
    unit: str = column("satuan", "unit", example="persons")
    source: str = origin()
    status: str = standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """An office of the agency, with officers and a supervisor."""

    unit: str = column("kode unit", "code of the unit", example="dukcapil", code=True)
    label_id: str = name_id("Dinas Kependudukan dan Pencatatan Sipil")
    label_en: str = name_en("Population registry")
    kind: str = column(
        "service: melayani warga; programme: mengelola program",
        "service: serves citizens; programme: runs a programme",
        example="service",
        choices=("service", "programme"),
    )
    sector: str = column(
        "bidang",
        "sector",
        example="population",
        choices=("population", "health", "personnel", "education", "social"),
    )
    pns: int = column("jumlah PNS", "permanent officers (PNS)", example=9, unit="persons", low=0, high=5000)
    pppk: int = column("jumlah PPPK", "contract officers (PPPK)", example=4, unit="persons", low=0, high=5000)
    retiring: float = fraction("PNS yang pensiun", "PNS who retire", 0.034, high=0.5, unit="a year")
    absence: float = fraction(
        "bagian hari kerja tidak hadir, dengan atau tanpa izin",
        "share of working days absent, excused or not",
        0.1,
        high=0.6,
        unit="share",
    )
    ikm: float = column(
        "IKM terakhir", "latest satisfaction index", example=81.0, unit="IKM", low=25, high=100
    )
    utilisation: float | None = column(
        "kesibukan loket pada hari biasa; kosong: dihitung dari permintaan dan petugas",
        "how busy the desk is on an ordinary day; empty: follows from demand and staff",
        example=0.85,
        unit="share",
        low=0.05,
        high=1.5,
        default=None,
    )
    speed: float = fraction("bobot kebutuhan: kecepatan", "weight of need: speed", 0.35, default=0.35)
    accuracy: float = fraction("bobot kebutuhan: ketepatan", "weight of need: accuracy", 0.3, default=0.3)
    courtesy: float = fraction("bobot kebutuhan: kesopanan", "weight of need: courtesy", 0.2, default=0.2)
    access: float = fraction("bobot kebutuhan: akses", "weight of need: access", 0.15, default=0.15)
    source: str = origin()
    status: str = standing()

    @property
    def officers(self) -> int:
        """Headcount of the unit, its supervisor included."""
        return self.pns + self.pppk


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something citizens ask of a service unit."""

    service: str = column("kode layanan", "code of the service", example="ktp", code=True)
    unit: str = column("kode unit layanan", "code of its service unit", example="dukcapil", code=True)
    label_id: str = name_id("KTP elektronik")
    label_en: str = name_en("Electronic identity card")
    channel: str = column(
        "counter: warga menunggu di loket; file: berkas lintas hari; online: daring",
        "counter: the citizen waits in the room; file: work that lasts across days; online",
        example="counter",
        choices=CHANNELS,
    )
    demand: float = column(
        "permintaan pada hari kerja biasa (semua faktor 1)",
        "requests on an ordinary working day (all factors 1)",
        example=100,
        unit="requests/day",
        low=0.01,
        high=20000,
    )
    work: float = column(
        "menit kerja rata-rata", "mean work content", example=18, unit="minutes", low=0.1, high=10000
    )
    work_cv: float = column(
        "koefisien variasi menit kerja", "coefficient of variation of the work", example=1, low=0, high=3
    )
    error: float = column(
        "peluang salah sehingga harus diulang",
        "probability of an error that must be done again",
        example=0.08,
        unit="share",
        low=0.0001,
        high=0.6,
    )
    staff: int = column(
        "banyak petugas yang melayani layanan ini",
        "officers who serve it",
        example=6,
        unit="persons",
        low=1,
        high=5000,
    )
    priority: int = column(
        "kelas antrean; 0 didahulukan", "queue class; 0 goes first", example=1, low=0, high=9
    )
    expected_wait: float = column(
        "menit kerja menunggu yang dianggap wajar oleh warga",
        "working minutes of waiting that citizens expect",
        example=30,
        unit="minutes",
        low=0,
        high=100000,
    )
    patience: float | None = column(
        "rata-rata menit sebelum warga pergi; kosong: tidak pergi",
        "mean minutes before citizens give up; empty: they never do",
        example=180,
        unit="minutes",
        low=1,
        high=1000000,
        default=None,
    )
    returns: float = fraction(
        "bagian yang kembali bila disuruh pulang saat tutup",
        "share who return when sent home at closing",
        0.8,
        default=0.8,
    )
    rework_days: float = column(
        "hari kerja sampai kesalahan kembali",
        "working days until an error comes back",
        example=3,
        unit="days",
        low=0,
        high=60,
        default=3.0,
    )
    technical: float = fraction("bobot keterampilan teknis", "weight of technical skill", 0.4, default=0.4)
    ict: float = fraction("bobot keterampilan TIK", "weight of ICT skill", 0.3, default=0.3)
    communication: float = fraction("bobot komunikasi", "weight of communication", 0.2, default=0.2)
    time: float = fraction("bobot kelola waktu", "weight of time management", 0.1, default=0.1)
    source: str = origin()
    status: str = standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A factor on demand in a month, on a weekday, at an hour, or in a week after Lebaran (Eid)."""

    service: str = column(
        "kode layanan, atau * untuk semua; baris layanan menggantikan baris *",
        "code of the service, or * for all; a service's own row takes the place of the * row",
        example="ktp",
    )
    period: str = column("jenis periode", "kind of period", example="after_lebaran", choices=tuple(PERIODS))
    index: int = column(
        "bulan 1-12, hari kerja 1-5 (1 Senin), perdelapan hari kerja 1-8, minggu 1-12 setelah libur Lebaran",
        "month 1-12, weekday 1-5 (1 Monday), eighth of the working day 1-8, week 1-12 after the Eid holidays",
        example=1,
        low=1,
        high=12,
    )
    factor: float = column("pengali permintaan", "multiplies demand", example=3.4, low=0, high=10)
    source: str = origin()
    status: str = standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A class of complaints, its share, its clock and the work it takes."""

    complaint: str = column("kode kelas pengaduan", "code of the class", example="light", code=True)
    share: float = fraction("bagian pengaduan; jumlahnya 1", "share of complaints; sum is 1", 1.0)
    clock: int = column("batas hari kerja", "working days allowed", example=2, unit="days", low=1, high=365)
    work: float = column("menit kerja", "mean work content", example=30, unit="minutes", low=1, high=100000)
    source: str = origin()
    status: str = standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What a programme unit (a school, a poverty programme) is there for."""

    programme: str = column("kode program", "code of the programme", example="schools", code=True)
    unit: str = column("kode unit program", "code of its programme unit", example="disdik", code=True)
    label_id: str = name_id("Pendampingan sekolah")
    label_en: str = name_en("School support")
    caseload: float = column(
        "kasus per petugas", "cases per officer", example=40, unit="cases/officer", low=0.1, high=100000
    )
    output: float = column(
        "kasus selesai per petugas per triwulan",
        "cases completed per officer and quarter",
        example=25,
        unit="cases/quarter",
        low=0.01,
        high=100000,
    )
    participation: float = fraction("bagian sasaran yang ikut", "share of the target group taking part", 0.6)
    source: str = origin()
    status: str = standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A training course that can be bought."""

    course: str = column("kode pelatihan", "code of the course", example="ict-classroom", code=True)
    label_id: str = name_id("Pelatihan TIK")
    label_en: str = name_en("ICT course")
    domain: str = column("bidang keterampilan", "skill domain", example="ict", choices=DOMAINS)
    format: str = column(
        "bentuk", "format", example="classroom", choices=("classroom", "online", "blended", "coaching")
    )
    days: float = column(
        "hari kerja di luar loket", "working days away", example=2, unit="days", low=0, high=120
    )
    jp: float = column(
        "jam pelajaran (45 menit)", "lesson hours (45 minutes)", example=20, unit="JP", low=0, high=1000
    )
    seats: int = column("kursi per angkatan", "seats a class", example=40, unit="persons", low=1, high=1000)
    cost: float = column(
        "biaya per peserta", "cost a participant", example=1100000, unit="Rp", low=0, high=1e9
    )
    source: str = origin()
    status: str = standing()


TABLES: dict[str, type] = {
    "agency": Fact,
    "units": Unit,
    "services": Service,
    "demand": Demand,
    "complaints": Complaint,
    "programmes": Programme,
    "courses": Course,
}
"""Table (CSV file or Excel sheet) -> its row."""

KEYS: dict[str, tuple[str, ...]] = {
    "agency": ("key",),
    "units": ("unit",),
    "services": ("service",),
    "demand": ("service", "period", "index"),
    "complaints": ("complaint",),
    "programmes": ("programme",),
    "courses": ("course",),
}
"""Table -> the columns that together tell its rows apart."""

MAY_BE_EMPTY = ("services", "demand", "programmes")
"""Tables that may hold a heading alone: an agency without service units, seasons or programme units."""


@dataclass(frozen=True, slots=True)
class Agency:
    """A local government as the simulation sees it.

    Build one with :func:`sim.agency.load_agency`; it is complete and checked.

    Attributes
    ----------
    name : str
        Short code, e.g. ``"gorontalo"``.
    label : str
        Name for people.
    facts, units, services, demand, complaints, programmes, courses : tuple
        One frozen row each, in file order.
    """

    name: str
    label: str
    facts: tuple[Fact, ...]
    units: tuple[Unit, ...]
    services: tuple[Service, ...]
    demand: tuple[Demand, ...]
    complaints: tuple[Complaint, ...]
    programmes: tuple[Programme, ...]
    courses: tuple[Course, ...]

    def fact(self, key: str) -> float:
        """The number filed under `key` in the agency table; KeyError names what there is."""
        for row in self.facts:
            if row.key == key:
                return float(row.value)
        raise KeyError(f"no figure {key!r} in the agency table; it has {sorted(f.key for f in self.facts)}")

    def unit(self, code: str) -> Unit:
        """The unit with this code; KeyError names what there is."""
        for row in self.units:
            if row.unit == code:
                return row
        raise KeyError(f"no unit {code!r}; there are {[u.unit for u in self.units]}")

    def services_of(self, unit: str) -> tuple[Service, ...]:
        """The services of a unit, in file order."""
        return tuple(s for s in self.services if s.unit == unit)

    def rows(self, table: str) -> tuple[Any, ...]:
        """The rows of a table by its file or sheet name (``"agency"`` are the facts)."""
        return getattr(self, "facts" if table == "agency" else table)

    @property
    def officers(self) -> int:
        """Headcount of all units."""
        return sum(u.officers for u in self.units)
