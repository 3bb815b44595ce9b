"""Every rule says where it comes from and whether its wording was seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.paths import data_dir
from sim.regulation import sources
from sim.regulation._tables import PROVENANCE, TABLES, rows
from sim.regulation.page import document


def test_every_table_in_the_folder_is_listed():
    assert {path.stem for path in (data_dir() / "regulation").glob("*.csv")} == set(TABLES)
    assert set(sources()["table"]) == set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_its_provenance(table):
    assert rows(table)
    for row in rows(table):
        assert None not in row, "a row longer than the heading"
        assert None not in row.values(), "a row shorter than the heading"
        assert set(PROVENANCE) < set(row)
        assert row["regulation"].strip()
        assert row["source"].strip()
        assert row["status"] in ("V", "V2", "M", "D", "A")
        assert row["verified"] in ("y", "n")


def test_what_was_not_read_in_the_law_is_not_called_verified():
    table = sources()
    second_hand = table[table["status"].isin(["V2", "M", "A"])]
    assert len(second_hand) > 20
    assert not second_hand["verified"].any()
    unseen = set(table.loc[~table["verified"], "table"])
    assert {"matrix", "credit"} & unseen == {"matrix"}
    assert table.loc[table["table"] == "matrix", "verified"].sum() == 0
    assert table.loc[table["rule"].str.contains("PPPK"), "status"].tolist() == ["M"]


def test_the_page_in_docs_is_the_one_the_tables_make():
    page = Path(__file__).parents[2] / "docs" / "regulation.md"
    text = page.read_text(encoding="utf-8")
    assert text == document(), "run: python -m sim.regulation > docs/regulation.md"
    assert text.count("**not verified**") == (~sources()["verified"]).sum()
