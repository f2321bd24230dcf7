"""From rows to lesions: a mask of several becomes as many cases as the study's ``lesions`` says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from radpred.cohort import Case, Verdict
from radpred.config import StudySettings
from radpred.errors import InputError, RadpredError
from radpred.pipeline.lesions.drawn import lesions_of
from radpred.stages.inputs.at_hand import at_hand, state_of
from radpred.stages.work.files import as_json, read_json, write_if_changed

SPLIT = ("rows", "components")


def split_lesions(
    cases: Sequence[Case],
    verdicts: Sequence[Verdict],
    study: StudySettings,
    *,
    kept: Path | None = None,
) -> tuple[list[Case], list[Verdict]]:
    """Return a case for each lesion, patients kept, and the verdicts of the rows that they are of.

    A mask that cannot be read leaves its case as it is: measuring it gives the verdict.

    Parameters
    ----------
    cases, verdicts : sequence
        Of the rows of a table.
    study : StudySettings
        Whose ``lesions`` says what a mask of several lesions is.
    kept : Path, optional
        A file that remembers what was found in which mask, for the next time.

    Raises
    ------
    InputError
        ``duplicate_case``: a lesion would get the name of another row.
    """
    if study.lesions not in SPLIT or study.segmentation.method != "given":
        return list(cases), list(verdicts)
    before = read_json(kept) if kept is not None and kept.is_file() else {}
    found: dict[str, list[dict[str, Any]]] = {}
    split: dict[str, list[Case]] = {}
    for case in cases:
        key = _key(case, study)
        if key in before:
            lesions = [_lesion(case, item) for item in before[key]]
        else:
            lesions = _lesions(case, study)
        found[key] = [
            {"case_id": c.case_id, "mask_label": c.mask_label, "place": c.place} for c in lesions
        ]
        split[case.case_id] = lesions
    if kept is not None:
        write_if_changed(kept, as_json(found))
    _refuse_repeats(split)
    renamed = [
        replace(verdict, case_id=lesion.case_id)
        for verdict in verdicts
        for lesion in _named(verdict, split)
    ]
    return [lesion for lesions in split.values() for lesion in lesions], renamed


def _lesions(case: Case, study: StudySettings) -> list[Case]:
    """Return the lesions of a case, or the case itself where its mask cannot be read."""
    try:
        with at_hand([case]) as (here,):
            found = lesions_of(here, study)
    except (RadpredError, OSError):
        return [case]
    return [
        replace(case, case_id=one.case_id, mask_label=one.mask_label, place=one.place)
        for one in found
    ]


def _key(case: Case, study: StudySettings) -> str:
    """Return what the lesions of a case depend on: its mask as it is on disk, and settings."""
    modality = next(iter(case.images))
    source = case.masks.get(modality) or case.masks[""]
    settings = study.extraction_of(modality)
    named = case.mask_label or settings.mask_label
    parts = [study.lesions, case.case_id, source, *state_of(source)]
    return json.dumps([*parts, named, settings.mask_channel])


def _lesion(case: Case, item: dict[str, Any]) -> Case:
    """Return a lesion of a case as it was remembered."""
    place = tuple(item["place"]) if item["place"] else None
    return replace(case, case_id=item["case_id"], mask_label=item["mask_label"], place=place)


def _refuse_repeats(split: dict[str, list[Case]]) -> None:
    """Refuse a lesion that has the name of another row."""
    for row, lesions in split.items():
        taken = [c.case_id for c in lesions if c.case_id != row and c.case_id in split]
        if taken:
            msg = (
                f"{row}: its lesions would be called {', '.join(taken)}, and the table has such "
                "rows; rename them"
            )
            raise InputError(msg, code="duplicate_case")


def _named(verdict: Verdict, split: dict[str, list[Case]]) -> list[Case | Verdict]:
    """Return the lesions that a verdict on a row is about, or the verdict itself."""
    if verdict.status == "rejected" or verdict.case_id not in split:
        return [verdict]
    return list(split[verdict.case_id])
