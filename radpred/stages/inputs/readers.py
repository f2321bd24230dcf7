"""Masks of several readers on disk: the consensus of each case, and how well they agree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.cohort import Case, Verdict
from radpred.config import StudySettings
from radpred.io import write_mask
from radpred.pipeline.lesions.drawn import image_of, reader_masks
from radpred.pipeline.lesions.readers import COLUMNS, MEASURES, agreed, agreement_rows
from radpred.stages.inputs.at_hand import at_hand
from radpred.stages.work.attempt import attempt
from radpred.stages.work.files import file_name_of
from radpred.table import read_table, write_table

STAGE = "segment"


def made_consensus(
    case: Case, study: StudySettings, folder: Path
) -> tuple[dict[str, str], list[Verdict], list[dict[str, Any]]]:
    """Return the masks that a case's readers agree on, one an image, with how well they agree.

    Parameters
    ----------
    case : Case
        With ``readers``.
    study : StudySettings
        Whose ``readers`` says how masks become one.
    folder : Path
        Where the masks go.

    Returns
    -------
    masks : dict of str to str
        Path by modality; empty where they agree on nothing.
    verdicts : list of Verdict
        Why there is no mask, or what had to be mended.
    rows : list of dict
        As of `radpred.pipeline.lesions.readers.agreement_rows`.
    """
    masks: dict[str, str] = {}
    rows: list[dict[str, Any]] = []
    notes: list[str] = []

    def make() -> None:
        with at_hand([case], scratch=study.scratch) as (here,):
            read = {m: reader_masks(here, study, m, image_of(here, study, m)) for m in case.images}
        for modality, drawn in read.items():
            found = agreed(drawn, study.readers)
            named = file_name_of(case.case_id) + (f".{modality}" if modality else "")
            path = folder / f"{named}.nii.gz"
            write_mask(found.mask, path)
            masks[modality] = str(path)
            rows.extend(agreement_rows(case.case_id, modality, drawn, found))
            notes.extend(found.mask.steps)

    verdict = attempt(case, make, stage=STAGE)
    if verdict is not None:
        return {}, [verdict], []
    return masks, _mended(case, notes), rows


def write_agreement(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Write how well readers agree, one row a pair of a case; none where there are no readers."""
    frame = pd.DataFrame(list(rows), columns=list(COLUMNS))
    frame = frame.astype({name: float if name in MEASURES else str for name in COLUMNS})
    write_table(frame, path, metadata={})


def joined_agreement(shards: Sequence[Path], path: Path) -> None:
    """Write the shards' tables of agreement as one."""
    parts = [read_table(shard)[0] for shard in shards]
    write_table(pd.concat(parts, ignore_index=True), path, metadata={})


def _mended(case: Case, notes: Sequence[str]) -> list[Verdict]:
    """Return the note on what had to be mended to bring readers' masks together, if anything."""
    if not notes:
        return []
    note = Verdict.noted(
        case.case_id,
        case.patient_id,
        stage=STAGE,
        code="mended",
        came="; ".join(dict.fromkeys(notes)),
        todo="look at the case if the note surprises you",
    )
    return [note]
