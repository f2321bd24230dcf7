"""Deal patients into folds so that every outcome is spread as evenly as it can be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radpred.cohort.designs.labels import Labels

Folds = NDArray[np.intp]


def strata_of(
    labels: Labels, patients: NDArray[np.str_], *, n_folds: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Return the stratum of each row, shape (n,): its class, or its patient's quantile.

    Patients are ordered by their mean of a continuous outcome and cut into quantiles of about
    ``n_folds`` patients, so that each fold gets one of every quantile.
    """
    if labels.kind != "continuous":
        return labels.values.astype(np.intp)
    names, patient = np.unique(patients, return_inverse=True)
    means = np.bincount(patient, weights=labels.values) / np.bincount(patient)
    rank = np.empty(len(names), dtype=np.intp)
    rank[np.lexsort((rng.random(len(names)), means))] = np.arange(len(names))
    n_strata = max(1, len(names) // n_folds)
    return (rank * n_strata // len(names))[patient]


def deal(
    strata: NDArray[np.intp],
    patients: NDArray[np.str_],
    *,
    n_folds: int,
    rng: np.random.Generator,
) -> Folds:
    """Return the fold of each row, shape (n,); rows of a patient share one.

    Patients of the rarest stratum are dealt first, each to the fold with the fewest rows of that
    stratum, then with the fewest rows, then by chance. With at least as many patients as folds
    no fold is empty, and a stratum that only single-stratum patients hold is in as many folds as
    it has patients.
    """
    _, patient = np.unique(patients, return_inverse=True)
    rows = np.zeros((patient.max() + 1, strata.max() + 1), dtype=np.intp)
    np.add.at(rows, (patient, strata), 1)
    holders = (rows > 0).sum(axis=0)
    rarest = np.where(rows > 0, holders, len(rows) + 1).argmin(axis=1)
    order = np.lexsort((rng.random(len(rows)), holders[rarest]))
    dealt = np.zeros((n_folds, rows.shape[1]), dtype=np.intp)
    fold = np.empty(len(rows), dtype=np.intp)
    for one in order:
        fewest = np.lexsort((rng.random(n_folds), dealt.sum(axis=1), dealt[:, rarest[one]]))
        fold[one] = fewest[0]
        dealt[fold[one]] += rows[one]
    return fold[patient]
