"""Habitats drawn into the scans they were found in: label images, pictures, and a table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.cohort import Case, Verdict, check_cases, to_frame
from radpred.config import StudySettings
from radpred.deploy import load_predictor
from radpred.errors import InputError
from radpred.io import write_image
from radpred.model.preparation import Habitats
from radpred.pipeline.measuring.habitats import HabitatMap, mapped
from radpred.pipeline.measuring.pieces import case_pieces
from radpred.report.parts.habitats import habitat_picture
from radpred.stages.inputs.at_hand import at_hand
from radpred.stages.inputs.lesions import split_lesions
from radpred.stages.inputs.shards import shard_cases
from radpred.stages.segment import with_masks
from radpred.stages.work.attempt import attempt
from radpred.stages.work.files import file_name_of, read_text_table, write_bytes

MODEL = "model.radpred"
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class MadeHabitats:
    """What was written.

    Parameters
    ----------
    folder : Path
        Where ``CASE.nii.gz`` (0 outside, k in habitat k), ``CASE.png`` and ``habitats.csv`` lie.
    table : DataFrame
        ``case_id`` and what habitats each tumour is made of.
    verdicts : DataFrame
        One row a case.
    """

    folder: Path
    table: pd.DataFrame
    verdicts: pd.DataFrame


def habitats(
    run: Path,
    folder: Path,
    *,
    cases: Path | None = None,
    only: Collection[str] = (),
    told: Told | None = None,
) -> MadeHabitats:
    """Write the habitats of cases as label images, pictures and a table.

    Habitats are those of the final model, which learnt them from all cases of its study; those
    that judged it were learnt inside the folds.

    Parameters
    ----------
    run : Path
        The folder of a study's results, or a ``model.radpred`` file.
    folder : Path
        Where to write; made if it is not there.
    cases : Path, optional
        A table of cases; those of the run by default.
    only : collection of str
        Only these cases.
    told : callable, optional
        Called with the number of cases done and of all cases.

    Raises
    ------
    BundleError
        The model cannot be opened.
    InputError
        The model has no habitats, or a case is not there.
    """
    bundle = load_predictor(run / MODEL if run.is_dir() else run).bundle
    step = step_of(bundle.fitted)
    study = bundle.study
    if step is None:
        msg = f"{run}: its models saw no habitats; add a section habitats to the study and run it"
        raise InputError(msg, code="no_habitats")
    if cases is not None:
        found, verdicts = _new_cases(cases, study)
    elif run.is_dir():
        found, verdicts = cases_of_run(run), []
    else:
        msg = f"{run}: is a model alone; name the cases by --cases, or give the run's folder"
        raise InputError(msg, code="no_cases")
    chosen = _chosen(found, only)
    rows: list[dict[str, Any]] = []
    judged = {v.case_id: v for v in verdicts}
    for count, case in enumerate(chosen, start=1):
        made = attempt(case, partial(_made, case, study, step, folder), stage="habitats")
        if isinstance(made, Verdict):
            judged[case.case_id] = made
        else:
            judged[case.case_id] = Verdict.accepted(case.case_id, case.patient_id, stage="habitats")
            rows.append({"case_id": case.case_id, **made})
        if told is not None:
            told(count, len(chosen))
    table = pd.DataFrame(rows)
    write_bytes(folder / "habitats.csv", table.to_csv(index=False).encode())
    return MadeHabitats(folder=folder, table=table, verdicts=to_frame(list(judged.values())))


def habitats_of(case: Case, study: StudySettings, step: Habitats) -> HabitatMap:
    """Return the habitats of one case.

    Raises
    ------
    InputError
        A file that cannot be read, or an image and a mask that do not belong together.
    RegionError
        The tumour cannot be measured; the code says why.
    """
    with at_hand([case], scratch=study.scratch) as (here,):
        return mapped(case_pieces(here, study), step)


def step_of(fitted: Any) -> Habitats | None:
    """Return the step of a model that knows habitats; None where it was not to see any."""
    step = fitted.chain.named_steps.get("habitats")
    return step if isinstance(step, Habitats) and step.bag_ else None


def cases_of_run(out: Path) -> list[Case]:
    """Return the cases of a run that have a mask, shard by shard."""
    found: list[Case] = []
    for shard in sorted((out / "shards").glob("[0-9]*.json")):
        found += with_masks(shard_cases(shard), out / "segment" / f"{shard.stem}.parquet")
    return [case for case in found if not case.retest_of]


def _new_cases(table: Path, study: StudySettings) -> tuple[list[Case], list[Verdict]]:
    """Return the cases of a table, and a verdict for every row.

    Raises
    ------
    InputError
        The table lacks a column.
    """
    rows = check_cases(
        read_text_table(table),
        folder=table.parent,
        method="given",
        readers=study.readers.consensus,
    )
    return split_lesions(*rows, study)


def _chosen(cases: Iterable[Case], only: Collection[str]) -> list[Case]:
    """Return the cases that were asked for; all where none was named.

    Raises
    ------
    InputError
        One is not there.
    """
    by_name = {case.case_id: case for case in cases}
    absent = [name for name in only if name not in by_name]
    if absent or not by_name:
        msg = f"{', '.join(absent) or 'cases'}: none of {len(by_name)} usable cases; name others"
        raise InputError(msg, code="no_cases")
    return [case for name, case in by_name.items() if not only or name in only]


def _made(case: Case, study: StudySettings, step: Habitats, folder: Path) -> dict[str, float]:
    """Write the habitats of one case as a label image and a picture; return them in numbers."""
    made = habitats_of(case, study, step)
    name = file_name_of(case.case_id)
    write_image(made.labels, folder / f"{name}.nii.gz")
    write_bytes(folder / f"{name}.png", habitat_picture(made, title=case.case_id))
    return made.features
