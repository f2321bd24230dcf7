"""What joining shards takes: ``python -m benchmarks.assembling FOLDER N P``, in ``tests/``.

Shards of 400 cases and P columns are made of random numbers and joined by `join_tables`, and cases
that repeat another patient's are looked for; each peak is that of this process meanwhile.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from radpred import table
from radpred.stages.work.pool.memory import forget_peak, peak_mb
from radpred.table.store import write_table
from radpred.table.stream import cases_of, join_tables

CASES = 400  # in a shard


def main() -> None:
    """Print seconds and peak memory."""
    folder, n_cases, n_columns = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    shards = made(folder, n_cases, n_columns)
    with told_of(f"join {n_cases} cases"):
        cases = cases_of(shards)
        join_tables(shards, folder / "features.parquet", metadata={})
    with told_of(f"look for copies among {n_cases} cases"):
        table.near_copies(folder / "features.parquet", pd.Series(cases, index=cases))


@contextmanager
def told_of(work: str) -> Iterator[None]:
    """Print what a piece of work took."""
    forget_peak()
    before, began = peak_mb(), time.process_time()
    yield
    seconds = time.process_time() - began
    print(f"{work}: {seconds:.1f} s, {before:.0f} MB before, {peak_mb():.0f} MB at most")  # noqa: T201


def made(folder: Path, n_cases: int, n_columns: int) -> list[Path]:
    """Return shards; those that are there from another time are kept."""
    rng = np.random.default_rng(0)
    names = [f"tumour__original_firstorder_F{i}" for i in range(n_columns)]
    paths = []
    for start in range(0, n_cases, CASES):
        paths.append(folder / f"{start // CASES:04d}.parquet")
        if paths[-1].is_file():
            continue
        n = min(CASES, n_cases - start)
        frame = pd.DataFrame(rng.normal(size=(n, n_columns)), columns=names)
        frame.index = pd.Index([f"C{start + i}" for i in range(n)])
        frame.insert(0, "case_id", frame.index)
        write_table(frame, paths[-1], metadata={})
    return paths


if __name__ == "__main__":
    main()
