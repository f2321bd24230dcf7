"""Draw patients with replacement; whom no draw took is tested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radpred.cohort.designs.design import Design, Part, design_of
from radpred.cohort.designs.labels import Labels, OutcomeKind, labels_of, patients_of
from radpred.cohort.split import ATTEMPTS
from radpred.errors import InputError, SettingsError

LEAST_PATIENTS = 2  # of each class in a draw: inner folds must be able to hold one out


def bootstrap(
    y: ArrayLike,
    groups: ArrayLike,
    *,
    n_draws: int,
    seed: int,
    kind: OutcomeKind | None = None,
) -> Design:
    """Return one split a bootstrap draw of patients; rows out of the bag are tested.

    As many patients are drawn, with replacement, as there are. A patient drawn twice has all
    rows twice in ``train``: name the copies apart with `names_of_copies`, and group by patient
    in inner folds, so that copies stay together. A draw with fewer than two patients of a class
    in the bag, or without two classes out of it, is drawn anew.

    Parameters
    ----------
    y, groups : array of shape (n,)
        Outcome and patient of each row.
    n_draws : int
        100 or more for the .632+ estimator, `radpred.evaluate.designs.optimism_632`.
    seed : int
        The same seed gives the same draws; a draw does not depend on how many there are.
    kind : str, optional
        As in `repeated_k_fold`.

    Raises
    ------
    InputError
        A draw failed 100 times: too few patients of a class.

    Warns
    -----
    RadpredWarning
        How many draws were drawn anew.
    """
    if n_draws < 1:
        msg = f"{n_draws} bootstrap draws; wanted is at least 1, and 100 or more to rely on"
        raise SettingsError(msg)
    labels = labels_of(y, kind)
    patients = patients_of(groups, len(labels.values))
    _, patient = np.unique(patients, return_inverse=True)
    parts, n_anew = [], 0
    for draw in range(n_draws):
        counts, failures = _draw(labels, patient, start=(seed, draw))
        if counts is None:
            msg = (
                f"{labels.counts(patients)}: {ATTEMPTS} bootstrap draws failed to hold two "
                "patients of each class and to leave others out; use leave-one-patient-out"
            )
            raise InputError(msg, code="too_few_events")
        train = np.repeat(np.arange(len(patient)), counts[patient])
        parts.append(Part(draw, 0, train, np.flatnonzero(counts[patient] == 0)))
        n_anew += failures
    notes = [f"{n_anew} draws lacked an outcome and were drawn anew, for {n_draws}"]
    return design_of(
        "bootstrap", parts, labels=labels, patients=patients, notes=notes if n_anew else ()
    )


def names_of_copies(names: Iterable[object], rows: NDArray[np.intp]) -> list[str]:
    """Return a name for each of ``rows``, which may repeat: the second copy of a is ``a#2``.

    Parameters
    ----------
    names : iterable of length n
        The case of each row of the cohort.
    rows : array of int, shape (m,)
        Row positions with repeats, as ``train`` of a bootstrap draw.

    Raises
    ------
    InputError
        A case is already called what a copy would be.

    Examples
    --------
    >>> names_of_copies(["a", "b"], np.array([0, 0, 1]))
    ['a', 'a#2', 'b']
    """
    cases, seen = [str(name) for name in names], Counter[int]()
    copies = []
    for row in rows.tolist():
        seen[row] += 1
        copies.append(cases[row] if seen[row] == 1 else f"{cases[row]}#{seen[row]}")
    if len(set(copies)) < len(copies):
        twice = Counter(copies).most_common(1)[0][0]
        msg = f"a case is called {twice}, as the copy of another would be; rename the case"
        raise InputError(msg, code="duplicates")
    return copies


def _draw(
    labels: Labels, patient: NDArray[np.intp], *, start: tuple[int, int]
) -> tuple[NDArray[np.intp] | None, int]:
    """Return how often each patient is drawn, and how many draws failed before."""
    n_patients = patient.max() + 1
    for attempt in range(ATTEMPTS):
        rng = np.random.default_rng([*start, attempt])
        counts = np.bincount(rng.integers(n_patients, size=n_patients), minlength=n_patients)
        if _is_usable(labels, patient, counts):
            return counts, attempt
    return None, ATTEMPTS


def _is_usable(labels: Labels, patient: NDArray[np.intp], counts: NDArray[np.intp]) -> bool:
    """Say whether a draw can be learnt from, and leaves two outcomes out."""
    is_drawn = counts[patient] > 0
    if len(np.unique(labels.values[~is_drawn])) < 2:
        return False
    if labels.kind == "continuous":
        return not labels.lacking(np.flatnonzero(is_drawn))
    held = Labels(kind=labels.kind, values=labels.values[is_drawn], names=labels.names)
    return bool(held.patients_of(patient[is_drawn]).min() >= LEAST_PATIENTS)
