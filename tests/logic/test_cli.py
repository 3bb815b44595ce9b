"""Claim: the command line does what it says in both languages, and bad input ends in a message that names the place,
exit code 2, no traceback and nothing half-written."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import agency_files as files
import pytest
from route_agency import permit_agency

from sim.agency import load_agency, write_agency
from sim.cli import COMMANDS, main
from sim.levers import LEVERS
from sim.paths import data_dir
from sim.study import load_result, load_study


class Outcome:
    """What a command printed and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def kinerja(capsys: pytest.CaptureFixture[str]):
    def kinerja(*arguments: object) -> Outcome:
        try:
            code = main([str(a) for a in arguments])
        except SystemExit as error:
            code = int(error.code or 0)
        return Outcome(code, *capsys.readouterr())

    return kinerja


def process(*arguments: object, cwd: Path | None = None, **more) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "import sys; from sim.cli import main; sys.exit(main())"]
    return subprocess.run(
        [*command, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8", cwd=cwd, **more
    )


def test_help_needs_none_of_the_heavy_packages() -> None:
    code = "import sys; from sim.cli import main\ntry: main(['study', '--help'])\nexcept SystemExit: pass\n"
    code += "print(sorted({'numpy', 'pandas', 'numba', 'simpy', 'matplotlib', 'yaml'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_command_is_in_the_help_and_has_its_own(kinerja, lang: str) -> None:
    whole = kinerja("--help", "--lang", lang)
    assert whole.code == 0
    for name in COMMANDS:
        assert re.search(rf"^    {name} ", whole.out, re.MULTILINE)
        own = kinerja(name, "--help", "--lang", lang)
        assert own.code == 0
        assert own.out.startswith({"id": "penggunaan: ", "en": "usage: "}[lang] + f"kinerja {name}")


def test_the_language_is_indonesian_unless_asked_otherwise(kinerja) -> None:
    assert kinerja("--help").out == kinerja("--help", "--lang", "id").out
    assert kinerja("--lang", "en", "study", "--help").out == kinerja("study", "--help", "--lang", "en").out
    assert kinerja("study", "--help").out != kinerja("study", "--help", "--lang", "en").out


def test_no_command_shows_the_help(kinerja) -> None:
    assert kinerja().out == kinerja("--help").out


def test_the_version(kinerja) -> None:
    assert re.fullmatch(r"kinerja \d+\.\d+\.\d+\n", kinerja("--version").out)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("stud",), "'study'"),
        (("study", "--workers", "0"), "--workers"),
        (("study", "--seed", "one"), "--seed"),
        (("study", "--lang", "fr"), "--lang"),
        (("compare", "contoh"), "KEBIJAKAN"),
        (("check",), "BERKAS"),
    ],
)
def test_arguments_that_cannot_be_read(kinerja, arguments, says: str) -> None:
    done = kinerja(*arguments)
    assert done.code == 2
    assert says in done.err
    assert "--help" in done.err


def test_agencies_are_listed(kinerja) -> None:
    done = kinerja("agencies")
    assert done.code == 0
    for name in ("contoh", "gorontalo", "jambi", "makassar"):
        assert re.search(rf"^{name} ", done.out, re.MULTILINE)


def test_an_agency_shows_its_services_and_their_steps(kinerja, tmp_path: Path) -> None:
    path = write_agency(permit_agency(), tmp_path / "a")
    done = kinerja("agencies", path, "--lang", "en")
    assert done.code == 0
    assert "  kk  Family card: counter, 4 officers, 20.0 minutes of work" in done.out
    assert (
        "    1. intake  Step: counter, front line (6); 6 minutes of work; 8.0% errors, back to intake"
        in done.out
    )
    assert "20.0% skip to deliver; 10.0% end here; 1.0% never opened" in done.out
    assert "3. sign  Step: file, signature (1)" in done.out
    assert "2. check  Step: berkas, verifikator (2)" in kinerja("agencies", path, "--lang", "id").out.replace(
        "Langkah", "Step"
    )
    wrong = kinerja("agencies", "conto", "--lang", "en")
    assert wrong.code != 0
    assert "'contoh' meant" in wrong.err


@pytest.mark.parametrize("lang", ["id", "en"])
def test_levers_are_listed_and_told_in_full(kinerja, lang: str) -> None:
    listed = kinerja("levers", "--lang", lang).out
    for name, lever in LEVERS.items():
        assert re.search(rf"^{name} .*{re.escape(getattr(lever, f'title_{lang}'))}", listed, re.MULTILINE)
        full = kinerja("levers", name, "--lang", lang)
        assert full.code == 0
        for field in dataclasses.fields(lever):
            assert f"  {field.name} = " in full.out
        for key in lever.evidence:
            assert f"  {key}: " in full.out


def test_an_unknown_lever_gets_the_nearest(kinerja) -> None:
    done = kinerja("levers", "trainin", "--lang", "en")
    assert (done.code, done.out) == (2, "")
    assert "did you mean 'training'" in done.err


