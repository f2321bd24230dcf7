"""What learning costs on made tables of growing size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from radpred.pipeline.learning.train import out_of_fold
from tables_bench.judged import design_of

N_PER_GROUP = 10


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One size: so many patients and columns, these models, that preset, so many processes."""

    n: int
    p: int
    models: tuple[str, ...] | list[str]
    preset: str = "quick"
    jobs: int = 1
    limit_s: float = 600

    @property
    def name(self) -> str:
        """Return what it is called."""
        models = self.models[0] if len(self.models) == 1 else f"{len(self.models)} models"
        return f"{self.n} x {self.p}, {models}, {self.preset}, {self.jobs} at once"

    def plain(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return asdict(self) | {"models": list(self.models)}


FOUR = ("elastic_net", "svm", "random_forest", "xgboost")
CELLS = (
    Cell(n=200, p=1000, models=FOUR, preset="standard", jobs=2, limit_s=1800),
    *(
        Cell(n=n, p=p, models=(model,))
        for n, p in ((500, 1000), (1000, 2000), (5000, 2000))
        for model in ("elastic_net", "xgboost")
    ),
)


def made_table(n: int, p: int, *, seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """Return columns that go in groups of ten, as radiomic ones do, and an outcome of five groups.

    Returns
    -------
    X : DataFrame of shape (n, p)
        In a group, any two columns correlate by 0.8.
    y : Series of shape (n,)
        0 or 1, about as many of either.
    """
    rng = np.random.default_rng(seed)
    groups = rng.standard_normal((n, -(-p // N_PER_GROUP)))
    own = rng.standard_normal((n, p))
    values = np.sqrt(0.8) * np.repeat(groups, N_PER_GROUP, axis=1)[:, :p] + np.sqrt(0.2) * own
    risk = groups[:, :5].sum(axis=1) / np.sqrt(5)
    y = (risk + rng.logistic(size=n) > 0).astype(int)
    cases = [f"C{i:05d}" for i in range(n)]
    columns = [f"made__table_external_f{j:04d}" for j in range(p)]
    return pd.DataFrame(values, index=cases, columns=columns), pd.Series(y, index=cases)


def paid(cell: Cell, told: Callable[[int, int], None]) -> dict[str, Any]:
    """Carry the learning of a made table out, telling of each fold."""
    X, y = made_table(cell.n, cell.p)
    design = design_of(cell.preset)
    people = pd.Series(X.index, index=X.index)
    out_of_fold(cell.models, X, y, people, design=design, n_jobs=cell.jobs, progress=told)
    n_folds = design.outer_folds * design.n_repeats
    return {"folds_done": n_folds, "folds": n_folds}
