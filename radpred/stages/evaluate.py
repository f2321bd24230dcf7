"""Step `evaluate`: out-of-fold predictions of all models become evidence with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.config import StudySettings
from radpred.deploy import read_fitted
from radpred.pipeline.evidence.certainty import certainty, with_chance
from radpred.pipeline.evidence.headline import headline_level, shown_threshold
from radpred.pipeline.learning.fusion import candidates_of
from radpred.pipeline.learning.others.facts import CHANCE, facts_in
from radpred.pipeline.learning.selected import (
    SELECTED,
    select_by_inner_score,
    winners_by_inner_score,
)
from radpred.pipeline.measuring.habitats import habitat_columns
from radpred.pipeline.variants.spread import of_selected, spread_of, spread_record
from radpred.stages.inputs.shards import planned
from radpred.stages.judging.judged import judged
from radpred.stages.judging.others import judged_other
from radpred.stages.judging.permuted import PERMUTED
from radpred.stages.train import held_out_beside
from radpred.stages.work.files import as_json, read_json, write_bytes
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
    table = _joined(predictions)
    inner = _joined([held_out_beside(path) for path in predictions])
    fitted = read_fitted(final)
    candidates = table[table["model"].isin(candidates_of(study.learning))]
    chosen, counts = select_by_inner_score(candidates)
    everything = pd.concat([chosen, table], ignore_index=True)
    people, told = read_table(cohort)
    end_point, sure = facts_in(told), certain(people)
    given: dict[str, Any] = {
        "facts": _facts(study, read_table(features)[0], people, end_point.kind),
        "selected": {"final_model": fitted.model, "chosen": counts},
        "final": final,
    }
    write_predictions(everything, output)
    perturbed = output.with_name("perturbed_predictions.parquet")
    if end_point.kind != "binary":
        given |= {"end_point": end_point}
        found = judged_other(study, everything, sure.set_index("case_id"), **given)
        if study.has_variants:
            write_table(inner, perturbed, metadata={})
        write_bytes(output, as_json(found))
        return
    evaluation = judged(study, everything, sure.set_index("case_id"), **given)
    evaluation |= _leant_on(evaluation, everything, inner, fitted.conformal.cell_sizes(), study)
    if study.learning.permutations:
        evaluation["permuted"] = read_json(final.with_name(PERMUTED.name))
    if study.has_variants:
        of_variants = _of_variants(predictions, candidates)
        write_table(of_variants, perturbed, metadata={})
        evaluation["spread"] = _spread(of_variants, everything, evaluation, study)
    write_bytes(output, as_json(evaluation))


def _leant_on(
    evaluation: Mapping[str, Any],
    everything: pd.DataFrame,
    inner: pd.DataFrame,
    sizes: Any,
    study: StudySettings,
) -> dict[str, Any]:
    """Return how far the answers may be leant on, and sets with what chance makes of them."""
    design, rows = study.learning, evaluation.get("conformal") or []
    is_ranked = design.design.kind != "patients"
    return {
        "conformal": with_chance(rows, design.conformal, sizes),
        **certainty(everything, inner, design=design, cell_sizes=sizes, is_ranked=is_ranked),
    }


def _joined(paths: Sequence[Path]) -> pd.DataFrame:
    """Return tables of several repeats as one."""
    return pd.concat([read_table(path)[0] for path in paths], ignore_index=True)


def write_predictions(everything: pd.DataFrame, output: Path) -> None:
    """Write all predictions as one table, and as text, beside ``output``."""
    write_table(everything, output.with_name("predictions.parquet"), metadata={})
    write_bytes(output.with_name("predictions.csv"), everything.to_csv(index=False).encode())


def certain(people: pd.DataFrame) -> pd.DataFrame:
    """Return those of a cohort of whose outcome somebody is sure: they judge models."""
    return people[people[CHANCE].isin([0.0, 1.0])] if CHANCE in people else people


def _of_variants(paths: Sequence[Path], candidates: pd.DataFrame) -> pd.DataFrame:
    """Return what models said of variants, first the model that each fold chose."""
    beside = [path.with_suffix(".variants.parquet") for path in paths]
    tables = [table for path in beside if len(table := read_table(path)[0])]
    if not tables:
        return read_table(beside[0])[0]
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


def _facts(
    study: StudySettings, features: pd.DataFrame, cohort: pd.DataFrame, kind: str
) -> dict[str, Any]:
    """Return what the study is about, in numbers."""
    n_features = features.shape[1] - 1 + len(habitat_columns(study, [""]))
    n_clinical = len(study.outcome.clinical)
    sure = certain(cohort)
    facts = {
        "name": study.name,
        "title": study.title or study.name,
        "outcome": study.outcome.column,
        "n_cases": len(sure),
        "n_patients": int(sure["patient_id"].nunique()),
        "n_clinical": n_clinical,
        "n_features": n_features,
        "is_of_tables": is_of_tables(features.columns.drop("case_id")),
    }
    if len(sure) < len(cohort):
        facts["n_soft"] = len(cohort) - len(sure)
    if kind != "binary":
        return facts
    n_events = int(sure.drop_duplicates("patient_id")["y"].sum())
    return {
        **facts,
        "positive": study.outcome.positive,
        "n_events": n_events,
        "events_per_candidate": n_events / (n_features + n_clinical),
    }
