"""The results as an Excel workbook with native charts: numbers as numbers, to be worked on."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.data_source import NumDataSource, NumRef
from openpyxl.chart.error_bar import ErrorBars
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.properties import PageSetupProperties

from sim.errors import Message, _
from sim.language import speaking
from sim.outcomes import OUTCOMES
from sim.report.evidence import distinct, evidence_table, lever_title
from sim.report.format import difference_unit
from sim.report.plain import Plain
from sim.study.compare import estimates
from sim.study.compare.answer import answer, sentence

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from sim.study.compare.result import CompareResult

COLUMNS = (
    _("Outcome"),
    _("Unit of measurement"),
    _("Status quo"),
    _("Plan"),
    _("Difference"),
    _("95% confidence interval, lower limit"),
    _("95% confidence interval, upper limit"),
    _("Half-width of the interval"),
    _("Replications"),
)
"""Columns of the sheet of outcomes."""

GREYS = ("1A1A1A", "0072B2", "D55E00", "009E73", "CC79A7")
"""Colours of the lines; what is done today is black."""


def workbook(found: CompareResult, *, lang: str | None = None) -> bytes:
    """The workbook of a comparison, as the bytes of an .xlsx file.

    Sheets: what was compared and the answer; every outcome with differences and intervals, and a chart; the deciding
    outcome month by month, and a chart; costs by action and year, and a chart; the evidence.
    """
    book = Workbook()
    with speaking(lang):
        _answer(_printed(book.worksheets[0]), found)
        _outcomes(_sheet(book, _("Outcomes")), found)
        _months(_sheet(book, _("Months")), found)
        _costs(_sheet(book, _("Costs")), found)
        _evidence(_sheet(book, _("Evidence")), found)
    for sheet in book.worksheets:
        _heights(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(book: Workbook, title: Message) -> Worksheet:
    return _printed(book.create_sheet(str(title)))


def _printed(sheet: Worksheet) -> Worksheet:
    """On paper as wide as the sheet is."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return sheet


def _answer(sheet: Worksheet, found: CompareResult) -> None:
    study = found.manifest["study"]
    sheet.title = str(_("Answer"))
    rows = [
        (str(_("Answer")), sentence(answer(found), found, Plain())),
        (str(_("Agency")), found.agency.label),
        (str(_("Length, years")), study["years"]),
        (str(_("Replications")), found.replications),
        (str(_("Random seed")), study["seed"]),
        (str(_("Study id")), found.id),
        (
            str(_("Note")),
            str(_("Simulated with synthetic data; it describes no real officer or citizen.")),
        ),
    ]
    for row in rows:
        sheet.append(row)
    _widths(sheet, (26, 110))
    for row in sheet.iter_rows():
        row[0].font = Font(bold=True)
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")


def _outcomes(sheet: Worksheet, found: CompareResult) -> None:
    """A row an outcome and plan; below, the deciding outcome as a chart with its intervals."""
    names = {policy.name: policy.label() for policy in found.policies}
    _heading(sheet, [str(column) for column in COLUMNS])
    for outcome in estimates.shown(found):
        base = estimates.levels(found, outcome)[found.baseline].mean
        scale = 100.0 if OUTCOMES[outcome].share else 1.0
        for name, e in estimates.differences(found, outcome).items():
            sheet.append(
                [
                    str(OUTCOMES[outcome].label),
                    difference_unit(outcome) or str(OUTCOMES[outcome].unit),
                    _number(base * scale),
                    names[name],
                    *(_number(x * scale) for x in (e.mean, e.low, e.high, e.half)),
                    e.n,
                ]
            )
    _numbers(sheet, range(3, 9), "#,##0.00")
    _widths(sheet, (52, 16, 12, 34, 12, 16, 16, 18, 12))
    count = len(estimates.others(found))
    if estimates.shown(found) and count:
        _interval_chart(sheet, count, f"{sheet['A2'].value} ({sheet['B2'].value})")


def _interval_chart(sheet: Worksheet, count: int, title: str) -> None:
    """The first `count` rows as bars with error bars."""
    chart = BarChart()
    chart.type, chart.style, chart.title = (
        "bar",
        10,
        str(_("Difference from the status quo: {outcome}", outcome=title)),
    )
    chart.add_data(Reference(sheet, min_col=5, min_row=1, max_row=1 + count), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=4, min_row=2, max_row=1 + count))
    half = NumDataSource(NumRef(f"{quote_sheetname(sheet.title)}!$H$2:$H${1 + count}"))
    chart.series[0].errBars = ErrorBars(
        errDir="y", errBarType="both", errValType="cust", plus=half, minus=half, noEndCap=False
    )
    chart.series[0].graphicalProperties.solidFill = GREYS[1]
    _finish(chart, None, None)
    chart.x_axis.tickLblPos = "low"
    sheet.add_chart(chart, f"A{sheet.max_row + 3}")


