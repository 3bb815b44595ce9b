"""The figures about an agency as a whole that the simulation reads, each required in the agency table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A required row of the agency table: its unit, range (both ends included), meaning and an example.

    A figure without a range is a text.
    """

    unit: str
    low: float | None
    high: float | None
    note_id: str
    note_en: str
    example: str

    @property
    def is_text(self) -> bool:
        return self.low is None


FIGURES: dict[str, Figure] = {
    "name": Figure("code", None, None, "kode instansi", "code of the agency", "kota-saya"),
    "label": Figure("text", None, None, "nama instansi", "name of the agency", "Kota Saya"),
    "population": Figure("persons", 1, 1e8, "jumlah penduduk", "population", "1400000"),
    "pns_total": Figure("persons", 0, 1e6, "PNS seluruh instansi", "PNS of the whole agency", "4000"),
    "pppk_total": Figure("persons", 0, 1e6, "PPPK seluruh instansi", "PPPK of the whole agency", "1000"),
    "ikm": Figure("IKM", 25, 100, "IKM seluruh instansi", "IKM of the whole agency", "81"),
    "digital_share": Figure(
        "share", 0, 1, "bagian permintaan yang datang secara daring", "share of requests made online", "0.02"
    ),
    "budget_apbd": Figure("Rp/year", 1e6, 9e14, "belanja APBD", "yearly spending (APBD)", "1500000000000"),
    "training_budget_share": Figure(
        "share of APBD",
        0,
        0.2,
        "bagian belanja untuk pengembangan kompetensi (minimum 0,0016 kab/kota, 0,0034 provinsi)",
        "share of spending for competence development (floor .0016 regency or city, .0034 province)",
        "0.0016",
    ),
    "price_year": Figure("year", 2000, 2100, "tahun harga rupiah", "year of the prices in rupiah", "2025"),
    "tpp_monthly": Figure(
        "Rp/month",
        0,
        1e8,
        "rata-rata TPP per pegawai",
        "mean allowance (TPP) an officer",
        "2000000",
    ),
    "salary_hour": Figure(
        "Rp/hour", 1000, 1e7, "biaya satu jam kerja pegawai", "cost of an hour of an officer's time", "55000"
    ),
    "transfer_rate": Figure(
        "a year", 0, 0.5, "bagian pegawai yang mutasi keluar unit", "share of officers who transfer", "0.0055"
    ),
    "lebaran_peak": Figure(
        "factor",
        1,
        10,
        "permintaan puncak setelah Lebaran dibagi hari biasa; bekerja lewat tabel demand",
        "peak demand after Lebaran over an ordinary day; it acts through the demand table",
        "3.4",
    ),
    "discard_share": Figure(
        "share",
        0,
        1,
        "bagian pengaduan yang gugur saat verifikasi",
        "share of complaints discarded as incomplete at triage",
        "0.426",
    ),
    "complain_error": Figure(
        "probability",
        0,
        1,
        "peluang mengadu bila salah",
        "chance of complaining after an error",
        "0.05",
    ),
    "complain_left": Figure(
        "probability", 0, 1, "peluang mengadu bila pergi", "chance of complaining after giving up", "0.02"
    ),
    "complain_fine": Figure(
        "probability",
        0,
        1,
        "peluang mengadu bila baik",
        "chance of complaining after a good service",
        "0.001",
    ),
    "survey_bias": Figure(
        "IKM",
        -30,
        30,
        "selisih IKM survei sendiri dan survei independen",
        "IKM of a self-run survey minus that of an independent one",
        "8",
    ),
    "survey_respondents": Figure(
        "persons",
        1,
        1e6,
        "responden SKM per unit per tahun",
        "survey respondents a unit and year",
        "32",
    ),
}
