"""Tables that people bring (CSV, Excel, parquet), read without guessing: cells first, then columns by what they are.

`read_cells` gives texts with their rows; `numbers`, `identities`, `dates`, `periods`, `flags` and the levels of
`sim.tables.choices` read a column and return what is wrong with it; `sim.tables.record` keeps what was read and left
out.
"""

from sim.tables.cells import Cells, read_cells
from sim.tables.choices import flags, levels_given, one_spelling, predikat_code
from sim.tables.dates import dates, order_shown
from sim.tables.ids import as_text, identities, lost_digits
from sim.tables.numbers import inferred, is_error, looks_numeric, numbers
from sim.tables.periods import periods
from sim.tables.places import Place, rows_text, shown
from sim.tables.record import keep, left_out, record, sentences

__all__ = [
    "Cells",
    "Place",
    "as_text",
    "dates",
    "flags",
    "identities",
    "inferred",
    "is_error",
    "keep",
    "left_out",
    "levels_given",
    "looks_numeric",
    "lost_digits",
    "numbers",
    "one_spelling",
    "order_shown",
    "periods",
    "predikat_code",
    "read_cells",
    "record",
    "rows_text",
    "sentences",
    "shown",
]
