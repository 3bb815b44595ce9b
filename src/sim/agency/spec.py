"""What an agency is: one frozen dataclass a table, one field a column.

The metadata of each field (unit, range, note in both languages, example) is the single description of
the data: reading, checking, templates and the docs are all derived from it.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field
from typing import Any

DOMAINS = ("technical", "ict", "communication", "time")
NEEDS = ("speed", "accuracy", "courtesy", "access")
CHANNELS = ("counter", "file", "online")
STATUSES = ("V", "V2", "M", "D", "A")
"""How well a number is known: read in its source, read second-hand, from memory, derived, assumed."""


def column(
    note_id: str,
    note_en: str,
    *,
    example: Any,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    default: Any = MISSING,
) -> Any:
    """A dataclass field that carries its own documentation and range (both ends included)."""
    meta = {
        "note_id": note_id,
        "note_en": note_en,
        "example": example,
        "unit": unit,
        "low": low,
        "high": high,
        "choices": choices,
    }
    return field(default=default, metadata=meta) if default is not MISSING else field(metadata=meta)


def _source() -> Any:
    return column("dari mana angka ini", "where the numbers of this row come from", example="Dukcapil 2025")


def _status() -> Any:
    return column(
        "V dibaca, V2 tangan kedua, M ingatan, D turunan, A asumsi",
        "V read, V2 second-hand, M from memory, D derived, A assumption",
        example="A",
        choices=STATUSES,
    )


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure about the agency as a whole: headcounts, population, budget, IKM."""

    key: str = column("nama angka", "name of the figure", example="population")
    value: str = column("nilai", "value", example="1400000")
    unit: str = column("satuan", "unit", example="persons")
    source: str = _source()
    status: str = _status()


@dataclass(frozen=True, slots=True)
class Unit:
    """An office of the agency, with officers and a supervisor."""

    unit: str = column("kode unit (tanpa spasi)", "code of the unit (no spaces)", example="dukcapil")
    label_id: str = column("nama unit", "name in Indonesian", example="Dinas Dukcapil")
    label_en: str = column("nama Inggris", "name in English", example="Population registry")
    kind: str = column(
        "service: melayani warga; programme: mengelola program",
        "service: serves citizens; programme: runs a programme",
        example="service",
        choices=("service", "programme"),
    )
    sector: str = column(
        "bidang", "sector", example="population", choices=("population", "health", "personnel", "education", "social")
    )
    pns: int = column("jumlah PNS", "civil servants (PNS)", example=28, unit="persons", low=0, high=5000)
    pppk: int = column("jumlah PPPK", "contract civil servants (PPPK)", example=12, unit="persons", low=0, high=5000)
    retiring: float = column(
        "bagian PNS yang pensiun per tahun", "share of PNS who retire a year", example=0.034, unit="1/year", low=0, high=0.5
    )
    absence: float = column(
        "bagian hari kerja tanpa hadir", "share of working days absent", example=0.1, unit="share", low=0, high=0.6
    )
    ikm: float = column(
        "IKM terakhir (25-100)", "latest IKM (25-100)", example=81.0, unit="IKM", low=25, high=100
    )
    utilisation: float | None = column(
        "beban petugas yang diinginkan; kosong: dihitung dari permintaan",
        "how busy the desk is; empty: follows from demand and staff",
        example=0.85,
        unit="share",
        low=0.05,
        high=1.5,
        default=None,
    )
    speed: float = column("bobot kebutuhan: kecepatan", "need weight: speed", example=0.35, low=0.01, high=1, default=0.35)
    accuracy: float = column("bobot: ketepatan", "need weight: accuracy", example=0.3, low=0.01, high=1, default=0.3)
    courtesy: float = column("bobot: kesopanan", "need weight: courtesy", example=0.2, low=0.01, high=1, default=0.2)
    access: float = column("bobot: akses", "need weight: access", example=0.15, low=0.01, high=1, default=0.15)
    source: str = _source()
    status: str = _status()

    @property
    def officers(self) -> int:
        """Headcount of the unit."""
        return self.pns + self.pppk