@pytest.mark.parametrize("out", ["mine", "mine.xlsx"])
def test_a_template_is_written_and_checks(kinerja, tmp_path: Path, out: str) -> None:
    assert kinerja("template", tmp_path / out).code == 0
    done = kinerja("check", tmp_path / out)
    assert (done.code, done.err) == (0, "")
    again = kinerja("template", tmp_path / out)
    assert again.code == 2
    assert out in again.err


@pytest.mark.parametrize(
    "path", ["agencies/contoh", "policies/citizen_feedback.yaml", "studies/headline.yaml"]
)
def test_what_ships_has_no_problem(kinerja, path: str) -> None:
    done = kinerja("check", data_dir() / path)
    assert (done.code, done.err) == (0, "")


# --- studies that run

DESIGN = ("--replications", 2, "--workers", 1)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory):
    """One small study, run as a user runs it: from a shell, in a folder of their own."""
    home = tmp_path_factory.mktemp("home")
    text = (data_dir() / "studies" / "headline.yaml").read_text(encoding="utf-8")
    study = home / "study.yaml"
    study.write_text(text.replace("years: 3", "years: 1"), encoding="utf-8")
    return process("study", study, *DESIGN, "--lang", "en", cwd=home), home


def test_a_study_ends_with_where_its_brief_is(finished) -> None:
    done, home = finished
    assert done.returncode == 0, done.stderr
    brief = home / done.stdout.splitlines()[-1].removeprefix("Brief: ")
    assert brief.name == "brief.html"
    assert brief.parent.parent == home / "results"
    result = load_result(brief.parent)
    assert brief.parent.name == result.id
    assert "<html" in brief.read_text(encoding="utf-8")
    assert {p.name for p in brief.parent.iterdir()} == {
        "brief.html", "manifest.json", "agency.json", "outcomes.parquet", "summary.parquet", "costs.parquet"
    }  # fmt: skip
    assert [p.name for p in home.iterdir() if p.name != "study.yaml"] == ["results"]


def test_it_answers_its_question_in_the_language_asked_for(finished) -> None:
    done, home = finished
    study = load_study(home / "study.yaml")
    assert study.question["en"] in done.stdout
    assert "Estimated time" in done.stderr
    for policy in study.policies:
        assert policy.label_en in done.stdout


def test_options_take_the_place_of_what_the_file_says(finished) -> None:
    _, home = finished
    study = load_study(home / "study.yaml")
    manifest = load_result(next((home / "results").iterdir())).manifest
    assert manifest["replications"] == manifest["study"]["replications"] == 2 != study.replications
    assert manifest["workers"] == 1


def test_compare_takes_names_and_makes_the_first_the_baseline(kinerja, tmp_path: Path) -> None:
    done = kinerja(
        "compare",
        "contoh",
        "ict_training",
        "status_quo",
        "--years",
        1,
        *DESIGN,
        "--seed",
        5,
        "--out",
        tmp_path / "o",
    )
    assert done.code == 0, done.err
    folder = Path(done.out.splitlines()[-1].removeprefix("Ringkasan: ")).parent
    result = load_result(folder)
    assert folder.parent == tmp_path / "o"
    assert (result.baseline, result.manifest["study"]["seed"]) == ("ict_training", 5)


# --- bad input

ROW = 2


def cell(table: str, row: int, column: str, value: object):
    return lambda cells: files.put(cells, table, row, column, value)


def drop_column(cells):
    cells["services"] = [row[:5] + row[6:] for row in cells["services"]]
    return cells


def doubled(cells):
    cells["units"].append(list(cells["units"][1]))
    return cells


def too_long(cells):
    cells["services"][1] = [*cells["services"][1], "42"]
    return cells


BAD_TABLES = {
    "a missing column": (drop_column, r"services\.csv.*demand"),
    "a negative rate": (cell("services", ROW, "demand", "-5"), r"services\.csv, row 2, column demand"),
    "an unknown unit": (
        cell("services", ROW, "unit", "dukcapl"),
        r"services\.csv, row 2, column unit.*dukcapil",
    ),
    "text in a number": (cell("units", ROW, "pns", "ten"), r"units\.csv, row 2, column pns"),
    "a duplicate row": (doubled, r"units\.csv, row \d+"),
    "a row that is too long": (too_long, r"services\.csv, row 2"),
    "no seats": (cell("courses", ROW, "seats", "0"), r"courses\.csv, row 2, column seats"),
}


def assert_refused(done: Outcome, says: str, out: Path) -> None:
    assert done.code == 2
    assert re.search(says, done.err), done.err
    assert "Traceback" not in done.err
    assert done.out == ""
    assert not out.exists()


@pytest.mark.parametrize("what", BAD_TABLES)
@pytest.mark.parametrize("command", ["check", "compare"])
def test_a_bad_agency_is_refused_with_its_place(kinerja, tmp_path: Path, what: str, command: str) -> None:
    spoil, says = BAD_TABLES[what]
    bad, out = files.folder(spoil(files.contoh()), tmp_path / "bad"), tmp_path / "results"
    more = () if command == "check" else ("status_quo", "--out", out)
    assert_refused(kinerja(command, bad, *more, "--lang", "en"), says, out)


