"""Who is in which fold: patients stay whole, every part sees both outcomes.

Other designs than repeated folds are in `radpred.cohort.designs`; all are made of `Split`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import StratifiedGroupKFold

from radpred.errors import InputError, LeakageError

ATTEMPTS = 100


@dataclass(frozen=True, kw_only=True)
class Split:
    """One fold of one repeat.

    Attributes
    ----------
    repeat, fold : int
        Which repeat, and which fold within it.
    train, test : ndarray of int
        Row positions, ascending and disjoint; in a bootstrap draw ``train`` repeats rows.
    label : str
        Whom the test part holds, where that has a name: a site, a patient, a date.
    """

    repeat: int
    fold: int
    train: NDArray[np.intp]
    test: NDArray[np.intp]
    label: str = ""


def outer_folds(
    y: ArrayLike, groups: ArrayLike, *, n_folds: int, repeats: int, seed: int
) -> list[Split]:
    """Return ``repeats`` times ``n_folds`` splits by patient, stratified by outcome.

    Parameters
    ----------
    y : array of shape (n,)
        The outcome of each row, 0 or 1.
    groups : array of shape (n,)
        The patient of each row; all rows of a patient fall into the same fold.
    n_folds, repeats : int
        How many folds, and how often they are drawn anew.
    seed : int
        Where the draws start; the same seed gives the same folds.

    Raises
    ------
    InputError
        Too few patients with or without the event for ``n_folds`` folds that all hold both.
    LeakageError
        A patient would be on both sides of a split.
    """
    y, groups = np.asarray(y, dtype=np.intp), np.asarray(groups)
    _check_size(y, groups, n_folds=n_folds)
    return [
        split
        for repeat in range(repeats)
        for split in _draw(y, groups, n_folds=n_folds, repeat=repeat, seed=seed)
    ]


def most_folds(y: ArrayLike, groups: ArrayLike) -> int:
    """Return the largest number of folds in which each could hold both outcomes."""
    return min(_patients_by_class(np.asarray(y), np.asarray(groups)))


def check_disjoint(split: Split, groups: ArrayLike) -> None:
    """Refuse a split that puts a patient, or a row, on both sides.

    Raises
    ------
    LeakageError
        With the number of patients on both sides and the first of them.
    """
    groups = np.asarray(groups)
    shared = np.intersect1d(groups[split.train].astype(str), groups[split.test].astype(str))
    if len(shared) or len(np.intersect1d(split.train, split.test)):
        msg = (
            f"repeat {split.repeat}, fold {split.fold}: {len(shared)} patient(s) are in both "
            f"the training and the test part, first {shared[:3].tolist()}; split by patient"
        )
        raise LeakageError(msg)


def _patients_by_class(y: NDArray[np.intp], groups: NDArray[np.generic]) -> tuple[int, int]:
    """Return how many patients have at least one row without, and with, the event."""
    return len(np.unique(groups[y == 0])), len(np.unique(groups[y == 1]))


def _check_size(y: NDArray[np.intp], groups: NDArray[np.generic], *, n_folds: int) -> None:
    """Refuse an outcome that cannot be spread over ``n_folds`` folds."""
    most = min(_patients_by_class(y, groups))
    if most < n_folds:
        raise InputError(_shortage(y, groups, n_folds=n_folds, most=most), code="too_few_events")


def _shortage(y: NDArray[np.intp], groups: NDArray[np.generic], *, n_folds: int, most: int) -> str:
    """Say how many events there are, how many folds were asked, and what to lower."""
    without, with_event = _patients_by_class(y, groups)
    advice = f"use at most {most} folds" if most > 1 else "collect more patients of both kinds"
    return (
        f"{int(y.sum())} events in {with_event} patients and {int((y == 0).sum())} non-events in "
        f"{without} patients cannot fill {n_folds} folds with both outcomes; {advice}"
    )


def _draw(
    y: NDArray[np.intp], groups: NDArray[np.generic], *, n_folds: int, repeat: int, seed: int
) -> list[Split]:
    """Return the folds of one repeat, drawn anew until every part has both outcomes."""
    for attempt in range(ATTEMPTS):
        drawn = list(_folds(y, groups, n_folds=n_folds, start=(seed, repeat, attempt)))
        if all(_has_both(y[train]) and _has_both(y[test]) for train, test in drawn):
            splits = [
                Split(repeat=repeat, fold=fold, train=train, test=test)
                for fold, (train, test) in enumerate(drawn)
            ]
            for split in splits:
                check_disjoint(split, groups)
            return splits
    msg = _shortage(y, groups, n_folds=n_folds, most=n_folds - 1)
    raise InputError(f"{msg} ({ATTEMPTS} draws failed)", code="too_few_events")


def _folds(
    y: NDArray[np.intp],
    groups: NDArray[np.generic],
    *,
    n_folds: int,
    start: tuple[int, int, int],
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield train and test positions of one draw."""
    state = int(np.random.SeedSequence(start).generate_state(1)[0])
    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=state)
    yield from folds.split(np.zeros(len(y)), y, groups)


def _has_both(y: NDArray[np.intp]) -> bool:
    """Say whether both outcomes are present."""
    return bool((y == 0).any() and (y == 1).any())
