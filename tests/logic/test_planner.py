"""Claim: what the planner says is what `compare` says, what it takes in is data alone, and what it saves comes back."""

from __future__ import annotations

import base64
import io
import re
import socket
import zipfile
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
import yaml
from agency_files import contoh, folder, workbook
from markupsafe import escape
from openpyxl import load_workbook
from planner_mistakes import CELLS, mistaken

import sim
from sim.errors import KinerjaError, Message, Problem, Problems
from sim.language import LANGUAGES, speaking
from sim.levers import LEVERS, policy_from_yaml, policy_names
from sim.outcomes import OUTCOMES
from sim.planner import (
    SLIDERS,
    Answers,
    Latest,
    Plan,
    Question,
    Upload,
    agency_from,
    cell,
    downloads,
    load_plans,
    save_plans,
    view,
)
from sim.planner.page import PROBLEMS, Page
from sim.planner.plans import DECIDING, MOST, SHOWN
from sim.planner.sliders import today
from sim.report.names import GROUP_NAMES

SLIDER = {slider.key: slider for slider in SLIDERS}
AGENCY = sim.load_agency("contoh")
SEATS = SLIDER["training.seats"]


def question(*starts: str, **design: object) -> Question:
    plans = tuple(
        Plan.new(letter, sim.load_policy(start))
        for letter, start in zip("ABCD", starts or ("ict_training",), strict=False)
    )
    return replace(Question(AGENCY, plans, years=1, replications=2), **design)  # type: ignore[arg-type]


@cache
def any_run():
    return sim.simulate(AGENCY, sim.status_quo(), months=12, scenario=sim.Scenario(burn_in=1))


