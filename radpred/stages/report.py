"""Step `report`: one HTML file from what the other steps wrote."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radpred.cohort import Case, Verdict, siblings
from radpred.config import StudySettings
from radpred.deploy import read_fitted
from radpred.pipeline.lesions.drawn import image_of
from radpred.pipeline.measuring.measure import regions_of
from radpred.pipeline.variants.spread import spread_of
from radpred.report import render_report, slice_picture
from radpred.report.others import render_other
from radpred.report.parts.habitats import habitat_picture, habitat_rows
from radpred.stages.habitats import habitats_of, step_of
from radpred.stages.inputs.at_hand import at_hand
from radpred.stages.inputs.shards import planned, shard_cases
from radpred.stages.segment import with_masks
from radpred.stages.watching.costs import costs_of
from radpred.stages.work.attempt import attempt
from radpred.stages.work.files import read_json, write_bytes
from radpred.stages.work.versions import versions
from radpred.table import read_table
from radpred.table.bags import with_bags

N_PICTURES, N_HABITAT_PICTURES = 4, 3
FINAL = Path("models") / "final.zip"


def report(study_json: Path, evaluation: Path, explanation: Path, output: Path) -> None:
    """Write ``report.html`` beside the tables that it tells of."""
    study = planned(study_json)
    out = output.parent
    evidence, reasons = read_json(evaluation), read_json(explanation)
    predictions = read_table(out / "predictions.parquet")[0]
    if evidence.get("kind", "binary") != "binary":
        write_bytes(output, other_report(study, evidence, reasons, predictions, out).encode())
        return
    html = render_report(
        evaluation=evidence,
        explanation=reasons,
        verdicts=read_table(out / "verdicts.parquet")[0],
        predictions=predictions,
        settings=study.portable().model_dump(mode="json"),
        versions=versions(),
        pictures=_pictures(study, predictions),
        accent=study.report.accent,
        threshold_range=study.report.threshold_range,
        n_waterfalls=study.report.n_waterfalls,
        kept_rings=read_table(out / "regions.parquet")[0],
        agreement=read_table(out / "agreement.parquet")[0],
        habitats=_habitats(study, predictions),
        costs=[asdict(cost) for cost in costs_of(out, besides=["report"])],
        **_on_variants(study, evidence, predictions),
    )
    write_bytes(output, html.encode())


def other_report(
    study: StudySettings,
    evidence: dict[str, Any],
    reasons: dict[str, Any],
    predictions: pd.DataFrame,
    out: Path,
) -> str:
    """Return the report on several classes, or on a number."""
    return render_other(
        evaluation=evidence,
        explanation=reasons,
        verdicts=read_table(out / "verdicts.parquet")[0],
        predictions=predictions,
        settings=study.portable().model_dump(mode="json"),
        versions=versions(),
        accent=study.report.accent,
        kept_rings=read_table(out / "regions.parquet")[0],
        agreement=read_table(out / "agreement.parquet")[0],
    )


def _on_variants(
    study: StudySettings, evidence: dict[str, Any], predictions: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return how far risks move over variants of cases, and what their masks are, if any."""
    records = evidence.get("spread")
    if not study.has_variants or not records:
        return {}
    at = {name: records[0][name] for name in ("level", "threshold")}
    of_variants = read_table(study.out / "perturbed_predictions.parquet")[0]
    return {
        "spread": spread_of(of_variants, predictions, **at),
        "masks": read_table(study.out / "variants.parquet")[0],
    }


def _risks(predictions: pd.DataFrame, n: int) -> pd.Series:
    """Return the out-of-fold risk of ``n`` cases spread over it, ascending."""
    risk = predictions[predictions["model"] == "selected"].groupby("case_id")["probability"].mean()
    ordered = risk.sort_values()
    places = np.linspace(0, len(ordered) - 1, min(n, len(ordered))).round().astype(int)
    return ordered.iloc[np.unique(places)]


def _habitats(study: StudySettings, predictions: pd.DataFrame) -> dict[str, Any] | None:
    """Return what the final model's habitats are like, and some of them in their scans."""
    step = None if study.habitats is None else step_of(read_fitted(study.out / FINAL))
    if step is None:
        return None
    bags = read_table(study.out / "bags.parquet")[0]
    table = with_bags(pd.DataFrame(index=pd.Index(bags["case_id"])), bags)
    pictured = _risks(predictions[predictions["case_id"].isin(table.index)], N_HABITAT_PICTURES)
    pictures = []
    for case, _ in _cases(study, set(pictured.index)):
        made = attempt(case, partial(habitats_of, case, study, step), stage="report")
        if not isinstance(made, Verdict):
            pictures.append({"case_id": case.case_id, "png": habitat_picture(made, dpi=80)})
    features = pd.DataFrame([step.numbers(bag) for bag in table.iloc[:, 0]])
    return {"rows": habitat_rows(features), "pictures": pictures}


def _pictures(study: StudySettings, predictions: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a slice with outlines for cases spread over the predicted risk."""
    risk = _risks(predictions, N_PICTURES)
    wanted = list(risk.index)
    found = {case.case_id: (case, group) for case, group in _cases(study, set(wanted))}
    pictures = []
    for case_id in wanted:
        case, others = found[case_id]
        if case.is_of_tables:
            continue
        modality = next(iter(case.images))
        with at_hand([case, *others]) as (here, *beside):
            image = image_of(here, study, modality)
            regions, _ = regions_of(here, study, modality, image, beside)
        caption = f"{case_id}: out-of-fold risk {risk[case_id]:.2f}"
        png = slice_picture(image, regions)
        pictures.append({"case_id": case_id, "png": png, "caption": caption})
    return pictures


def _cases(study: StudySettings, wanted: set[str]) -> list[tuple[Case, list[Case]]]:
    """Return the wanted cases, each with the other lesions of its patient."""
    found = []
    for shard in sorted((study.out / "shards").glob("[0-9]*.json")):
        members = shard_cases(shard)
        if wanted & {case.case_id for case in members}:
            masked = with_masks(members, study.out / "segment" / f"{shard.stem}.parquet")
            found += [(c, siblings(c, masked)) for c in masked if c.case_id in wanted]
    return found
