"""Step `report`: one HTML file from what the other steps wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radpred.cohort import Case, siblings
from radpred.config import StudySettings
from radpred.pipeline.measure import image_of, regions_of
from radpred.report import render_report, slice_picture
from radpred.stages.files import read_json, write_bytes
from radpred.stages.prepare import planned, shard_cases
from radpred.stages.segment import with_masks
from radpred.stages.versions import versions
from radpred.table import read_table

N_PICTURES = 4


def report(study_json: Path, evaluation: Path, explanation: Path, output: Path) -> None:
    """Write ``report.html`` beside the tables that it tells of."""
    study = planned(study_json)
    out = output.parent
    evidence, reasons = read_json(evaluation), read_json(explanation)
    predictions = read_table(out / "predictions.parquet")[0]
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
    )
    write_bytes(output, html.encode())


def _pictures(study: StudySettings, predictions: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a slice with outlines for cases spread over the predicted risk."""
    risk = predictions[predictions["model"] == "selected"].groupby("case_id")["probability"].mean()
    ordered = risk.sort_values().index
    places = np.linspace(0, len(ordered) - 1, min(N_PICTURES, len(ordered))).round().astype(int)
    wanted = list(dict.fromkeys(ordered[places]))
    found = {case.case_id: (case, group) for case, group in _cases(study, set(wanted))}
    pictures = []
    for case_id in wanted:
        case, others = found[case_id]
        modality = next(iter(case.images))
        image = image_of(case, study, modality)
        regions, _ = regions_of(case, study, modality, image, others)
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
