"""Step `permute`: everything again for outcomes that were dealt anew."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from radpred.config.study import ConformalSettings
from radpred.errors import RadpredWarning
from radpred.evaluate import auroc, predictions_of
from radpred.model.rows import Cohort, cohort_of
from radpred.pipeline.evidence.chance import permuted
from radpred.pipeline.learning.fusion import candidates_of
from radpred.pipeline.learning.selected import SELECTED, select_by_inner_score
from radpred.pipeline.learning.train import judge
from radpred.stages.inputs.shards import planned
from radpred.stages.train import FINAL, learnable, steps_before, variants_beside
from radpred.stages.work.files import as_json, write_bytes
from radpred.stages.work.progress import Progress

PERMUTED = FINAL.with_name("permuted.json")


def permute(
    study_json: Path, features: Path, cohort: Path, output: Path, *, threads: int = 1
) -> None:
    """Write how often a study of outcomes dealt anew scores as high as that of the true ones.

    Each is one repeat of the design with all candidates, tuned, calibrated and chosen among anew;
    the score is the AUROC of the selected model.
    """
    study = planned(study_json)
    data, n = learnable(features, cohort), study.learning.permutations
    before, variants = steps_before(study), variants_beside(study, features)
    # Prediction sets are no part of the score.
    design = study.learning.model_copy(update={"conformal": ConformalSettings()})

    def score(rows: Cohort) -> float:
        """Return the AUROC of the selected model in one repeat."""
        judged = judge(
            candidates_of(design),
            rows,
            design=design,
            repeats=[0],
            site=data.site,
            dealt_by=data.dealt_by,
            n_jobs=threads,
            before=before,
            variants=variants,
        )
        return _area(judged.predictions)

    with Progress(study.out, "permute", "0", total=n + 1) as progress, warnings.catch_warnings():
        warnings.simplefilter("ignore", RadpredWarning)  # training told it
        found = permuted(
            score,
            cohort_of(data.X, data.y, data.groups),
            n_permutations=n,
            seed=design.seed,
            told=lambda: progress.done("permutation"),
        )
    write_bytes(output, as_json(found))


def _area(predictions: Any) -> float:
    """Return the AUROC of the selected model."""
    chosen, _ = select_by_inner_score(predictions)
    given = predictions_of(chosen, SELECTED)
    return float(auroc(given.y, given.probability[0]))
