"""What training on a large table takes: ``python -m benchmarks.learning N P``, in ``tests/``.

The table is made: N cases, P columns in groups that move together, some of which bear on the
outcome, and one value in fifty missing. Each model is tuned, calibrated, made conformal and
fitted in one process as `radpred stage fit` does; the peak is that of the process.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd

from radpred.config.study import LearningSettings
from radpred.pipeline.learning.train import fit_every
from radpred.stages.work.pool.memory import forget_peak, peak_mb

GROUP = 10  # columns that move together
MISSING = 0.02


def made_table(n_cases: int, n_columns: int, *, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Return features by case, and an outcome that a few of them bear on."""
    rng = np.random.default_rng(seed)
    values = np.empty((n_cases, n_columns))
    n_groups = -(-n_columns // GROUP)
    shared = rng.normal(size=(n_cases, n_groups))
    for column in range(n_columns):
        own = rng.normal(size=n_cases)
        values[:, column] = 0.9 * shared[:, column // GROUP] + 0.44 * own
    y = rng.random(n_cases) < 1 / (1 + np.exp(-values[:, :5].sum(axis=1) / 3))
    values[rng.random(values.shape) < MISSING] = np.nan
    names = [f"tumour__original_firstorder_F{i}" for i in range(n_columns)]
    index = pd.Index([f"C{i}" for i in range(n_cases)], name="case_id")
    return pd.DataFrame(values, index=index, columns=names), y.astype(int)


def main() -> None:
    """Print seconds and peak memory of each model."""
    parser = argparse.ArgumentParser(prog="benchmarks.learning")
    parser.add_argument("n_cases", type=int)
    parser.add_argument("n_columns", type=int)
    parser.add_argument("--models", nargs="+", default=["elastic_net", "xgboost"])
    given = parser.parse_args()
    X, y = made_table(given.n_cases, given.n_columns)
    forget_peak()
    print(f"table: {X.memory_usage().sum() / 2**20:.0f} MB; held {peak_mb():.0f} MB")  # noqa: T201
    for model in given.models:
        design = LearningSettings(models=[model])
        forget_peak()
        began, used = time.perf_counter(), time.process_time()
        fit_every([model], X, y, X.index.to_numpy(), design=design)
        wall, cpu = time.perf_counter() - began, time.process_time() - used
        print(f"{model}: {wall:.0f} s ({cpu:.0f} s of one core), {peak_mb():.0f} MB", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
