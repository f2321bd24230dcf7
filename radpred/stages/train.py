"""Steps `train` and `fit`: all models through one repeat of the folds, and the final model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.config import StudySettings
from radpred.deploy import write_fitted
from radpred.model.rows import cohort_of
from radpred.pipeline.habitats import habitats_step
from radpred.pipeline.train import fit_final, judge
from radpred.pipeline.variants import Variants, variants_of
from radpred.stages.prepare import planned
from radpred.stages.progress import Progress
from radpred.table import read_table, write_table
from radpred.table.bags import with_bags


@dataclass(frozen=True, kw_only=True)
class Learnable:
    """What a model may see: columns, outcome and patient of every case."""

    X: pd.DataFrame
    y: pd.Series
    groups: pd.Series
    site: pd.Series


def learnable(features: Path, cohort: Path) -> Learnable:
    """Return the tables of a study as a model sees them, indexed by case."""
    table, metadata = read_table(features)
    frame = table.set_index("case_id")
    if (metadata.get("settings") or {}).get("habitats"):
        frame = with_bags(frame, read_table(features.with_name("bags.parquet"))[0])
    people = read_table(cohort)[0].set_index("case_id").loc[frame.index]
    clinical = people.drop(columns=["patient_id", "y", "site"])
    return Learnable(
        X=frame.join(clinical), y=people["y"], groups=people["patient_id"], site=people["site"]
    )


def models_of(study: StudySettings) -> tuple[str, ...]:
    """Return the candidates of a study, then the baselines that always stand beside them."""
    clinical = ("clinical",) if study.outcome.clinical else ()
    return (*study.learning.models, "volume", *clinical)


def steps_before(study: StudySettings) -> list[tuple[str, Any]]:
    """Return the unfitted steps that a study puts before all others."""
    habitats = habitats_step(study.habitats)
    return [] if habitats is None else [("habitats", habitats)]


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
    variants = _variants(study, features)
    folds = study.learning.outer_folds
    with Progress(study.out, "train", f"{repeat}", total=folds) as progress:
        judged = judge(
            models_of(study),
            cohort_of(data.X, data.y, data.groups),
            design=study.learning,
            repeats=[repeat],
            site=data.site,
            n_jobs=threads,
            progress=lambda done, _: progress.done(f"fold {done}"),
            before=steps_before(study),
            variants=variants,
        )
    if variants is not None:
        beside = output.with_suffix(".variants.parquet")
        write_table(judged.of_variants, beside, metadata={"repeat": repeat})
    write_table(judged.predictions, output, metadata={"repeat": repeat})


def _variants(study: StudySettings, features: Path) -> Variants | None:
    """Return the variants of a study's cases, which stand beside their features."""
    if not study.has_variants:
        return None
    table = read_table(features.with_name("perturbed.parquet"))[0]
    return variants_of(table, study.stability)


def fit(study_json: Path, features: Path, cohort: Path, output: Path) -> None:
    """Write the final model: the candidate with the best inner score, fitted on all cases."""
    study = planned(study_json)
    data = learnable(features, cohort)
    final = fit_final(
        study.learning.models,
        data.X,
        data.y,
        data.groups,
        design=study.learning,
        before=steps_before(study),
        variants=_variants(study, features),
    )
    write_fitted(final, output)
