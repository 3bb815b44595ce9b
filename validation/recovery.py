"""The recovery tables of docs/inference.md and docs/evaluation.md: 1,000 data sets of every case.

What is counted is kept in ``results/proofs``, some data sets at a time, so that an interrupted count goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import joblib
import pandas as pd

from validation import evaluation, nulls, proofs, ratings
from validation.coverage import Case, band, checks, summarise
from validation.stamps import ROOT, Proof

CHUNK = 20
"""Data sets that are kept together: what an interruption can lose, per worker."""

TOO_SURE = "interrupted_time_series, Newey-West"
"""A case that must fall outside the band: it shows that the count can fail."""

TABLES: dict[Proof, dict[str, Case]] = {
    proofs.RATINGS: ratings.CASES,
    proofs.EVALUATION: {**evaluation.CASES, TOO_SURE: evaluation.series_newey_west},
    proofs.NULLS: nulls.CASES,
}


def cases() -> dict[str, Case]:
    """Give every case by name: at least one for each model that gives an interval, and `TOO_SURE`."""
    return {name: case for table in TABLES.values() for name, case in table.items()}


def count(name: str, datasets: int, seed: int, digest: str, workers: int = -1) -> pd.DataFrame:
    """Count one case, going on from the data sets that are there.

    Parameters
    ----------
    name : str
        A name of `cases`.
    datasets, seed : int
        See `validation.coverage.coverage`.
    digest : str
        Of the code; data sets of other code are not used.
    workers : int
        Processes; -1 is one for each core.
    """
    folder = ROOT / "results" / "proofs" / digest / f"{name.replace(' ', '_')}-seed-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    chunks = [range(k, min(k + CHUNK, datasets)) for k in range(0, datasets, CHUNK)]
    tables = joblib.Parallel(n_jobs=workers)(joblib.delayed(_chunk)(folder, name, c, seed) for c in chunks)
    return summarise(pd.concat(tables, ignore_index=True), datasets)


def _chunk(folder: Path, name: str, datasets: range, seed: int) -> pd.DataFrame:
    path = folder / f"{datasets.start}-{datasets.stop}.parquet"
    if not path.is_file():
        part = path.with_suffix(".part")
        checks(cases()[name], datasets, seed).to_parquet(part)
        part.replace(path)  # whole or not at all
    return pd.read_parquet(path)


def run(datasets: int = 1000, seed: int = 1, only: Iterable[str] = (), workers: int = -1) -> int:
    """Count the cases, print the tables, and write them into the docs when nothing was left out.

    Returns
    -------
    int
        How many quantities are not where they should be.
    """
    only, wrong = set(only), 0
    for proof, table in TABLES.items():
        digest, counted = proof.digest(), {}
        for name in table:
            if not only or name in only:
                counted[name] = count(name, datasets, seed, digest, workers)
                print(f"{name}\n{counted[name].to_string(index=False)}", flush=True)
        wrong += sum(int((rows["inside"] == (name == TOO_SURE)).sum()) for name, rows in counted.items())
        if set(counted) == set(table):
            proof.write(markdown(counted, datasets, seed), digest)
    return wrong


def markdown(counted: Mapping[str, pd.DataFrame], datasets: int, seed: int) -> str:
    """Write the table of a page."""
    low, high = band(datasets)
    lines = [
        f"{datasets} data sets a case, seed {seed}; the band is {low:.3f} to {high:.3f}.\n",
        "| model | quantity | truth | mean estimate | bias / its MC error | share that cover |",
        "|---|---|---|---|---|---|",
    ]
    for name, rows in counted.items():
        outside = " (outside, as expected)" if name == TOO_SURE else " **OUTSIDE**"
        lines += [
            f"| {name} | {r.quantity} | {r.truth:.3f} | {r.estimate:.3f} | {r.bias_z:+.1f} "
            f"| {r.share:.3f}{'' if r.inside else outside} |"
            for r in rows.itertuples()
        ]
    return "\n".join(lines)
