"""A folder of DICOM files to a table of cases, with verdicts and, if asked for, a key beside it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from radpred.cohort import to_frame
from radpred.errors import InputError
from radpred.io import scan_folder
from radpred.pipeline.dicom.cases import Choice, dicom_cases
from radpred.sources import joined_source, split_source
from radpred.stages.work.files import read_text_table, write_bytes

KEY = ("patient_id", "dicom_patient_id")


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was written.

    Parameters
    ----------
    table : DataFrame
        The cases.
    verdicts : DataFrame
        What became of every lesion, and of patients and files without a case.
    verdicts_file : Path
        Where the verdicts are.
    n_patients : int
        How many patients have a case.
    """

    table: pd.DataFrame
    verdicts: pd.DataFrame
    verdicts_file: Path
    n_patients: int


def write_dicom_cases(
    folder: Path,
    output: Path,
    *,
    choice: Choice | None = None,
    key: Path | None = None,
    told: Callable[[int], None] | None = None,
) -> Written:
    """Write the cases among the DICOM files of a folder as a table.

    Parameters
    ----------
    folder : Path
        Where the files are, its subfolders included.
    output : Path
        The table, a CSV file; paths in it are relative where the files lie below its folder.
        Verdicts are written beside it.
    choice : Choice, optional
        What is wanted of the folder; everything by default.
    key : Path, optional
        Where to write which PatientID each ``patient_id`` is; one that is there is kept to, and
        grows. Names are never written, and without a key no PatientID is.
    told : callable, optional
        Called with the number of files looked at.

    Raises
    ------
    InputError
        ``missing_file``: no such folder; ``bad_table``: the key is none.
    """
    known = _known(key) if key is not None and key.is_file() else {}
    headers = scan_folder(folder, told=told)
    found = dicom_cases(headers, choice or Choice(), known=known)
    place = output.resolve().parent
    table = found.table.copy()
    for column in table.columns:
        if column == "mask" or column == "dose" or column.startswith("image"):
            table[column] = [_seen_from(place, cell) for cell in table[column]]
    write_bytes(output, table.to_csv(index=False).encode())
    verdicts = to_frame(found.verdicts)
    beside = output.with_name(f"{output.stem}.verdicts.csv")
    write_bytes(beside, verdicts.to_csv(index=False).encode())
    if key is not None:
        rows = [(patient_id, person) for person, patient_id in found.people.items()]
        people = pd.DataFrame(rows, columns=list(KEY)).sort_values("patient_id")
        write_bytes(key, people.to_csv(index=False).encode())
    n_patients = table["patient_id"].nunique()
    return Written(table=table, verdicts=verdicts, verdicts_file=beside, n_patients=n_patients)


def _known(key: Path) -> Mapping[str, str]:
    """Return the patients of a key file: PatientID to patient_id."""
    table = read_text_table(key)
    if tuple(table.columns) != KEY:
        msg = f"{key}: columns {', '.join(table.columns)}, wanted {', '.join(KEY)}; name another"
        raise InputError(msg, code="bad_table")
    return dict(zip(table["dicom_patient_id"], table["patient_id"], strict=True))


def _seen_from(place: Path, source: str) -> str:
    """Return a source as a table in the folder ``place`` names it."""
    if not source:
        return ""
    path, part = split_source(source)
    full = Path(path).resolve()
    inside = os.path.relpath(full, place) if full.is_relative_to(place) else str(full)
    return joined_source(inside, part)