BAD_FILES = {
    "an empty file": (lambda folder: (folder / "units.csv").write_bytes(b""), r"units\.csv.*empty"),
    "a missing file": (lambda folder: (folder / "units.csv").unlink(), r"units"),
    "a wrong encoding": (
        lambda folder: (folder / "units.csv").write_bytes(
            (folder / "units.csv").read_text(encoding="utf-8").replace("Dinas", "Dinás").encode("latin-1")
        ),
        r"units\.csv.*UTF-8",
    ),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_bad_file_of_an_agency_is_refused(kinerja, tmp_path: Path, what: str) -> None:
    spoil, says = BAD_FILES[what]
    bad, out = files.folder(files.contoh(), tmp_path / "bad"), tmp_path / "results"
    spoil(bad)
    assert_refused(kinerja("compare", bad, "status_quo", "--out", out, "--lang", "en"), says, out)


def test_every_problem_is_counted_and_told(kinerja, tmp_path: Path) -> None:
    cells = files.contoh()
    for spoil in (
        BAD_TABLES["a negative rate"][0],
        BAD_TABLES["text in a number"][0],
        BAD_TABLES["no seats"][0],
    ):
        cells = spoil(cells)
    done = kinerja("check", files.folder(cells, tmp_path / "bad"))
    assert done.err.splitlines()[0] == "3 masalah:"
    assert len(done.err.splitlines()) == 4


BAD_STUDIES = {
    "an unknown lever": (
        "  - name: p\n    levers:\n    - lever: trainin\n",
        r"study\.yaml, row 6.*'training'",
    ),
    "an unknown parameter": (
        "  - name: p\n    levers:\n    - lever: training\n      seat: 3\n",
        r"study\.yaml, row 7.*'seats'",
    ),
    "no seats": (
        "  - name: p\n    levers:\n    - lever: training\n      seats: 0\n",
        r"study\.yaml, row 7, column policies\[2\]\.levers\[1\]\.seats",
    ),
    "an unknown policy": ("  - status_qou\n", r"study\.yaml, row 4.*'status_quo'"),
}


@pytest.mark.parametrize("what", BAD_STUDIES)
@pytest.mark.parametrize("command", ["check", "study"])
def test_a_bad_study_is_refused_with_its_place(kinerja, tmp_path: Path, what: str, command: str) -> None:
    text, says = BAD_STUDIES[what]
    path, out = tmp_path / "study.yaml", tmp_path / "results"
    path.write_text(f"agency: contoh\npolicies:\n  - status_quo\n{text}", encoding="utf-8")
    more = () if command == "check" else ("--out", out)
    assert_refused(kinerja(command, path, *more, "--lang", "en"), says, out)


def test_names_that_are_nowhere_are_all_told(kinerja, tmp_path: Path) -> None:
    out = tmp_path / "results"
    done = kinerja("compare", "conto", "status_quo", "citizen_fedback", "--out", out)
    assert_refused(done, r"'?contoh", out)
    assert "'citizen_feedback'" in done.err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("s.yaml", ""),
        ("s.yaml", "a: [1\n"),
        ("s.yaml", "\udcff"),
        ("s.xlsx", "no workbook"),
        ("nowhere.yaml", None),
    ],
)
def test_a_file_that_cannot_be_read_is_named(kinerja, tmp_path: Path, name: str, text: str | None) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert_refused(kinerja("check", path), re.escape(name), tmp_path / "results")


def test_a_plan_the_agency_cannot_carry_out_is_refused(kinerja, tmp_path: Path) -> None:
    """Found only when a worker runs it: the course is one this agency does not have."""
    policy, out = tmp_path / "p.yaml", tmp_path / "results"
    policy.write_text("name: p\nlevers:\n  - lever: training\n    course: ict-clasroom\n", encoding="utf-8")
    done = kinerja("compare", "contoh", "status_quo", policy, "--workers", "2", "--out", out)
    assert_refused(done, r"maksudnya 'ict-classroom'", out)


def test_results_cannot_go_where_a_file_is(kinerja, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    done = kinerja("compare", "contoh", "status_quo", "--out", tmp_path / "taken")
    assert done.code == 2
    assert "taken" in done.err


def test_in_a_shell_there_is_no_traceback_either(tmp_path: Path) -> None:
    bad = files.folder(BAD_TABLES["text in a number"][0](files.contoh()), tmp_path / "bad")
    done = process("compare", bad, "status_quo", cwd=tmp_path, env=None)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["bad"]


def test_a_console_that_cannot_show_every_letter_gets_a_message_all_the_same(tmp_path: Path) -> None:
    import os

    done = process("levers", "training", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_the_agency_of_the_tests_is_right() -> None:
    assert load_agency("contoh").units  # else every refusal above would be for another reason
