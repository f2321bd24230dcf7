"""Files of a study from a table alone, and what its workflow said of the cases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from tables_bench.tables import path_of

from radpred.config import read_study
from radpred.stages.commands.sweep import predicted, said_in
from radpred.workflow import run


def write_cohort(folder: Path, X: pd.DataFrame, y: ArrayLike, *, event: str) -> None:
    """Write ``features.csv``, ``cases.csv`` and ``outcome.csv``, one patient a row of ``X``."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = [f"p{i:04d}" for i in range(len(X))]
    pd.DataFrame({"case_id": ids, "patient_id": ids}).to_csv(folder / "cases.csv", index=False)
    outcome = pd.DataFrame({"patient_id": ids, event: np.asarray(y).astype(int)})
    outcome.to_csv(folder / "outcome.csv", index=False)
    X.assign(case_id=ids).to_csv(folder / "features.csv", index=False)


def public_table(data: Path, name: str) -> tuple[pd.DataFrame, pd.Series]:
    """Return the features and the outcome of a table of radMLBench."""
    frame = pd.read_parquet(path_of(data, name))
    return frame.drop(columns=["ID", "Target"]), frame["Target"].astype(int)


def answers(study: Path, *, cores: int) -> pd.DataFrame:
    """Run a study as far as its models' out-of-fold answers, and return these."""
    settings = read_study(study)
    run(study, cores=cores, extra=predicted(settings))
    return said_in(settings.out)
