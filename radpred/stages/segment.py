"""Step `segment`: a mask for every case of a shard: as given, as readers agree, or made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.cohort import Case, Verdict, to_frame
from radpred.config import StudySettings
from radpred.io import write_mask
from radpred.pipeline.measuring.measure import segmented
from radpred.pipeline.variants.redrawn import redrawn_masks
from radpred.stages.inputs.readers import made_consensus, write_agreement
from radpred.stages.prepare import planned, shard_cases
from radpred.stages.work.attempt import attempt
from radpred.stages.work.files import file_name_of
from radpred.stages.work.progress import Progress
from radpred.table import read_table, write_table


def segment(study_json: Path, shard: Path, output: Path) -> None:
    """Write the table of masks of one shard, and the masks that had to be made.

    A case whose lesion cannot be found is a row with its verdict; the others go on.
    """
    study = planned(study_json)
    cases = shard_cases(shard)
    rows: list[dict[str, Any]] = []
    verdicts: list[Verdict] = []
    agreement: list[dict[str, Any]] = []
    with Progress(study.out, "segment", output.stem, total=len(cases)) as progress:
        for case in cases:
            if case.readers:
                masks, verdict, pairs = made_consensus(case, study, study.out / "masks")
                verdicts += verdict
                agreement += pairs
            elif study.segmentation.redrawn_dice is not None:
                masks, verdict = redrawn(case, study, study.out / "masks")
                verdicts += verdict
            elif study.segmentation.method == "given":
                masks = case.masks
            else:
                masks, verdict = made(case, study, study.out / "masks")
                verdicts += verdict
            rows += [_row(case, modality, path) for modality, path in masks.items()]
            progress.done(case.case_id)
    table = pd.DataFrame(rows, columns=["case_id", "modality", "mask"]).astype(str)
    write_table(to_frame(verdicts), output.with_suffix(".verdicts.parquet"), metadata={})
    write_agreement(agreement, output.with_suffix(".agreement.parquet"))
    settings = study.segmentation.model_dump(mode="json")
    write_table(table, output, metadata=settings)


def with_masks(cases: list[Case], table: Path) -> list[Case]:
    """Return the cases of a shard that have a mask, with the masks that `segment` named.

    Cases of tables alone need none.
    """
    frame, settings = read_table(table)
    # A file of a redrawn mask holds that lesion alone, as 1, whatever the given one's label was.
    own: dict[str, Any] = (
        {} if settings.get("redrawn_dice") is None else {"mask_label": "1", "place": None}
    )
    masks: dict[str, dict[str, str]] = {}
    for case_id, modality, mask in frame.itertuples(index=False):
        masks.setdefault(case_id, {})[modality] = mask
    return [
        replace(case, masks=masks.get(case.case_id, {}), **own)
        for case in cases
        if case.case_id in masks or case.is_of_tables
    ]


def _row(case: Case, modality: str, path: str | Path) -> dict[str, str]:
    """Return one line of the table of masks."""
    return {"case_id": case.case_id, "modality": modality, "mask": str(path)}


def made(
    case: Case, study: StudySettings, folder: Path, *, stage: str = "segment"
) -> tuple[dict[str, str], list[Verdict]]:
    """Return the mask of a case made in its box on its first image, or why there is none."""
    path = folder / f"{file_name_of(case.case_id)}.nii.gz"

    def find() -> None:
        write_mask(segmented(case, study, modality=next(iter(case.images))), path)

    verdict = attempt(case, find, stage=stage)
    return ({"": str(path)}, []) if verdict is None else ({}, [verdict])


def redrawn(case: Case, study: StudySettings, folder: Path) -> tuple[dict[str, str], list[Verdict]]:
    """Return the masks of a case drawn anew, one an image, or why there is none."""
    masks: dict[str, str] = {}

    def draw() -> None:
        for modality, mask in redrawn_masks(case, study).items():
            named = file_name_of(case.case_id) + (f".{modality}" if modality else "")
            path = folder / f"{named}.nii.gz"
            write_mask(mask, path)
            masks[modality] = str(path)

    verdict = attempt(case, draw, stage="segment")
    return (masks, []) if verdict is None else ({}, [verdict])
