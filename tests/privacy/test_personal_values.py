# ruff: noqa: E501
"""What is personal is recognised however it is written, and what only looks like it passes.

Every identity is made up from its format and put together when the test runs; none belongs to anybody.
"""

from __future__ import annotations

import pytest

from sim.privacy import is_plain_name, is_titled_name, personal_number

BIRTH, APPOINTED = "1980" + "01" + "17", "2005" + "03"
NIP = BIRTH + APPOINTED + "1" + "001"
NIP_HER = "1975" + "12" + "31" + "1999" + "11" + "2" + "014"
NIP_PPPK = "1991" + "06" + "05" + "2022" + "21" + "2" + "007"
NIK = "75" + "7101" + "17" + "01" + "80" + "0003"
NIK_HER = "32" + "7305" + "57" + "12" + "75" + "0012"
MOBILE = "812" + "3456" + "7890"

NIP_FORMS = [
    "{a}{b}{c}{d}",
    "{a} {b} {c} {d}",
    "{a}-{b}-{c}-{d}",
    "{a}.{b}.{c}.{d}",
    "{a}/{b}/{c}/{d}",
    "{a}_{b}_{c}_{d}",
    "{a}\u00a0{b}\u00a0{c}\u00a0{d}",
    "{a}\u202f{b}\u202f{c}\u202f{d}",
    "{a}\u2013{b}\u2013{c}\u2013{d}",
    "{a}\u2011{b}\u2011{c}\u2011{d}",
    "{a}\n{b} {c} {d}",
    "{a}\r\n{b}\r\n{c}\r\n{d}",
    "{a}\t{b}\t{c}\t{d}",
    "{a}  {b}  {c}  {d}",
    "{a} - {b} - {c} - {d}",
    "{a}\u200b{b}\u200b{c}\u200b{d}",
    "NIP{a}{b}{c}{d}",
    "NIP. {a} {b} {c} {d}",
    "NIP.{a}{b}{c}{d}",
    "{a}-{b} {c} {d}",
    "N I P : {a} {b} {c} {d}",
    "#{a}{b}{c}{d}",
    "{a}\u3000{b}\u3000{c}\u3000{d}",
    "{a}/{b} {c} {d}",
    "NIP: {a}{b}{c}{d}",
    "nip {a}-{b}-{c}-{d}",
    "NIP/NIK {a}{b}{c}{d}",
    "1. {a}{b}{c}{d}",
    "1 {a} {b} {c} {d}",
    "12) {a}{b}{c}{d}",
    "No. 7: {a} {b} {c} {d}",
    "'{a}{b}{c}{d}",
    "({a}{b}{c}{d})",
    "[{a} {b} {c} {d}]",
    '"{a}{b}{c}{d}"',
    "{a}{b}{c}{d}.",
    "pegawai {a}{b}{c}{d} pindah",
    "lihat {a} {b} {c} {d}!",
    "id={a}{b}{c}{d};",
    "{a}{b} {c}{d}",
    "{a} {b}{c}{d}",
    "{a}{b}{c} {d}",
    "{a}, {b}, {c}, {d}",
    "{a}|{b}|{c}|{d}",
    "x{a}{b}{c}{d}y",
    "Kepala Dinas\n{a} {b} {c} {d}",
]
"""Ways to write a NIP of the parts birth, appointment, sex, number."""

NIK_FORMS = [
    "{n}",
    "{p} {d} {s}",
    "{p}-{d}-{s}",
    "{p}.{d}.{s}",
    "{p}/{d}/{s}",
    "{p}\u00a0{d}\u00a0{s}",
    "{p}\u2013{d}\u2013{s}",
    "NIK {n}",
    "NIK: {n}",
    "KTP {p} {d} {s}",
    "no ktp:{n}",
    "1. {n}",
    "3 {p} {d} {s}",
    "'{n}",
    "({n})",
    "{n}\n",
    "{p}\n{d}\n{s}",
    "a {n} b",
    "{p}_{d}_{s}",
    "{x1}.{x2}.{x3}.{d}.{s}",
    "{p}\t{d}\t{s}",
    "warga {n} datang",
    "nik={n}",
    "{p}  {d}  {s}",
    "{n};",
]

