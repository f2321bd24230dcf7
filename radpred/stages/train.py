"""Step `train`: one model through all outer folds, and once more on everybody."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from radpred.deploy import write_fitted
from radpred.pipeline.train import fit_final, out_of_fold
from radpred.stages.prepare import planned
from radpred.stages.progress import Progress
from radpred.table import read_table, write_table


@dataclass(frozen=True, kw_only=True)
class Learnable:
    """What a model may see: columns, outcome and patient of every case."""

    X: pd.DataFrame
    y: pd.Series
    groups: pd.Series
    site: pd.Series


def learnable(features: Path, cohort: Path) -> Learnable:
    """Return the tables of a study as a model sees them, indexed by case."""
    frame = read_table(features)[0].set_index("case_id")
    people = read_table(cohort)[0].set_index("case_id").loc[frame.index]
    clinical = people.drop(columns=["patient_id", "y", "site"])
    return Learnable(
        X=frame.join(clinical), y=people["y"], groups=people["patient_id"], site=people["site"]
    )


def train(
    study_json: Path,
    features: Path,
    cohort: Path,
    *,
    model: str,
    predictions: Path,
    fitted: Path,
    threads: int = 1,
) -> None:
    """Write a model's out-of-fold predictions, and the model fitted on all cases."""
    study = planned(study_json)
    data = learnable(features, cohort)
    design = study.learning
    total = design.outer_folds * design.n_repeats + 1
    with Progress(study.out, "train", model, total=total) as progress:
        table = out_of_fold(
            model,
            data.X,
            data.y,
            data.groups,
            design=design,
            site=data.site,
            n_jobs=threads,
            progress=progress.done,
        )
        final = fit_final(model, data.X, data.y, data.groups, design=design)
        progress.done("final")
    write_fitted(final, fitted)
    write_table(table, predictions, metadata={"model": model})
