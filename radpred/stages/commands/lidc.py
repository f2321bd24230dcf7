"""LIDC-IDRI as a study: masks of each reader, the tables, and a study file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from radpred.datasets.lidc import MOST_READERS, Nodule, nodules_of
from radpred.errors import InputError
from radpred.io import write_mask
from radpred.io.lidc import read_lidc
from radpred.stages.work.files import write_bytes, write_if_changed

MARGIN_MM = 5.0  # around all outlines: room for masks that are moved
UNDECIDED = 3.0  # the rating of malignancy between benign and malignant
STUDY = {
    "name": "lidc",
    "title": "Does the shape of a lung nodule tell what radiologists think of it?",
    "outcome": {"column": "malignant", "by": "case"},
    "readers": {"consensus": "majority", "ties": "background"},
    "regions": {"rings_mm": []},
    "extraction": {"families": ["shape"], "filters": [{"kind": "original"}]},
    "stability": {"over": "readers", "statistic": "icc_1_1", "minimum": 0.75, "bound": "lower"},
    "learning": {"preset": "quick"},
}


@dataclass(frozen=True)
class WrittenLidc:
    """What was written: the study file, and how many nodules, patients and masks."""

    study: Path
    n_nodules: int
    n_malignant: int
    n_patients: int
    n_masks: int


def write_lidc(
    folder: Path,
    *,
    fewest_readers: int = 3,
    database: Path | None = None,
    told: Callable[[int, int], None] | None = None,
) -> WrittenLidc:
    """Write the nodules that enough readers outlined, and whose rating leans to a side.

    Of each reader a mask; ``cases.csv`` with the column ``reader``; ``outcome.csv`` with 1 where
    the median rating of malignancy is above 3, and 0 below (nodules at 3 are left out); ratings
    one by one in ``ratings.csv``; ``study.yaml``, unless one is there.

    Parameters
    ----------
    folder : Path
        Made if need be; files of the same names are replaced.
    fewest_readers : int
        From 1 to 4. What more than four marked is two nodules run together, and left out.
    database : Path, optional
        The SQLite file; that of the installed package without it.
    told : callable, optional
        Called with the number of nodules written and of all.

    Raises
    ------
    InputError
        ``lidc_missing``: the database is not installed; or no nodule has so many readers.
    """
    rows = read_lidc(database)
    chosen = [
        nodule
        for nodule in nodules_of(*rows, margin_mm=MARGIN_MM)
        if fewest_readers <= len(nodule.marks) <= MOST_READERS and nodule.malignancy != UNDECIDED
    ]
    if not chosen:
        msg = f"no nodule has {fewest_readers} readers; from 1 to {MOST_READERS} are there"
        raise InputError(msg, code="no_cases")
    cases: list[dict[str, str]] = []
    for count, nodule in enumerate(chosen, start=1):
        cases += _masks(nodule, folder)
        if told is not None:
            told(count, len(chosen))
    outcome = pd.DataFrame([_outcome(nodule) for nodule in chosen])
    _write_csv(pd.DataFrame(cases), folder / "cases.csv")
    _write_csv(outcome, folder / "outcome.csv")
    _write_csv(pd.DataFrame(row for n in chosen for row in _ratings(n)), folder / "ratings.csv")
    study = folder / "study.yaml"
    if not study.exists():
        text = yaml.safe_dump(STUDY, sort_keys=False, allow_unicode=True)
        write_if_changed(study, text.encode())
    return WrittenLidc(
        study=study,
        n_nodules=len(chosen),
        n_malignant=int(outcome["malignant"].sum()),
        n_patients=len({nodule.patient_id for nodule in chosen}),
        n_masks=len(cases),
    )


def _masks(nodule: Nodule, folder: Path) -> list[dict[str, str]]:
    """Write what each reader of a nodule marked; return its rows of the table of cases."""
    rows = []
    for number, mask in enumerate(nodule.masks(), start=1):
        path = f"masks/{nodule.name}_{_reader(number)}.nii.gz"
        write_mask(mask, folder / path)
        row = {"case_id": nodule.name, "patient_id": nodule.patient_id}
        rows.append(row | {"mask": path, "reader": _reader(number)})
    return rows


def _reader(number: int) -> str:
    """Return the name of a reader: of one nodule alone, as the readers of LIDC have none."""
    return f"reader_{number}"


def _outcome(nodule: Nodule) -> dict[str, str | int | float]:
    """Return what is known of a nodule as a whole."""
    return {
        "case_id": nodule.name,
        "patient_id": nodule.patient_id,
        "malignant": int(nodule.malignancy > UNDECIDED),
        "malignancy": nodule.malignancy,
        "n_readers": len(nodule.marks),
    }


def _ratings(nodule: Nodule) -> Iterator[dict[str, str | int]]:
    """Yield the ratings of each reader of a nodule."""
    for number, mark in enumerate(nodule.marks, start=1):
        who = {"case_id": nodule.name, "reader": _reader(number)}
        yield {**who, "annotation_id": mark.annotation_id, **mark.ratings}


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, line ends the same on every system."""
    write_bytes(path, frame.to_csv(index=False, lineterminator="\n").encode())
