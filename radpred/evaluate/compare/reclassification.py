"""Net reclassification and integrated discrimination: asked for by reviewers, easily misled.

A model that is only less well calibrated, or only more extreme, can score above 0 in each of
them without telling anybody apart better (Hilden & Gerds 2014; Pepe et al. 2015; Leening et al.
2014). They are given with intervals and without p-values, beside the difference in net benefit
and in likelihood, which a useless marker cannot raise on average.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.errors import SettingsError

Array = NDArray[Any]

NRI_CAVEAT = (
    "reclassification also rewards miscalibration (Hilden & Gerds 2014; Pepe et al. 2015): read "
    "events and others apart, beside calibration and net benefit; no p-value is valid"
)
IDI_CAVEAT = (
    "integrated discrimination rises where predictions merely become more extreme (Hilden & Gerds "
    "2014): read it beside calibration and net benefit; no p-value is valid"
)


@dataclass(frozen=True)
class Reclassification:
    """Net share moved the right way, each of the leading shape of the weights.

    ``events`` moved up less down, ``others`` moved down less up; ``total`` is their sum, which
    weighs both kinds alike whatever their frequency.
    """

    events: Array
    others: Array

    @property
    def total(self) -> Array:
        """Return the net reclassification improvement, from -2 to 2."""
        return np.asarray(self.events + self.others)


def net_reclassification(
    y: Array,
    probability: Array,
    reference: Array,
    weights: Array | None = None,
    *,
    cuts: Sequence[float] | None = None,
) -> Reclassification:
    """Return the net reclassification of a model against a reference.

    Between categories (Pencina et al. 2008) where ``cuts`` are given, else any move counts
    (continuous; Pencina et al. 2011). Caveats: `NRI_CAVEAT`.

    Parameters
    ----------
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    probability, reference : array of shape (n_rows,)
        Predicted probabilities of both models.
    weights : array of shape (..., n_rows), optional
        How often each row counts.
    cuts : sequence of float, optional
        Limits of the categories, ascending, inside (0, 1); a probability on a limit is above it.

    Examples
    --------
    >>> y = np.array([1, 1, 0, 0])
    >>> new, old = np.array([0.6, 0.4, 0.1, 0.4]), np.array([0.4, 0.6, 0.2, 0.6])
    >>> found = net_reclassification(y, new, old, cuts=[0.5])
    >>> float(found.events), float(found.others)
    (0.0, 0.5)
    """
    new, old = np.asarray(probability, dtype=float), np.asarray(reference, dtype=float)
    if cuts is not None:
        new, old = _categories(new, cuts), _categories(old, cuts)
    moved = np.sign(new - old)
    y = np.asarray(y, dtype=float)
    return Reclassification(_mean(moved, y, weights), -_mean(moved, 1 - y, weights))


def integrated_discrimination(
    y: Array, probability: Array, reference: Array, weights: Array | None = None
) -> Array:
    """Return how much farther apart the classes' mean probabilities lie than in a reference.

    Pencina et al. 2008: the difference of both models' discrimination slopes (Yates 1982).
    Caveats: `IDI_CAVEAT`.

    Parameters
    ----------
    y, probability, reference, weights
        As in `net_reclassification`.
    """
    change = np.asarray(probability, dtype=float) - np.asarray(reference, dtype=float)
    y = np.asarray(y, dtype=float)
    return np.asarray(_mean(change, y, weights) - _mean(change, 1 - y, weights))


def reclassification_table(
    y: Array, probability: Array, reference: Array, *, cuts: Sequence[float]
) -> pd.DataFrame:
    """Return how many rows of each kind went from which category to which.

    Parameters
    ----------
    y, probability, reference, cuts
        As in `net_reclassification`.

    Returns
    -------
    DataFrame
        ``outcome``, ``from`` and ``to`` (numbers of categories, from 0), ``n``.
    """
    old = _categories(np.asarray(reference, dtype=float), cuts)
    new = _categories(np.asarray(probability, dtype=float), cuts)
    rows = [
        {
            "outcome": label,
            "from": a,
            "to": b,
            "n": int(((y == label) & (old == a) & (new == b)).sum()),
        }
        for label in (0, 1)
        for a in range(len(cuts) + 1)
        for b in range(len(cuts) + 1)
    ]
    return pd.DataFrame(rows)


def _categories(probability: Array, cuts: Sequence[float]) -> Array:
    """Return the number of limits at or below each probability."""
    limits = np.asarray(cuts, dtype=float)
    is_usable = (
        limits.size and limits.min() > 0 and limits.max() < 1 and (np.diff(limits) > 0).all()
    )
    if not is_usable:
        msg = f"limits of categories {list(cuts)}: give them ascending, inside (0, 1)"
        raise SettingsError(msg)
    return np.searchsorted(limits, probability, side="right")


def _mean(values: Array, member: Array, weights: Array | None) -> Array:
    """Return the weighted mean of ``values`` over ``member`` rows, NaN of none."""
    drawn = np.ones(member.size) if weights is None else np.asarray(weights, dtype=float)
    total = drawn @ member
    sums = np.asarray(drawn @ (member * values))
    return np.divide(sums, total, out=np.full(sums.shape, np.nan), where=total > 0)
