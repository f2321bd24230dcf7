"""A column that says how cases are dealt: a date, or the set that a patient belongs to."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from radpred.cohort._cells import as_text, is_missing, require_columns
from radpred.cohort.case import Case
from radpred.errors import InputError

N_NAMED = 3


def column_beside(
    cases: Sequence[Case], frame: pd.DataFrame, *, column: str, by: str = "patient"
) -> pd.Series:
    """Return what the outcome file holds in one column for each case, as text.

    Parameters
    ----------
    cases : sequence of Case
        Whose values to return.
    frame : DataFrame
        The outcome file, all cells text.
    column : str
        Which of its columns.
    by : {"patient", "case"}
        Whose a row is.

    Returns
    -------
    Series of str
        By ``case_id``, in the order of ``cases``.

    Raises
    ------
    InputError
        The column is missing, a case has no value there, or its patient's rows differ.
    """
    text = as_text(frame)
    key = "case_id" if by == "case" else "patient_id"
    require_columns(text, [key, column], table="outcome")
    held: dict[str, set[str]] = {}
    for name, cell in zip(text[key].str.strip(), text[column].str.strip(), strict=True):
        held.setdefault(name, set()).update(() if is_missing(cell) else {cell})
    found = {
        case.case_id: held.get(case.case_id if by == "case" else case.patient_id, set())
        for case in cases
    }
    unclear = [name for name, values in found.items() if len(values) != 1]
    if unclear:
        several = sum(len(found[name]) > 1 for name in unclear)
        msg = (
            f"the design goes by the column {column!r} of the outcome file: {len(unclear)} cases "
            f"have no single value there ({several} have several), first {unclear[:N_NAMED]}; "
            "give each its value, or leave these cases out"
        )
        raise InputError(msg, code="bad_design_column")
    index = pd.Index(list(found), name="case_id", dtype=str)
    return pd.Series([next(iter(v)) for v in found.values()], index=index, name=column, dtype=str)