@dataclass(frozen=True, slots=True)
class Service:
    """Something citizens ask of a service unit."""

    service: str = column("kode layanan", "code of the service", example="ktp")
    unit: str = column("kode unit", "code of its unit", example="dukcapil")
    label_id: str = column("nama layanan", "name in Indonesian", example="KTP-el")
    label_en: str = column("nama Inggris", "name in English", example="Identity card")
    channel: str = column(
        "counter: warga menunggu; file: berkas; online: daring",
        "counter: the citizen waits; file: work across days; online",
        example="counter",
        choices=CHANNELS,
    )
    demand: float = column("permintaan rata-rata", "mean demand", example=100, unit="requests/working day", low=0.01, high=20000)
    work: float = column("menit kerja rata-rata", "mean work content", example=18, unit="minutes", low=0.1, high=10000)
    work_cv: float = column("koefisien variasi kerja", "its coefficient of variation", example=0.7, low=0, high=3)
    error: float = column("peluang salah", "probability of an error", example=0.08, unit="share", low=0.0001, high=0.6)
    staff: int = column("petugas yang boleh melayani", "officers qualified for it", example=10, unit="persons", low=1, high=5000)
    priority: int = column("kelas antrean; 0 paling dahulu", "queue class; 0 goes first", example=1, low=0, high=9)
    expected_wait: float = column(
        "menit tunggu yang warga anggap wajar", "minutes of waiting citizens expect", example=30, unit="minutes", low=0, high=100000
    )
    patience: float | None = column(
        "rata-rata menit sebelum pergi; kosong: tidak pergi",
        "mean minutes before giving up; empty: never",
        example=180,
        unit="minutes",
        low=1,
        high=1000000,
        default=None,
    )
    returns: float = column(
        "bagian yang kembali esok bila kantor tutup", "share who return next opening when sent home", example=0.8, low=0, high=1, default=0.8
    )
    rework_days: float = column(
        "hari kerja sampai kesalahan kembali", "working days until an error comes back", example=3, unit="days", low=0, high=60, default=3
    )
    technical: float = column("bobot keterampilan teknis", "skill weight: technical", example=0.4, low=0, high=1, default=0.4)
    ict: float = column("bobot TIK", "skill weight: ICT", example=0.3, low=0, high=1, default=0.3)
    communication: float = column("bobot komunikasi", "skill weight: communication", example=0.2, low=0, high=1, default=0.2)
    time: float = column("bobot kelola waktu", "skill weight: time management", example=0.1, low=0, high=1, default=0.1)
    source: str = _source()
    status: str = _status()


@dataclass(frozen=True, slots=True)
class Demand:
    """A factor on demand in a month, on a weekday, in an hour, or in a week after Lebaran (Eid al-Fitr)."""

    service: str = column("kode layanan, atau * untuk semua", "code of the service, or * for all", example="*")
    period: str = column(
        "jenis periode", "kind of period", example="month", choices=("month", "weekday", "hour", "after_lebaran")
    )
    index: int = column(
        "bulan 1-12, hari kerja 1-5, jam kerja 1-8, minggu ke-",
        "month 1-12, weekday 1-5, working hour 1-8, week number",
        example=1,
        low=1,
        high=12,
    )
    factor: float = column("pengali permintaan", "multiplies demand", example=1.1, low=0, high=10)
    source: str = _source()
    status: str = _status()


@dataclass(frozen=True, slots=True)
class Complaint:
    """A class of complaints, its share, its clock and the work it takes."""

    complaint: str = column("kelas pengaduan", "class of complaint", example="light")
    share: float = column("bagian dari semua pengaduan", "share of all complaints", example=0.5, low=0, high=1)
    clock: int = column("batas hari kerja", "working days allowed", example=2, unit="days", low=1, high=365)
    work: float = column("menit kerja", "mean work content", example=30, unit="minutes", low=1, high=100000)
    source: str = _source()
    status: str = _status()


@dataclass(frozen=True, slots=True)
class Programme:
    """What a programme unit (a school, a poverty programme) is there for."""

    programme: str = column("kode program", "code of the programme", example="bos")
    unit: str = column("kode unit", "code of its unit", example="disdik")
    label_id: str = column("nama program", "name in Indonesian", example="Pendampingan sekolah")
    label_en: str = column("nama Inggris", "name in English", example="School support")
    caseload: float = column("kasus per petugas", "cases per officer", example=40, unit="cases/officer", low=0.1, high=100000)
    output: float = column(
        "kasus selesai per petugas per triwulan", "cases completed per officer and quarter", example=25, unit="cases/quarter", low=0.01, high=100000
    )
    participation: float = column("bagian sasaran yang ikut", "share of the target group taking part", example=0.6, low=0, high=1)
    source: str = _source()
    status: str = _status()


@dataclass(frozen=True, slots=True)
class Course:
    """A training course that can be bought."""

    course: str = column("kode pelatihan", "code of the course", example="ict-classroom")
    label_id: str = column("nama pelatihan", "name in Indonesian", example="Pelatihan TIK")
    label_en: str = column("nama Inggris", "name in English", example="ICT course")
    domain: str = column("bidang keterampilan", "skill domain", example="ict", choices=DOMAINS)
    format: str = column(
        "bentuk", "format", example="classroom", choices=("classroom", "online", "blended", "coaching")
    )
    days: float = column("hari kerja", "working days away", example=3, unit="days", low=0, high=120)
    jp: float = column("jam pelajaran (45 menit)", "lesson hours (45 minutes)", example=20, unit="JP", low=0, high=1000)
    seats: int = column("kursi per angkatan", "seats a class", example=40, unit="persons", low=1, high=1000)
    cost: float = column("biaya per peserta", "cost a participant", example=1250000, unit="Rp", low=0, high=1e9)
    source: str = _source()
    status: str = _status()


TABLES: dict[str, type] = {
    "agency": Fact,
    "units": Unit,
    "services": Service,
    "demand": Demand,
    "complaints": Complaint,
    "programmes": Programme,
    "courses": Course,
}
"""Table (CSV file or Excel sheet) -> its row. `programmes` may be empty when no unit is a programme unit."""


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

    @property
    def officers(self) -> int:
        """Headcount of all units."""
        return sum(u.officers for u in self.units)
