"""Whether prediction sets hold the truth as often as they promise, in each class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from radpred.model.conformal import prediction_set

Array = NDArray[Any]


@dataclass(frozen=True)
class SetShares:
    """How prediction sets turn out, each of the leading shape of the weights."""

    coverage: Array
    set_size: Array
    singleton: Array
    both: Array
    empty: Array


def set_shares(
    y: Array, p_values: Array, weights: Array | None = None, *, level: float
) -> SetShares:
    """Return coverage, mean size and kinds of the prediction sets at ``level``.

    Parameters
    ----------
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    p_values : array of shape (n_rows, 2)
        Conformal p-values of class 0 and class 1.
    weights : array of shape (..., n_rows), optional
        How often each row counts; multiply by ``y == c`` to look at one class.
    level : float
        Promised coverage.
    """
    sets = prediction_set(p_values, level=level)
    y = np.asarray(y, dtype=int)
    size = sets.sum(axis=1)
    columns = [sets[np.arange(y.size), y], size, size == 1, size == 2, size == 0]
    weights = np.ones(y.size) if weights is None else np.asarray(weights, dtype=float)
    total = weights.sum(axis=-1)[..., None]
    sums = weights @ np.column_stack(columns).astype(float)
    means = np.divide(sums, total, out=np.full(sums.shape, np.nan), where=total > 0)
    return SetShares(*np.moveaxis(means, -1, 0))


def expected_coverage_sd(n_calibration: float, level: float) -> float:
    """Return the standard deviation of coverage that ``n_calibration`` rows leave to chance.

    Given its calibration rows, the coverage of a split-conformal set is distributed as
    Beta(k, n + 1 - k) with k = ceil((n + 1) level) (Vovk 2012). NaN where the rows are too
    few to leave anything out (k > n), so that every set is full.

    Parameters
    ----------
    n_calibration : float
        Calibration rows (of the class, for class-conditional sets); rounded down.
    level : float
        Promised coverage.

    Examples
    --------
    >>> round(expected_coverage_sd(19, 0.9), 3)
    0.065
    """
    n = int(n_calibration)
    rank = int(np.ceil(round((n + 1) * level, 9)))
    if rank > n:
        return float("nan")
    return float(beta(rank, n + 1 - rank).std())


def one_sided_bound(n: int, *, level: float = 0.95) -> float:
    """Return the lower end of the exact two-sided interval for ``n`` successes in ``n`` trials.

    Clopper & Pearson 1934; for no success the upper end is one minus this.

    Parameters
    ----------
    n : int
        Independent trials.
    level : float
        Nominal coverage of the interval.
    """
    return float(((1 - level) / 2) ** (1 / n)) if n else 0.0