OTHER = [
    *[
        ("email", text)
        for text in (
            "a@b.example",
            "nama.orang@contoh.example",
            "<a@b.example>",
            "surel: a_b@c-d.example",
            "a (at) b.example",
            "A@B.EXAMPLE",
            "a+b@c.example, d@e.example",
            "mailto:a@b.example",
            "x a@b.go.example y",
            "a@b.example;",
        )
    ],
    *[
        ("phone", text)
        for text in (
            "0" + MOBILE,
            "+62" + MOBILE,
            "62" + MOBILE,
            "0812 3456 7890",
            "0812-3456-7890",
            "0812.3456.7890",
            "(0812) 3456 7890",
            "(0812)3456-7890",
            "+62 812 3456 7890",
            "+62-812-3456-7890",
            "(+62) 812 3456 7890",
            "+62 (0) 812 3456 7890",
            "HP 081234567890",
            "hp: 0812 3456 789",
            "WA 0813-1111-2222",
            "telp. 0857 1234 5678",
            "0812\u00a03456\u00a07890",
            "hubungi 0821 1234 5678 ya",
            "0812\u20113456\u20117890",
            "0899 123 4567",
            "62 812 3456 7890",
            "tel:+6281234567890",
            "0878-1234-567",
            "(0878) 1234 5678.",
        )
    ],
    *[
        ("npwp", text)
        for text in (
            "12.345.678.9-012.345",
            "NPWP 12.345.678.9-012.345",
            "npwp: 09.876.543.2-109.876",
            "(12.345.678.9-012.345)",
            "12.345.678.9 - 012.345",
            "12.345.678.9\u2013012.345",
        )
    ],
]

NUMBERS = [
    ("nip", int(NIP)),
    ("nip", float(NIP)),
    ("nip", int(NIP_HER)),
    ("nip", float(NIP_HER)),
    ("nip", float(NIP_PPPK)),
    ("nik", int(NIK)),
    ("nik", float(NIK)),
    ("nik", int(NIK_HER)),
    ("nip", "1" + ",98E+17"),
    ("nip", "1" + ".97512311999112E+17"),
    ("nip", "1" + ".98001172005031e17"),
    ("nik", "7" + ".57101170180000E+15"),
    ("nip", NIP + " " + NIP_HER),
    ("nip", NIP + "\n" + NIP_HER),
    ("nip", NIP_HER + ", " + NIP),
    ("nip", f"{NIP}/{NIK}"),
    ("nik", f"{NIK} dan {NIK_HER}"),
    ("nik", f"{NIK}\n{NIK_HER}"),
    ("nip", f"2 {NIP}"),
    ("nip", f"10 {NIP} 11 {NIP_HER}"),
]


def nips() -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for k, form in enumerate(NIP_FORMS):
        for nip in (NIP, (NIP_HER, NIP_PPPK)[k % 2]):
            rows.append(("nip", form.format(a=nip[:8], b=nip[8:14], c=nip[14], d=nip[15:])))
    return rows


def niks() -> list[tuple[str, object]]:
    return [
        ("nik", form.format(n=nik, p=nik[:6], d=nik[6:12], s=nik[12:], x1=nik[:2], x2=nik[2:4], x3=nik[4:6]))
        for form in NIK_FORMS
        for nik in (NIK, NIK_HER)
    ]


POSITIVE = [*nips(), *niks(), *OTHER, *NUMBERS]

