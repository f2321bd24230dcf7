"""Repeated folds by patient, stratified by any outcome; what cannot be filled is mended."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radpred.cohort.designs.dealing import Folds, deal, strata_of
from radpred.cohort.designs.design import Design, Part, design_of
from radpred.cohort.designs.labels import Labels, OutcomeKind, labels_of, patients_of
from radpred.cohort.split import ATTEMPTS, most_folds, outer_folds
from radpred.errors import InputError, SettingsError

Shortage = Literal["lower", "keep", "refuse"]


def repeated_k_fold(
    y: ArrayLike,
    groups: ArrayLike,
    *,
    n_folds: int,
    seed: int,
    repeats: int = 1,
    kind: OutcomeKind | None = None,
    shortage: Shortage | None = None,
) -> Design:
    """Return ``repeats`` times ``n_folds`` splits by patient, stratified by the outcome.

    A draw with a test part that lacks an outcome is drawn anew, up to 100 times. Of a binary
    outcome that can be filled, the splits are those of `radpred.cohort.split.outer_folds`.

    Parameters
    ----------
    y : array of shape (n,)
        Classes, or a continuous outcome (stratified by quantiles of the patients' means).
    groups : array of shape (n,)
        The patient of each row.
    n_folds, repeats : int
        How many folds, and how often they are drawn anew.
    seed : int
        The same seed gives the same folds; a repeat does not depend on how many there are.
    kind : str, optional
        ``binary``, ``multiclass`` or ``continuous``; found from the values unless given.
    shortage : str, optional
        What to do where an outcome has too few patients for a place in every test part:
        ``lower`` the number of folds (the default for two classes), ``keep`` it and test parts
        without that outcome (the default for more classes), or ``refuse``.

    Raises
    ------
    InputError
        A class with a single patient, who cannot be learnt from and tested; or a shortage that
        is to be refused.

    Warns
    -----
    RadpredWarning
        Folds were lowered, or test parts lack a class: how many, and how many patients have it.
    """
    _check_numbers(n_folds=n_folds, repeats=repeats)
    labels = labels_of(y, kind)
    patients = patients_of(groups, len(labels.values))
    policy = _policy(labels, shortage)
    _refuse_single(labels, patients)
    for n in range(_most(labels, patients, n_folds, policy=policy), 1, -1):
        parts = _repeats(labels, patients, n_folds=n, repeats=repeats, seed=seed, policy=policy)
        if parts is not None:
            notes = [*_lowered(labels, patients, n, n_folds), *_absent(labels, patients, parts)]
            return design_of(
                "repeated_k_fold", parts, labels=labels, patients=patients, notes=notes
            )
        if policy == "refuse":
            break
    most = int(labels.patients_of(patients).min()) if labels.names else len(np.unique(patients))
    fewer = f"at most {most}" if 1 < most < n_folds else "fewer"
    msg = (
        f"{labels.counts(patients)}: cannot fill {n_folds} folds with every outcome in every "
        f"part; use {fewer} folds, or collect more patients of each"
    )
    raise InputError(msg, code="too_few_events")


def _check_numbers(*, n_folds: int, repeats: int) -> None:
    """Refuse fewer than two folds or no repeat."""
    if n_folds < 2 or repeats < 1:
        msg = f"{repeats} times {n_folds} folds: wanted are at least 2 folds, at least once"
        raise SettingsError(msg)


def _policy(labels: Labels, shortage: Shortage | None) -> Shortage:
    """Return what to do about a shortage."""
    if shortage is None:
        return "keep" if labels.kind == "multiclass" else "lower"
    if shortage not in get_args(Shortage):
        msg = f"shortage {shortage!r}: unknown; choose one of {', '.join(get_args(Shortage))}"
        raise SettingsError(msg)
    return shortage


def _refuse_single(labels: Labels, patients: NDArray[np.str_]) -> None:
    """Refuse a class that one patient holds alone, and a cohort of one patient."""
    held = labels.patients_of(patients)
    single = [name for name, n in zip(labels.names, held, strict=True) if n < 2]
    if single or len(np.unique(patients)) < 2:
        of = f" with outcome {', '.join(single)}" if single else ""
        msg = (
            f"only one patient{of} ({labels.counts(patients)}): who is tested cannot be learnt "
            "from; collect more patients, or merge or leave out the class"
        )
        raise InputError(msg, code="too_few_events")


def _most(labels: Labels, patients: NDArray[np.str_], n_folds: int, *, policy: Shortage) -> int:
    """Return with how many folds to start, at most ``n_folds`` and one for each patient."""
    if policy == "refuse":
        return n_folds
    most = min(n_folds, len(np.unique(patients)))
    if policy == "lower" and labels.names:
        most = min(most, int(labels.patients_of(patients).min()))
    return most


def _repeats(
    labels: Labels,
    patients: NDArray[np.str_],
    *,
    n_folds: int,
    repeats: int,
    seed: int,
    policy: Shortage,
) -> list[Part] | None:
    """Return the parts of all repeats, or None where one of them cannot be drawn."""
    if labels.kind == "binary" and policy != "keep":
        return _of_two(labels, patients, n_folds=n_folds, repeats=repeats, seed=seed)
    parts: list[Part] = []
    for repeat in range(repeats):
        start = (seed, repeat)
        folds = _draw(labels, patients, n_folds=n_folds, start=start, is_kept=policy == "keep")
        if folds is None:
            return None
        parts += [
            Part(repeat, fold, np.flatnonzero(folds != fold), np.flatnonzero(folds == fold))
            for fold in range(n_folds)
        ]
    return parts


def _of_two(
    labels: Labels, patients: NDArray[np.str_], *, n_folds: int, repeats: int, seed: int
) -> list[Part] | None:
    """Return the parts of a binary outcome, or None where they cannot be filled."""
    if most_folds(labels.values, patients) < n_folds:
        return None
    try:
        splits = outer_folds(labels.values, patients, n_folds=n_folds, repeats=repeats, seed=seed)
    except InputError:
        return None
    return [Part(split.repeat, split.fold, split.train, split.test) for split in splits]


def _draw(
    labels: Labels,
    patients: NDArray[np.str_],
    *,
    n_folds: int,
    start: tuple[int, int],
    is_kept: bool,
) -> Folds | None:
    """Return the draw whose test parts lack the least; None if that is too much."""
    if n_folds > len(np.unique(patients)):
        return None
    unavoidable = int(np.maximum(n_folds - labels.patients_of(patients), 0).sum())
    best, fewest = None, np.inf
    for attempt in range(ATTEMPTS):
        rng = np.random.default_rng([*start, attempt])
        strata = strata_of(labels, patients, n_folds=n_folds, rng=rng)
        folds = deal(strata, patients, n_folds=n_folds, rng=rng)
        n_lacking = _lacking(labels, folds, n_folds)
        if n_lacking < fewest:
            best, fewest = folds, n_lacking
        if fewest <= unavoidable:
            break
    return best if fewest == 0 or (is_kept and np.isfinite(fewest)) else None


def _lacking(labels: Labels, folds: Folds, n_folds: int) -> float:
    """Return how many outcomes test parts lack in all; infinite where a training part does."""
    if any(labels.lacking(np.flatnonzero(folds != fold)) for fold in range(n_folds)):
        return np.inf
    return sum(len(labels.lacking(np.flatnonzero(folds == fold))) for fold in range(n_folds))


def _lowered(labels: Labels, patients: NDArray[np.str_], n_folds: int, asked: int) -> list[str]:
    """Say so where there are fewer folds than asked."""
    if n_folds == asked:
        return []
    return [f"{n_folds} folds instead of {asked}: {labels.counts(patients)}"]


def _absent(labels: Labels, patients: NDArray[np.str_], parts: list[Part]) -> list[str]:
    """Say which classes are absent from how many test parts."""
    lacking = [name for part in parts for name in labels.lacking(part.test)]
    held = dict(zip(labels.names, labels.patients_of(patients), strict=True))
    return [
        f"outcome {name} ({held[name]} patients) is absent from {lacking.count(name)} of "
        f"{len(parts)} test parts: what needs it is undefined there"
        for name in dict.fromkeys(lacking)
        if name in held
    ]
