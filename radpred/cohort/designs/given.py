"""An external set: rows that were never meant to be learnt from."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from radpred.cohort.designs.design import Design, Part, design_of
from radpred.cohort.designs.labels import OutcomeKind, labels_of, patients_of
from radpred.errors import InputError


def external(
    y: ArrayLike,
    groups: ArrayLike,
    is_external: ArrayLike,
    *,
    kind: OutcomeKind | None = None,
) -> Design:
    """Return one split: rows that are external are tested, all others are learnt from.

    Parameters
    ----------
    y, groups : array of shape (n,)
        Outcome and patient of each row.
    is_external : array of bool, shape (n,)
        Which rows are external; they may lack an outcome, and then the notes say so.
    kind : str, optional
        As in `repeated_k_fold`.

    Raises
    ------
    InputError
        A mask that is not one, or a side that is empty or has nothing to learn from.
    LeakageError
        A patient is in both sets.

    Warns
    -----
    RadpredWarning
        The external set lacks an outcome.
    """
    labels = labels_of(y, kind)
    patients = patients_of(groups, len(labels.values))
    mask = np.asarray(is_external)
    if mask.dtype != bool or mask.shape != patients.shape:
        msg = (
            f"is_external has shape {mask.shape} and type {mask.dtype}; wanted is True or False "
            f"for each of {len(patients)} rows"
        )
        raise InputError(msg)
    part = Part(0, 0, np.flatnonzero(~mask), np.flatnonzero(mask), label="external set")
    lacking = labels.lacking(part.test) if mask.any() else ()
    notes = [f"no row of {len(part.test)} has {name}: ranks are undefined" for name in lacking]
    return design_of("external", [part], labels=labels, patients=patients, notes=notes)
