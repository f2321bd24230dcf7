"""Whether a whole chain beats chance: its score beside those of permuted outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from math import factorial, prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radpred.errors import InputError

Array = NDArray[Any]
Statistic = Callable[[Array], float]
Blocks = list[tuple[list[Array], list[Array]]]

_TIE = 1e-12


@dataclass(frozen=True, eq=False)
class PermutationResult:
    """A score, what it is under permuted outcomes, and the p-value.

    Attributes
    ----------
    observed : float
        The score of the outcomes as they are.
    permuted : ndarray of shape (n_permutations,)
        The score of each permutation; NaN where it was undefined.
    p : float
        Share of arrangements that score as high or higher, the observed one among them.
    is_exact : bool
        Whether all arrangements were tried, and not a random sample.
    note : str
        What was undefined.
    """

    observed: float
    permuted: Array
    p: float
    is_exact: bool
    note: str = ""


def permutation_test(
    statistic: Statistic,
    y: ArrayLike,
    patients: ArrayLike,
    *,
    rng: np.random.Generator,
    n_permutations: int = 1000,
    site: ArrayLike | None = None,
) -> PermutationResult:
    """Return how the score of a chain compares with its scores for permuted outcomes.

    ``statistic`` gets outcomes and does everything again that saw them: selection, tuning, folds,
    fit, score. Outcomes move from patient to patient as a whole, within a site where sites are
    given; where rows of one patient differ in outcome, between patients with as many rows
    (whole-block exchange, Winkler et al. 2015). p is (1 + b) / (1 + m) with b of m permutations at
    or above the observed score (Phipson & Smyth 2010): never 0. Where no more than
    ``n_permutations`` different arrangements exist all are tried, and p is exact. An undefined
    score counts as high, so that failing does not make a finding.

    Parameters
    ----------
    statistic : callable
        ``statistic(y)`` returns a number, higher for better, the same for the same ``y``.
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    patients : array of shape (n_rows,)
        Whose row it is.
    rng : numpy.random.Generator
        Where chance comes from.
    n_permutations : int
        How many random permutations, or the most arrangements to try exactly.
    site : array of shape (n_rows,), optional
        Within which outcomes are exchanged; one a patient.

    Raises
    ------
    InputError
        No outcome can move, a patient lies in two sites, or the score is undefined.
    """
    y = np.asarray(y)
    blocks = _blocks(y, np.asarray(patients, dtype=str), site)
    observed = float(statistic(y.copy()))
    if np.isnan(observed):
        msg = "the statistic of the outcomes as they are is NaN; give one that is defined"
        raise InputError(msg)
    n_arrangements = prod(_n_arrangements(labels) for _, labels in blocks)
    is_exact = n_arrangements <= n_permutations
    outcomes = _all(y, blocks) if is_exact else _drawn(y, blocks, rng=rng, n=n_permutations)
    permuted = np.array([statistic(one) for one in outcomes], dtype=float)
    as_high = int(np.sum(~(permuted < observed - _TIE)))
    p = as_high / permuted.size if is_exact else (1 + as_high) / (1 + permuted.size)
    n_undefined = int(np.isnan(permuted).sum())
    note = f"undefined in {n_undefined} of {permuted.size} permutations" if n_undefined else ""
    return PermutationResult(observed, permuted, p, is_exact, note)


def permuted_outcomes(
    y: ArrayLike, patients: ArrayLike, *, rng: np.random.Generator, site: ArrayLike | None = None
) -> Array:
    """Return outcomes after one random exchange between patients, as in `permutation_test`."""
    y = np.asarray(y)
    return next(_drawn(y, _blocks(y, np.asarray(patients, dtype=str), site), rng=rng, n=1))


def _blocks(y: Array, patients: Array, site: ArrayLike | None) -> Blocks:
    """Return, for each group that may exchange, the rows of its patients and their outcomes."""
    sites = np.zeros(len(y), dtype=str) if site is None else np.asarray(site, dtype=str)
    rows = [np.flatnonzero(patients == one) for one in np.unique(patients)]
    for own in rows:
        if np.unique(sites[own]).size > 1:
            msg = f"patient {patients[own[0]]!r} lies in several sites; give one site a patient"
            raise InputError(msg)
    is_mixed = any(np.unique(y[own]).size > 1 for own in rows)
    groups: dict[tuple[str, int], list[Array]] = {}
    for own in rows:
        groups.setdefault((sites[own[0]], len(own) if is_mixed else 0), []).append(own)
    # A patient with one outcome is one label, so that patients with more rows may receive it.
    blocks = [(own, [y[r] if is_mixed else y[r[:1]] for r in own]) for own in groups.values()]
    if all(_n_arrangements(labels) == 1 for _, labels in blocks):
        msg = (
            f"{len(rows)} patients in {len(blocks)} group(s): no outcome can be exchanged; "
            "permute without sites, or collect patients of both kinds in one site"
        )
        raise InputError(msg)
    return blocks


def _n_arrangements(labels: list[Array]) -> int:
    """Return in how many different orders the labels can stand."""
    _, counts = np.unique(np.array([label.tobytes() for label in labels]), return_counts=True)
    return factorial(len(labels)) // prod(factorial(int(count)) for count in counts)


def _drawn(y: Array, blocks: Blocks, *, rng: np.random.Generator, n: int) -> Iterator[Array]:
    """Yield ``n`` random arrangements of the outcomes."""
    for _ in range(n):
        result = y.copy()
        for rows, labels in blocks:
            for own, place in zip(rows, rng.permutation(len(labels)), strict=True):
                result[own] = labels[place]
        yield result


def _all(y: Array, blocks: Blocks) -> Iterator[Array]:
    """Yield every different arrangement of the outcomes, the observed one among them."""
    for orders in product(*(list(_orders(labels)) for _, labels in blocks)):
        result = y.copy()
        for (rows, _), order in zip(blocks, orders, strict=True):
            for own, label in zip(rows, order, strict=True):
                result[own] = label
        yield result


def _orders(labels: list[Array]) -> Iterator[list[Array]]:
    """Yield every different order of the labels."""
    if not labels:
        yield []
        return
    seen = set()
    for place, label in enumerate(labels):
        if label.tobytes() not in seen:
            seen.add(label.tobytes())
            for rest in _orders(labels[:place] + labels[place + 1 :]):
                yield [label, *rest]