class Counted:
    """Counts runs, each with the same outcome."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, int]] = []

    def __call__(self, agency, policy, *, seed, replication, months, scenario):
        self.runs.append((policy.name, replication))
        return any_run()


# sliders


@pytest.mark.parametrize("slider", SLIDERS, ids=lambda slider: slider.key)
def test_a_slider_is_a_parameter_of_its_lever_and_stays_in_its_range(slider):
    plan = Plan.new("A")
    before = plan.get(slider, AGENCY)
    assert before == today(slider, AGENCY)
    if slider.kind in ("choice", "flag", "course"):
        values = {
            "choice": slider.choices,
            "flag": (True, False),
            "course": tuple(c.course for c in AGENCY.courses),
        }
        places = values[slider.kind]
    else:
        places = (slider.top(AGENCY), slider.places(AGENCY, before)[1])
        assert slider.places(AGENCY, before)[0] == slider.low()
        assert before in slider.places(AGENCY, before)
        meta = {row["parameter"]: row for row in sim.levers.describe(LEVERS[slider.lever])}[slider.parameter]
        assert meta["low"] <= places[0] <= meta["high"]
    for place in places:
        moved = plan.set(slider, place, AGENCY)
        assert moved.get(slider, AGENCY) == place
        back = moved.set(slider, before, AGENCY)
        assert back.policy == plan.policy


def test_a_plan_nobody_moved_is_what_is_done_today():
    assert Plan.new("A").policy.levers == sim.status_quo().levers
    for start in policy_names():
        assert (
            Plan.new("A", sim.load_policy(start)).fits(AGENCY).policy.levers == sim.load_policy(start).levers
        )


def test_a_lever_switched_off_remembers_its_other_sliders():
    plan = Plan.new("A").set(SLIDER["training.course"], "ict-blended", AGENCY)
    assert "training" not in {lever.key for lever in plan.policy.levers}
    lever = plan.set(SEATS, 20, AGENCY).policy.levers
    assert [x.course for x in lever if x.name == "training"] == ["ict-blended"]


def test_what_is_on_no_slider_stays_and_is_told():
    plan = Plan.new("A", sim.load_policy("leadership")).set(SEATS, 20, AGENCY)
    assert plan.beside() == ["leadership"]
    assert view.lever_titles(plan) == [LEVERS["leadership"].title.text()]
    assert Plan.new("A").set(SEATS, 20, AGENCY).beside() == []


def test_a_setting_no_lever_allows_is_refused_and_changes_nothing():
    plan = Plan.new("A")
    with pytest.raises(KinerjaError, match="nobody rates"):
        plan.set(SLIDER["appraisal.supervisor"], 0.0, AGENCY)
    with pytest.raises(KinerjaError, match="NIK"):
        plan.named("Rencana 198503152010011002")


def test_a_plan_taken_to_an_agency_without_its_course_takes_another():
    only = replace(AGENCY, courses=tuple(c for c in AGENCY.courses if c.course == "ict-blended"))
    plan = Plan.new("A", sim.load_policy("ict_training")).fits(only)
    assert [x.course for x in plan.policy.levers if x.name == "training"] == ["ict-blended"]


# answers


def test_the_planner_says_what_compare_says_after_each_replication():
    asked = question(replications=2, seed=5)
    looks = list(Answers(workers=1).ask(asked))
    assert [found.replications for found in looks] == [1, 2]
    policies = [sim.status_quo(), asked.plans[0].policy]
    for found in looks:
        n = found.replications
        same = sim.compare(AGENCY, policies, years=1, seed=5, replications=n, workers=1, progress=False)
        assert found.id == same.id
        for table in ("outcomes", "runs_summary", "costs"):
            pd.testing.assert_frame_equal(getattr(found, table), getattr(same, table))


def test_a_moved_slider_runs_the_plan_alone_and_a_return_runs_nothing():
    model = Counted()
    answers = Answers(workers=1, run=model)
    asked = question("ict_training", "citizen_feedback")
    list(answers.ask(asked))
    assert sorted(model.runs) == [(name, r) for name in ("plan_a", "plan_b", "status_quo") for r in (0, 1)]
    model.runs.clear()
    moved = replace(asked, plans=(asked.plans[0].set(SEATS, 20, AGENCY), asked.plans[1]))
    list(answers.ask(moved))
    assert model.runs == [("plan_a", 0), ("plan_a", 1)]
    model.runs.clear()
    list(answers.ask(asked))
    list(answers.ask(replace(moved, outcome="jp20")))  # another outcome decides: nothing to run either
    assert model.runs == []
    list(answers.ask(replace(asked, seed=2, replications=1)))
    assert len(model.runs) == 3


def test_two_plans_alike_are_one_run():
    model = Counted()
    list(Answers(workers=1, run=model).ask(question("status_quo", replications=1)))
    assert len(model.runs) == 1


def test_an_unwanted_question_stops_between_runs_and_keeps_what_is_finished():
    model = Counted()
    answers = Answers(workers=1, run=model)
    assert list(answers.ask(question(replications=40), wanted=lambda: len(model.runs) < 3)) != []
    assert len(model.runs) == 3
    found = list(answers.ask(question(replications=2)))
    assert found[-1].replications == 2
    assert len(model.runs) == 4


def test_only_the_latest_question_is_answered():
    told, failed = [], []
    answers = Answers(workers=1, run=Counted())
    latest = Latest(
        answers.ask, lambda q, found: told.append((q, found.replications)), lambda q, e: failed.append(e), 0.3
    )
    first, last = question(replications=1), question("citizen_feedback", replications=1)
    latest.ask(first)
    latest.ask(last)
    for _ in range(600):
        if told:
            break
        latest._thread.join(0.1)
    latest.close()
    assert told == [(last, 1)]
    assert failed == []


def test_what_cannot_be_answered_is_told_and_the_next_question_is_answered():
    def broken(*_, **__):
        raise KinerjaError("no such world")

    failed = []
    latest = Latest(
        Answers(workers=1, run=broken).ask, lambda *_: None, lambda q, e: failed.append((q.seed, str(e)))
    )
    for seed in (1, 2):
        latest.ask(question(seed=seed))
        for _ in range(600):
            if len(failed) == seed:
                break
            latest._thread.join(0.05)
    latest.close()
    assert failed == [(1, "no such world"), (2, "no such world")]


# what is shown


@pytest.fixture(scope="module")
def answered():
    asked = question("ict_training", "citizen_feedback", replications=3)
    return asked, list(Answers(workers=1).ask(asked))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_has_every_outcome_in_words_and_local_numbers(answered, lang):
    asked, looks = answered
    html = view.result(asked, looks[-1], lang=lang)
    for outcome in SHOWN:
        assert escape(OUTCOMES[outcome].label.text(lang=lang)) in html
    assert Message("{done} of {total} replications done").filled(done=3, total=3).text(lang=lang) in html
    other = "en" if lang == "id" else "id"
    for text in (
        Message("What the result rests on"),
        Message("Extra cost per year"),
        Message("Extra working days of officers per year"),
    ):
        assert text.text(lang=lang) in html
        assert text.text(lang=other) not in html
    numbers = re.findall(r'k-right">(\d[\d.,]*)', html)
    decimal, thousands = (",", ".") if lang == "id" else (".", ",")
    level = looks[-1].table("waiting_minutes").set_index("policy").loc["status_quo", "mean"]
    assert numbers[0] == f"{level:.1f}".replace(".", decimal)
    output = looks[-1].table("programme_output").set_index("policy").loc["status_quo", "mean"]
    assert f"{output:,.0f}".replace(",", thousands) in numbers


def test_bands_are_honest_about_how_few_replications_there_are(answered):
    asked, looks = answered
    one, two = view.result(asked, looks[0], lang="id"), view.result(asked, looks[1], lang="id")
    assert (
        Message("One replication so far: the numbers are still chance, and there is no interval yet.").text(
            lang="id"
        )
        in one
    )
    assert "<svg" not in one
    interval_unknown = Message("no interval yet").text(lang="id")
    assert one.count(f'k-ends">{interval_unknown}') == len(SHOWN) * 2
    assert two.count("<svg") == len(SHOWN) * 2
    table = looks[1].table("waiting_minutes").set_index("policy").loc["plan_b"]
    assert table["high"] - table["low"] > 6 * abs(
        looks[1].differences("waiting_minutes").set_index("policy").loc["plan_b", "difference"].diff().iloc[1]
    )


def test_evidence_is_that_of_the_levers_that_differ(answered):
    asked, looks = answered
    html = view.result(asked, looks[-1], lang="en")
    training = sim.Evidence.load()["training_behaviour"].label_en
    assert training in html
    alone = replace(asked, plans=asked.plans[1:], replications=1)
    assert training not in view.result(
        alone, list(Answers(workers=1, run=Counted()).ask(alone))[-1], lang="en"
    )


@pytest.mark.parametrize(
    ("key", "place", "indonesian", "english"),
    [
        ("training.seats", 40, "40 orang per tahun", "40 persons per year"),
        ("training.budget", 1_234_567_000, "Rp1.234.567.000", "Rp1,234,567,000"),
        ("training.budget", 0, "tidak dibatasi", "no limit"),
        ("discipline.enforcement", 0.125, "12,5%", "12.5%"),
        ("appraisal.peers", 0.25, "0,25", "0.25"),
        ("appraisal.second", "none", "tidak", "no"),
    ],
)
def test_places_of_sliders_are_written_as_the_language_writes_them(key, place, indonesian, english):
    for lang, text in (("id", indonesian), ("en", english)):
        with speaking(lang):
            assert view.standing(SLIDER[key], place, AGENCY).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_slider_and_choice_has_words(lang):
    with speaking(lang):
        for slider in SLIDERS:
            assert len(view.words(slider)) > 3
            assert view.standing(slider, today(slider, AGENCY), AGENCY)
            for choice in slider.choices:
                assert view.standing(slider, choice, AGENCY)
        for course in AGENCY.courses:
            assert view.course_name(course)


def test_names_from_outside_are_not_read_as_html(answered):
    asked, _ = answered
    plan = asked.plans[0].named("<img src=x onerror=alert(1)>")
    odd = replace(asked, plans=(plan,), agency=AGENCY.with_(agency={"label": "<script>"}), replications=2)
    html = view.result(odd, list(Answers(workers=1, run=Counted()).ask(odd))[-1], lang="id")
    assert "<img" not in html
    assert "<script>" not in html
    assert "<b>" not in view.problems([Problem("<b>", None, None, "<b>", "")], PROBLEMS, lang="id")


# uploads


def test_ten_mistakes_are_told_each_by_its_cell(tmp_path):
    with pytest.raises(Problems) as found:
        agency_from([Upload("kota.xlsx", mistaken(tmp_path / "kota.xlsx").read_bytes())])
    assert sorted(map(cell, found.value.problems)) == sorted(CELLS)
    for lang in LANGUAGES:
        html = view.problems(found.value.problems, PROBLEMS, lang=lang)
        for place in CELLS:
            assert place in html
        assert ("bukan angka" in html) == (lang == "id")


def packed(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_workbook_archive_and_csv_files_are_the_same_agency(tmp_path):
    cells = contoh()
    files = [Upload(p.name, p.read_bytes()) for p in sorted(folder(cells, tmp_path / "kota").iterdir())]
    zipped = Upload("kota.zip", packed({f"kota/{file.name}": file.content for file in files}))
    book = Upload("kota.xlsx", workbook(cells, tmp_path / "kota.xlsx").read_bytes())
    found = [agency_from(upload)[0] for upload in (files, [zipped], [book])]
    assert found[0] == found[1] == AGENCY
    assert [u.unit for u in found[2].units] == [u.unit for u in AGENCY.units]


@pytest.mark.parametrize(
    "name", ["../units.csv", "/etc/units.csv", "a/../../units.csv", "..\\units.csv", "C:\\units.csv"]
)
def test_an_archive_that_reaches_out_of_its_folder_is_refused(name):
    with pytest.raises(Problems, match="outside its folder"):
        agency_from([Upload("kota.zip", packed({name: b"x"}))])


@pytest.mark.parametrize(
    ("upload", "complaint"),
    [
        ([], "there is no file"),
        ([Upload("kota.py", b"import os")], "not an agency"),
        ([Upload("kota.zip", b"PK\x03\x04 not so")], "cannot be opened"),
        ([Upload("kota.xlsx", b"not a workbook")], "cannot be opened"),
        ([Upload("kota.zip", packed({"a/units.csv": b"x", "b/units.csv": b"x"}))], "more than one folder"),
        ([Upload("kota.zip", packed({"units.csv": b"0" * 20_000_001}))], "holds too much"),
        ([Upload("kota.zip", packed({f"{n}.csv": b"" for n in range(201)}))], "holds too much"),
    ],
)
def test_uploads_that_are_no_agency_are_refused(upload, complaint):
    with pytest.raises(Problems, match=complaint):
        agency_from(upload)


def test_personal_data_in_an_upload_is_refused_and_not_repeated(tmp_path):
    cells = contoh()
    cells["units"][1][1] = "198503152010011002"
    with pytest.raises(Problems) as found:
        agency_from([Upload("kota.xlsx", workbook(cells, tmp_path / "kota.xlsx").read_bytes())])
    personal = [p for p in found.value.problems if "personal data" in str(p.what)]
    assert [cell(p) for p in personal] == ["units!B2"]
    assert "198503152010011002" not in str(found.value)


def test_hints_and_meanings_of_columns_are_told_in_indonesian_too(tmp_path):
    cells = contoh()
    cells["units"][0] = ["pn" if name == "pns" else name for name in cells["units"][0]]
    with pytest.raises(Problems) as found:
        agency_from([Upload("kota.xlsx", workbook(cells, tmp_path / "kota.xlsx").read_bytes())])
    told = next(line for line in found.value.lines(lang="id") if "'pn'" in line)
    assert "Kolom ini belum ada" in told
    assert "PNS" in told


# saved and loaded


def test_plans_saved_and_loaded_are_the_same_question():
    asked = question(
        "ict_training", "appraisal_360", "leadership", years=2, replications=10, seed=9, outcome="ikm_service"
    )
    asked = replace(
        asked, plans=(asked.plans[0].named("Makassar: 60 kursi").set(SEATS, 60, AGENCY), *asked.plans[1:])
    )
    text = save_plans(asked)
    back = load_plans(text, "rencana.yaml", question())
    assert [p.policy for p in back.plans] == [p.policy for p in asked.plans]
    assert back.study().describe().id == asked.study().describe().id
    assert back.outcome == "ikm_service"


def test_a_saved_question_about_an_uploaded_agency_is_read_on_that_agency():
    own = AGENCY.with_(agency={"name": "kota-saya"})
    asked = replace(question(), agency=own)
    assert load_plans(save_plans(asked), "rencana.yaml", asked).agency is own
    with pytest.raises(Problems, match="kota-saya"):
        load_plans(save_plans(asked), "rencana.yaml", question())


def test_a_single_plan_is_added_as_far_as_there_is_room():
    text = sim.load_policy("citizen_feedback").to_yaml()
    asked = question()
    for n in range(2, MOST + 1):
        asked = load_plans(text, "plan.yaml", asked)
        assert len({plan.policy.name for plan in asked.plans}) == n
    assert asked.plans[1].policy.levers == sim.load_policy("citizen_feedback").levers
    with pytest.raises(Problems, match="5 plans"):
        load_plans(text, "plan.yaml", asked)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name: x\nlevers:\n- lever: trainig\n", r"rencana\.yaml, row 3.*training"),
        ("name: x\nlevers: !!python/object/apply:os.system ['echo']\n", "not YAML"),
        ("name: x\nlabel_id: 198503152010011002\n", "personal data"),
        ("agency: contoh\npolicies: [ict_training, status_quo]\n", "what is done today"),
        ("x" * 1_000_001, "too long"),
    ],
)
def test_a_file_that_is_no_plan_is_refused_by_line_and_nothing_in_it_is_run(text, complaint):
    with pytest.raises(Problems, match=complaint):
        load_plans(text, "rencana.yaml", question())


# taken away


def test_the_plan_that_is_downloaded_runs_with_compare(answered, tmp_path):
    asked, looks = answered
    name, _, content = downloads.made("plan", asked, 1, looks[-1], lang="id")
    path = tmp_path / name
    path.write_bytes(content)
    again = sim.compare(
        "contoh", ["status_quo", path], years=1, replications=1, seed=1, workers=1, progress=False
    )
    pd.testing.assert_series_equal(
        again.runs_summary.set_index("policy").loc["plan_b", "waiting_minutes"].reset_index(drop=True),
        looks[0].runs_summary.set_index("policy").loc["plan_b", "waiting_minutes"].reset_index(drop=True),
    )
    assert policy_from_yaml(content.decode("utf-8")) == asked.plans[1].policy


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_has_the_numbers_as_numbers_and_native_charts(answered, lang):
    asked, looks = answered
    name, _, content = downloads.made("workbook", asked, 0, looks[-1], lang=lang)
    assert name.endswith(f"{looks[-1].id}.xlsx")
    book = load_workbook(io.BytesIO(content))
    outcomes = book[Message("Outcomes").text(lang=lang)]
    table = looks[-1].table("waiting_minutes").set_index("policy").loc["plan_b"]
    row = next(
        r
        for r in outcomes.iter_rows(min_row=2, values_only=True)
        if r[3] == asked.plans[1].policy.label(lang=lang)
    )
    assert row[4:7] == pytest.approx((table["difference"], table["low"], table["high"]))
    assert row[8] == 3
    charts = {sheet.title: len(sheet._charts) for sheet in book.worksheets}
    assert [charts[Message(title).text(lang=lang)] for title in ("Outcomes", "Months", "Costs")] == [
        1,
        1,
        1,
    ]
    costs = book[Message("Costs").text(lang=lang)]
    last = [r for r in costs.iter_rows(values_only=True) if r[0] == asked.plans[0].policy.label(lang=lang)][
        -1
    ]
    own = looks[-1].costs
    assert last[1] == pytest.approx(own[own["policy"] == "plan_a"]["rupiah"].sum() / 3)
    (series,) = costs._charts[0].series
    plans = costs[series.cat.numRef.f.split("!")[1].replace("$", "")]
    bars = costs[series.val.numRef.f.split("!")[1].replace("$", "")]
    assert [cell.value for (cell,) in plans] == [p.label(lang=lang) for p in looks[-1].policies]
    assert bars[1][0].value == last[1]


def test_every_file_is_a_link_that_holds_it(answered):
    asked, looks = answered
    for kind in (*downloads.KINDS, "plans", "template"):
        name, media, content = downloads.made(kind, asked, 0, looks[-1], lang="id")
        found = re.fullmatch(
            r'<a download="([^"]+)" href="data:([^;]+);base64,([^"]+)">.*</a>',
            downloads.link(name, media, content),
        )
        assert found is not None
        assert (found[1], found[2], base64.b64decode(found[3])) == (name, media, content)
    assert yaml.safe_load(downloads.made("plans", asked, 0, looks[-1], lang="id")[2])["agency"] == "contoh"
    assert b"<html" in downloads.made("brief", asked, 0, looks[-1], lang="id")[2]


def test_outcomes_that_decide_are_shown():
    assert set(DECIDING) < set(SHOWN)


# the page, without a browser


def widgets(box) -> list:
    return [box, *(found for child in getattr(box, "children", ()) for found in widgets(child))]


def texts(page: Page) -> str:
    found = []
    for widget in widgets(page.box):
        for name in ("value", "description", "titles", "options"):
            found.append(str(getattr(widget, name, "")))
    return "\n".join(found)


@pytest.fixture
def page():
    made = Page(workers=1, lang="id")
    made.close()  # what it shows is tested here, not what it computes
    return made


def button(page: Page, key: str):
    name = "k-" + key.replace(".", "-")
    return next(x for x in widgets(page.box) if name in getattr(x, "_dom_classes", ()))


def test_whatever_can_be_chosen_has_words():
    assert {s.unit for s in SLIDERS if s.kind == "count"} - {""} == set(view.UNITS)
    assert {choice for s in SLIDERS for choice in s.choices} == set(view.CHOICES)
    assert {"classroom", "online", "blended", "coaching"} == set(view.FORMATS)


def test_a_click_changes_the_language_of_everything(page):
    indonesian = texts(page)
    assert Message("Plans").text(lang="id") in indonesian
    page._speak("en")
    english = texts(page)
    for text in (
        Message(
            "Move a slider, see what changes for citizens and officers, then download the brief. Every "
            "officer and citizen is synthetic."
        ),
        Message("An Excel workbook, a zip archive, or the CSV files of one folder. No names, NIP or NIK."),
        Message("Copy"),
        GROUP_NAMES["training"],
        OUTCOMES["waiting_minutes"].label,
    ):
        assert text.text(lang="en") in english
        assert text.text(lang="id") not in english
        assert text.text(lang="id") in indonesian


def test_a_slider_moved_changes_the_plan_and_its_words(page):
    slider = button(page, SEATS.key)
    assert slider.value == 40
    slider.value = 60
    assert page.question.plans[0].get(SEATS, AGENCY) == 60
    assert "60 orang per tahun" in page._labels[SEATS.key].value.replace("\N{NO-BREAK SPACE}", " ")


def test_what_is_refused_is_said_and_the_slider_goes_back(page):
    for key in ("appraisal.supervisor",):
        button(page, key).value = 0.0
    assert "beri bobot" in page._notice.value
    assert button(page, "appraisal.supervisor").value == 1.0
    button(page, "appraisal.supervisor").value = 0.5
    assert page._notice.value == ""


def test_plans_are_added_copied_renamed_and_removed(page):
    button(page, SEATS.key).value = 60
    button(page, "copy").click()
    button(page, "add").click()
    assert [p.get(SEATS, AGENCY) for p in page.question.plans] == [60, 60, 0]
    assert page.active == 2
    page._rename("Tanpa pelatihan")
    assert page.question.plans[2].policy.label(lang="en") == "Tanpa pelatihan"
    button(page, "add").click()
    assert button(page, "add").disabled
    page.active = 1
    button(page, "remove").click()
    assert [p.policy.name for p in page.question.plans] == ["plan_a", "plan_c", "plan_d"]


def test_an_uploaded_agency_is_chosen_and_mistakes_leave_the_old_one(page, tmp_path):
    page._try(lambda: page._upload([Upload("x.xlsx", mistaken(tmp_path / "x.xlsx").read_bytes())]))
    assert all(place in page._notice.value for place in CELLS)
    assert page.question.agency == AGENCY
    cells = contoh()
    cells["agency"][1][1], cells["agency"][2][1] = "kota-kita", "Kota Kita"
    page._try(lambda: page._upload([Upload("k.xlsx", workbook(cells, tmp_path / "k.xlsx").read_bytes())]))
    assert page.question.agency.label == "Kota Kita"
    assert "Kota Kita" in page._notice.value
    page._agency("jambi")
    page._agency("kota-kita")
    assert page.question.agency.label == "Kota Kita"


def test_the_command_is_bound_to_loopback_with_a_token_of_its_own(monkeypatch):
    from voila.app import Voila

    from sim.planner import server

    given = []
    monkeypatch.setattr(Voila, "launch_instance", lambda argv, **options: given.append(options))
    addresses = []
    for _ in range(2):
        server.serve("contoh", lang="en", browser=False, tell=addresses.append)
    assert {options["ip"] for options in given} == {"127.0.0.1"}
    assert len({options["token"] for options in given}) == 2
    assert all(len(options["token"]) >= 32 for options in given)
    for options, address in zip(given, addresses, strict=True):
        assert address == f"http://127.0.0.1:{options['port']}/?token={options['token']}"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(KinerjaError, match="choose another"):
            server.serve("contoh", lang="en", port=taken.getsockname()[1])