def _months(sheet: Worksheet, found: CompareResult) -> None:
    """The deciding outcome month by month, a column a policy."""
    outcomes = estimates.shown(found)
    if not outcomes:
        return
    outcome, names = outcomes[0], {policy.name: policy.label() for policy in found.policies}
    scale = 100.0 if OUTCOMES[outcome].share else 1.0
    wide = (
        found.months(outcome).pivot_table(index="month", columns="policy", values="mean", observed=True)
        * scale
    )
    _heading(sheet, [str(_("Month")), *(names[name] for name in wide.columns)])
    for month, row in wide.iterrows():
        sheet.append([int(str(month)), *(_number(x) for x in row)])
    _numbers(sheet, range(2, 2 + len(wide.columns)), "#,##0.00")
    _widths(sheet, (12, *[22] * len(wide.columns)))
    chart = LineChart()
    chart.title = f"{OUTCOMES[outcome].label!s} ({OUTCOMES[outcome].unit!s})"
    last = 1 + len(wide)
    chart.add_data(
        Reference(sheet, min_col=2, max_col=1 + len(wide.columns), min_row=1, max_row=last),
        titles_from_data=True,
    )
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=last))
    for i, series in enumerate(chart.series):
        series.graphicalProperties.line.solidFill = GREYS[i % len(GREYS)]
        series.graphicalProperties.line.dashStyle = ("solid", "dash", "sysDot", "dashDot", "lgDash")[i % 5]
        series.smooth = False
    _finish(chart, str(_("Month")), str(OUTCOMES[outcome].unit))
    sheet.add_chart(chart, f"{get_column_letter(3 + len(wide.columns))}2")


def _costs(sheet: Worksheet, found: CompareResult) -> None:
    """Means over replications by plan, action and year; a chart of each plan's total."""
    start = found.scenario.start.year
    years = sorted(found.costs["year"].unique())
    first = [str(_("Option")), str(_("Action"))]
    _heading(sheet, [*first, *(str(start + int(year) - 1) for year in years), str(_("Total"))])
    means = (
        found.costs.groupby(["policy", "lever", "year"], observed=True)["rupiah"].sum() / found.replications
    )
    totals = []
    for policy in found.policies:
        titles = {lever.key: lever_title(lever) for lever in policy.levers}
        own = means[means.index.get_level_values("policy") == policy.name]
        for lever in own.index.get_level_values("lever").unique():
            cells = [float(own.get((policy.name, lever, year), 0.0)) for year in years]
            if any(cells):
                sheet.append([policy.label(), titles.get(lever, lever), *cells, sum(cells)])
        totals.append((policy.label(), float(own.sum())))
    for row in ((), (), (str(_("Option")), str(_("Total"))), *totals):
        sheet.append(row)
    begin = sheet.max_row - len(totals)
    for cell in sheet[begin]:
        cell.font = Font(bold=True)
    _numbers(sheet, range(2, 4 + len(years)), '"Rp" #,##0')
    _widths(sheet, (34, 30, *[18] * (len(years) + 1)))
    chart = BarChart()
    chart.type, chart.style, chart.title = "bar", 10, str(_("Cost"))
    chart.add_data(
        Reference(sheet, min_col=2, min_row=begin, max_row=begin + len(totals)), titles_from_data=True
    )
    chart.set_categories(Reference(sheet, min_col=1, min_row=begin + 1, max_row=begin + len(totals)))
    chart.series[0].graphicalProperties.solidFill = GREYS[1]
    _finish(chart, None, "Rp")
    sheet.add_chart(chart, f"A{sheet.max_row + 3}")


def _evidence(sheet: Worksheet, found: CompareResult) -> None:
    frame = evidence_table(distinct(found), found.scenario.preset)
    if frame.empty:
        sheet.append([str(_("The plans rest on no finding in the evidence table."))])
        return
    _heading(sheet, [str(column) for column in frame.columns])
    for row in frame.itertuples(index=False):
        sheet.append([_text(x) for x in row])
    _widths(sheet, (50, 22, 34, 20, 60, 30))
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _heading(sheet: Worksheet, names: Sequence[str]) -> None:
    sheet.append([_text(name) for name in names])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"


def _number(x: float) -> float | None:
    """A cell; empty where there is no value."""
    return float(x) if math.isfinite(x) else None


def _text(x: Any) -> str:
    """A text that Excel does not take for a formula."""
    text = str(x)
    return f"'{text}" if text[:1] in ("=", "+", "@") else text


def _numbers(sheet: Worksheet, columns: Iterable[int], pattern: str) -> None:
    for column in columns:
        for row in range(2, sheet.max_row + 1):
            sheet.cell(row, column).number_format = pattern


def _widths(sheet: Worksheet, widths: Sequence[float]) -> None:
    for i, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(i)].width = width


def _heights(sheet: Worksheet) -> None:
    """Rows as high as what wraps in them; not every program sees to that."""
    for row in sheet.iter_rows():
        lines = [
            math.ceil(1.2 * len(str(cell.value)) / sheet.column_dimensions[cell.column_letter].width)
            for cell in row
            if cell.value is not None and cell.alignment.wrap_text
        ]
        if max(lines, default=1) > 1:
            sheet.row_dimensions[row[0].row].height = 15.0 * max(lines)


def _finish(chart: Any, x: str | None, y: str | None) -> None:
    """Size, axis titles, and axes that are drawn (openpyxl leaves them out by default)."""
    chart.height, chart.width = 9, 20
    chart.x_axis.title, chart.y_axis.title = x, y
    chart.x_axis.delete = chart.y_axis.delete = False
    if len(chart.series) == 1:
        chart.legend = None