NEGATIVE: list[object] = [
    # ordinary words, posts, headings, codes
    "Kepala Dinas", "Atasan/Rekan", "nama_indikator", "Sekretaris Daerah", "Loket 3", "P01", "A-12", "o1", "Sangat Baik", "NA", "-", "",
    "Disdukcapil", "u1", "p_0123456789abcdef", "Triwulan I", "TW1/2025", "2025-03", "Semester 2", "KTP-el", "Kartu Keluarga", "SKP",
    "PermenPANRB 6/2022", "PP 11/2017 jo PP 17/2020", "Rp1.250.000", "Rp 273.000", "12,5%", "1.250", "1,250.75", "95% (1,2 sampai 3,4)",
    # dates and times
    "2010-10-21 09:09:55.026000+02:00", "2010-10-21 09.09.55.0260", "2026-11-30T16:30:05+07:00", "30/11/2026 16:30", "20261130163005",
    "2026-11-30 16:30:05.123456", "1980-01-01", "01.01.1980", "1980/01/01 - 2005/01/31", "20100101 20101231", "2025-01-01 sampai 2025-12-31",
    "08:00-12:00", "07.30-16.00", "1 Januari 1980", "2005-2010-2015-2020", "31-12-2026", "12/31/2026 11:59:59 PM", "2026W48", "2026-330",
    # tickets, registers, codes with many digits
    "ticket 2026-000123", "REG-2026-11-30-000123", "TKT000000000012345", "SP4N-7654321", "0000000000000001", "000000000000000012",
    "9999999999999999", "999999999999999999", "INV/2026/11/30/0001", "1234567890123456", "123456789012345678", "20251130000000000123",
    "case 20240000000000001234", "id 77777777", "0001-0002-0003-0004", "A1B2C3D4E5F60718", "5500000000000004", "4111 1111 1111 1111",
    "978-602-8519-93-9", "ISBN 9786028519939", "10.4121/uuid:a07386a5-7be3-4367-9535-70bc9e77dbe6", "192.168.001.001", "255.255.255.255",
    "2001:0db8:85a3:0000:0000:8a2e:0370:7334", "550e8400-e29b-41d4-a716-446655440000", "v1.10.100", "1.2.3.4.5.6", "5.02.0.00.0.00.01.0000",
    "5.1.02.02.12.0003", "DIPA-018.01.1.400123/2026", "900/1234/BKPSDM/2026", "800.1.11/123/2026", "7571", "75.71.01", "75.71.01.1001", "96115",
    "0435-821125", "(0435) 821125", "021-5555", "110", "1500-345", "112/119/113",
    # numbers
    0, 1, 3.5, -2.25, 1980, 198001, 19800101, 812_345_678, 1_250_000_000, 81_234, 1e9, 2.5e11, 1e15, 3.3e14, 1e17, 9.9e17, 123456789.123456789,
    True, False, None, float("nan"), float("inf"), "1e-09", "2.5E+11", "1.2E+06", "1E+17", "5E+15", "3,5", "-1.0e-9", "1.003", "952",
    # money and sums
    "Rp1.980.011.720.050", "1.250.000.000.000", "12.345.678.901.234", "273.000,00", "Rp 1,98 triliun", "1 250 000 000", "USD 1,234,567.89",
    "0,0001 0,0002 0,0003 0,0004", "3.14159265358979", "0.1234567890123456", "99.99999999999999", "1.7976931348623157e+308",
    # texts with @ or + or 08
    "@x", "+1", "=1+1", "a @ b", "5@3", "50 @ Rp10.000", "08", "08.00", "0800", "pukul 08.15 sampai 08.45", "0810", "+62", "62", "nomor 0812",
    "81 kursi 23 kelas 45 hari", "8 jam 12 menit", "081", "loket 08 nomor 12", "0812/2026", "08-12-2026",
    # lists of small numbers
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", "10, 20, 30, 40, 50, 60, 70, 80", "3 4 3 4 5 5 4 3 2 1 3 4 5 3", "1980, 1981, 1982, 1983, 1984",
    "2020 2021 2022 2023 2024 2025", "100;200;300;400;500;600", "12-12-12-12-12-12-12-12", "0.25 0.50 0.75 1.00", "4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4",
    # identity-like with an impossible date, province or sex
    "1980" + "13" + "01" + "200501" + "1" + "001", "1980" + "01" + "32" + "200501" + "1" + "001", "1880" + "0101" + "190501" + "1" + "001",
    "1980" + "0101" + "197901" + "1" + "001", "1980" + "0101" + "200500" + "1" + "001", "1980" + "0101" + "200501" + "9" + "001",
    "00" + "7101" + "170180" + "0003", "99" + "7101" + "170180" + "0003", "75" + "7101" + "320180" + "0003", "75" + "7101" + "171380" + "0003",
    "75" + "7101" + "000180" + "0003", "75" + "7101" + "170080" + "0003", "75" + "7101" + "790180" + "0003", "12.345.678.9", "12.345.678.9-012",
    "12-345-678-9-012-345", "12.345.678", "1.234.567.890.123.456", "3.27", "7,57", "nilai 3.5 dari 4.0", "80.01.17", "BERAKHLAK", "ASN", "PPPK paruh waktu", "eselon III", "60 menit", "Rp0", "n/a", "PNS/PPPK",
    "golongan III/d", "eselon II.b", "20 JP", "20 JP x 40 orang", "Januari-Maret", "kelas 1-12", "hal. 12-15", "pasal 203-207", "UU 20/2023",
]  # fmt: skip


