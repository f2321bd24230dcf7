"""Step `evaluate`: out-of-fold predictions of all models become evidence with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.config import StudySettings
from radpred.deploy import read_fitted
from radpred.pipeline.evidence.certainty import certainty, with_chance
from radpred.pipeline.learning.selected import (
    SELECTED,
    select_by_inner_score,
    winners_by_inner_score,
)
from radpred.pipeline.measuring.habitats import habitat_columns
from radpred.pipeline.variants.spread import of_selected, spread_of, spread_record
from radpred.report.parts.answer import headline_level
from radpred.report.parts.utility import shown_threshold
from radpred.stages.judging.judged import judged
from radpred.stages.prepare import planned
from radpred.stages.train import held_out_beside
from radpred.stages.work.files import as_json, write_bytes
from radpred.table import read_table, write_table
from radpred.table.external import is_of_tables


def evaluate(
    study_json: Path,
    features: Path,
    cohort: Path,
    final: Path,
    predictions: Sequence[Path],
    output: Path,
) -> None:
    """Write ``evaluation.json``, and all predictions as one table beside it.

    The headline is the pseudo-model `selected`: in every outer fold the candidate that was best
    inside that fold, so that choosing among models is judged too.
    """
    study = planned(study_json)
    table = pd.concat([read_table(path)[0] for path in predictions], ignore_index=True)
    inner = [read_table(held_out_beside(path))[0] for path in predictions]
    fitted = read_fitted(final)
    candidates = table[table["model"].isin(study.learning.models)]
    chosen, counts = select_by_inner_score(candidates)
    everything = pd.concat([chosen, table], ignore_index=True)
    people = read_table(cohort)[0]
    evaluation = judged(
        study,
        everything,
        people.set_index("case_id"),
        facts=_facts(study, read_table(features)[0], people),
        selected={"final_model": fitted.model, "chosen": counts},
        final=final,
    )
    sizes = fitted.conformal.cell_sizes()
    evaluation["conformal"] = with_chance(
        evaluation.get("conformal") or [], study.learning.conformal, sizes
    )
    evaluation |= certainty(
        everything,
        pd.concat(inner, ignore_index=True),
        design=study.learning,
        cell_sizes=sizes,
        is_ranked=study.learning.design.kind != "patients",
    )
    if study.has_variants:
        paths = [path.with_suffix(".variants.parquet") for path in predictions]
        of_variants = _of_variants(paths, candidates)
        write_table(of_variants, output.with_name("perturbed_predictions.parquet"), metadata={})
        evaluation["spread"] = _spread(of_variants, everything, evaluation, study)
    write_table(everything, output.with_name("predictions.parquet"), metadata={})
    write_bytes(output.with_name("predictions.csv"), everything.to_csv(index=False).encode())
    write_bytes(output, as_json(evaluation))


def _of_variants(paths: Sequence[Path], candidates: pd.DataFrame) -> pd.DataFrame:
    """Return what models said of variants, first the model that each fold chose."""
    tables = [table for path in paths if len(table := read_table(path)[0])]
    if not tables:
        return read_table(paths[0])[0]
    table = pd.concat(tables, ignore_index=True)
    chosen = of_selected(table, winners_by_inner_score(candidates), SELECTED)
    return pd.concat([chosen, table], ignore_index=True)


def _spread(
    of_variants: pd.DataFrame,
    predictions: pd.DataFrame,
    evaluation: Mapping[str, Any],
    study: StudySettings,
) -> list[dict[str, Any]]:
    """Return how far risks move over variants, one record a kind."""
    if of_variants.empty:
        return []
    level = headline_level(evaluation["conformal"])
    threshold = shown_threshold(evaluation["study"], threshold_range=study.report.threshold_range)
    table = spread_of(of_variants, predictions, level=level, threshold=threshold)
    return spread_record(table, of_variants, predictions, level=level, threshold=threshold)


def _facts(study: StudySettings, features: pd.DataFrame, cohort: pd.DataFrame) -> dict[str, Any]:
    """Return what the study is about, in numbers."""
    patients = cohort.drop_duplicates("patient_id")
    n_features = features.shape[1] - 1 + len(habitat_columns(study, [""]))
    n_clinical = len(study.outcome.clinical)
    n_events = int(patients["y"].sum())
    return {
        "name": study.name,
        "title": study.title or study.name,
        "outcome": study.outcome.column,
        "positive": study.outcome.positive,
        "n_cases": len(cohort),
        "n_patients": len(patients),
        "n_events": n_events,
        "n_clinical": n_clinical,
        "n_features": n_features,
        "is_of_tables": is_of_tables(features.columns.drop("case_id")),
        "events_per_candidate": n_events / (n_features + n_clinical),
    }
