"""Steps `train` and `fit`: all models through one repeat of the folds, and the final model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from radpred.config import StudySettings
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


def models_of(study: StudySettings) -> tuple[str, ...]:
    """Return the candidates of a study, then the baselines that always stand beside them."""
    clinical = ("clinical",) if study.outcome.clinical else ()
    return (*study.learning.models, "volume", *clinical)


def train(
    study_json: Path,
    features: Path,
    cohort: Path,
    *,
    repeat: int,
    output: Path,
    threads: int = 1,
) -> None:
    """Write the out-of-fold predictions of all models in one repeat of the outer folds."""
    study = planned(study_json)
    data = learnable(features, cohort)
    folds = study.learning.outer_folds
    with Progress(study.out, "train", f"{repeat}", total=folds) as progress:
        table = out_of_fold(
            models_of(study),
            data.X,
            data.y,
            data.groups,
            design=study.learning,
            repeats=[repeat],
            site=data.site,
            n_jobs=threads,
            progress=lambda done, _: progress.done(f"fold {done}"),
        )
    write_table(table, output, metadata={"repeat": repeat})


def fit(study_json: Path, features: Path, cohort: Path, output: Path) -> None:
    """Write the final model: the candidate with the best inner score, fitted on all cases."""
    study = planned(study_json)
    data = learnable(features, cohort)
    final = fit_final(study.learning.models, data.X, data.y, data.groups, design=study.learning)
    write_fitted(final, output)
