"""Leave one patient, or a pair of patients, out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radpred.cohort.designs.design import Design, Part, design_of
from radpred.cohort.designs.labels import OutcomeKind, labels_of, patients_of
from radpred.errors import InputError, SettingsError


def leave_one_patient_out(
    y: ArrayLike, groups: ArrayLike, *, kind: OutcomeKind | None = None
) -> Design:
    """Return one split a patient, all of whose rows are tested.

    Scores of different splits come from different models and must not be ranked together: a
    model that says the training prevalence has a pooled area under the ROC curve of 0. Brier
    score, log loss and conformal scores are sound; for an area use `leave_pair_out`.

    Parameters
    ----------
    y, groups : array of shape (n,)
        Outcome and patient of each row.
    kind : str, optional
        As in `repeated_k_fold`.

    Raises
    ------
    InputError
        A class that one patient holds alone.
    """
    labels = labels_of(y, kind)
    patients = patients_of(groups, len(labels.values))
    parts = [
        Part(0, fold, np.flatnonzero(patients != name), np.flatnonzero(patients == name), str(name))
        for fold, name in enumerate(np.unique(patients))
    ]
    return design_of("leave_one_patient_out", parts, labels=labels, patients=patients)


def leave_pair_out(
    y: ArrayLike, groups: ArrayLike, *, seed: int, most_pairs: int | None = None
) -> Design:
    """Return one split for each pair of a patient with, and another without, the event.

    The share of pairs that a model fitted on all others orders rightly is an almost unbiased
    area under the ROC curve (Airola et al. 2011): see
    `radpred.evaluate.designs.leave_pair_out_auroc`.

    Parameters
    ----------
    y : array of shape (n,)
        Two classes.
    groups : array of shape (n,)
        The patient of each row.
    seed : int
        Which pairs are drawn where there are more than ``most_pairs``.
    most_pairs : int, optional
        There are as many fits as pairs: patients with times patients without the event.

    Raises
    ------
    InputError
        Fewer than two patients of either outcome.
    """
    if most_pairs is not None and most_pairs < 1:
        msg = f"most_pairs is {most_pairs}; wanted is at least 1, or None for all"
        raise SettingsError(msg)
    labels = labels_of(y, "binary")
    patients = patients_of(groups, len(labels.values))
    pairs = _pairs(labels.values, patients)
    if most_pairs is not None and len(pairs) > most_pairs:
        chosen = np.random.default_rng(seed).choice(len(pairs), most_pairs, replace=False)
        pairs = [pairs[i] for i in np.sort(chosen)]
    parts = []
    for fold, pair in enumerate(pairs):
        is_tested = np.isin(patients, pair)
        train, test = np.flatnonzero(~is_tested), np.flatnonzero(is_tested)
        parts.append(Part(0, fold, train, test, label=" and ".join(pair)))
    return design_of("leave_pair_out", parts, labels=labels, patients=patients)


def _pairs(values: NDArray[np.generic], patients: NDArray[np.str_]) -> list[tuple[str, str]]:
    """Return each pair of two patients of whom one has an event and the other a non-event."""
    with_event, without = (set(patients[values == code].tolist()) for code in (1, 0))
    if min(len(with_event), len(without)) < 2:
        msg = (
            f"{len(with_event)} patients with and {len(without)} without the event; wanted are "
            "two of each, so that both outcomes are left to learn from"
        )
        raise InputError(msg, code="too_few_events")
    found = {(min(one, other), max(one, other)) for one in with_event for other in without - {one}}
    return sorted(found)
