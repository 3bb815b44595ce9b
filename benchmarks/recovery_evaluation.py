"""Coverage of every evaluation method on 1,000 data sets with known truth, as a Markdown table.

    python benchmarks/recovery_evaluation.py [SETS [CASE...]]

The cases are those of `sim.inference.evaluation_recovery`, with Newey-West errors beside them, which fail. The
script ends with 1 when a case leaves the exact 99.9 % binomial band (or its bias exceeds four Monte Carlo errors).
"""

from __future__ import annotations

import sys
import time

from sim.inference import evaluation_recovery as recovery
from sim.inference.recovery import band


def main(sets: int, names: list[str]) -> int:
    """Print the table of the named cases (default all); 0 when every case is inside."""
    low, high = band(sets)
    print(f"{sets} data sets a case; exact 99.9 % band of a 95 % interval: {low:.3f} to {high:.3f}\n")
    print("| quantity | truth | mean estimate | bias / its MC error | coverage |")
    print("|---|---|---|---|---|")
    wrong, began = 0, time.perf_counter()
    for case in (*recovery.CASES, recovery.series_newey_west):
        if names and case.__name__ not in names:
            continue
        for row in recovery.coverage(case, sets).itertuples():
            outside = not row.inside or abs(row.bias_z) > 4
            expected = case is recovery.series_newey_west
            wrong += outside and not expected
            mark = " (outside, as expected)" if expected and outside else " (OUTSIDE)" if outside else ""
            print(
                f"| {row.quantity} | {row.truth:.3f} | {row.mean:.3f} | {row.bias_z:+.1f} | {row.coverage:.3f}{mark} |",
                flush=True,
            )
    print(f"\n{time.perf_counter() - began:.0f} s", file=sys.stderr)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, sys.argv[2:]))