def test_there_are_enough_of_both() -> None:
    assert len({str(text) for _, text in POSITIVE}) >= 195
    assert len({str(text) for text in NEGATIVE}) >= 200


@pytest.mark.parametrize(("kind", "value"), POSITIVE)
def test_personal_numbers_are_recognised(kind: str, value: object) -> None:
    assert personal_number(value) == kind


@pytest.mark.parametrize("value", NEGATIVE)
def test_what_only_looks_personal_passes(value: object) -> None:
    assert personal_number(value) is None


@pytest.mark.parametrize(
    "text",
    ["Drs. Contoh Saja", "DRS. CONTOH SAJA", "dr. contoh saja", "Contoh Saja, S.E.", "CONTOH SAJA, M.SI", "Contoh Saja, S.Sos., M.Si",
     "H. Contoh Saja", "Hj. Contoh", "Ir. Misal Nama, M.T.", "Prof. Dr. Contoh", "Contoh, A.Md", "contoh saja, sp.pd", "Bapak Contoh",
     "Ibu Misal", "Sdr. Contoh", "Contoh Saja S.Pd", "Contoh Saja M.Kes", "Misal Nama, Ph.D", "drg. Contoh"],
)  # fmt: skip
def test_titles_and_degrees_give_a_name_away(text: str) -> None:
    assert is_titled_name(text)


@pytest.mark.parametrize(
    "text",
    ["Kepala Dinas", "Atasan/Rekan", "Dinas Kesehatan", "Sangat Baik", "S. E. Asia", "SMA, SMK", "a, b", "Diklat PIM IV", "loket 1, loket 2",
     "Puskesmas Kota", "Rumah Sakit Umum", "M", "S1", "Jl. Merdeka 5", "Ruang A, Lantai 2", "TIK", "drama", "Irigasi", "profil"],
)  # fmt: skip
def test_what_has_no_title_passes(text: str) -> None:
    assert not is_titled_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "contoh",
        "CONTOH SAJA",
        "Contoh Saja",
        "Misal bin Nama",
        "contoh  saja",
        "Ma'ruf",
        "Siti-Misal",
        "Contoh S.",
    ],
)
def test_plain_names(text: str) -> None:
    assert is_plain_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "AB",
        "ABC",
        "p01",
        "P-01",
        "Kepala Dinas",
        "Atasan/Rekan",
        "warga 3",
        "u_1",
        "12",
        "Loket",
        "Tim Penilai",
    ],
)
def test_codes_and_posts_are_no_names(text: str) -> None:
    assert not is_plain_name(text)
