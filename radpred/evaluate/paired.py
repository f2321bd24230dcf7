"""Whether differences on the same patients are more than chance, one by one and together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


def two_sided_p(draws: Array) -> float:
    """Return the p-value at which the percentile interval of a difference begins to hold 0.

    Twice the smaller share of draws on either side of 0, the sample counted as one of them
    (Davison & Hinkley 1997, section 4.2.5; Efron & Tibshirani 1993, section 15.4): never 0, and
    1 where nothing differs. NaN where fewer than half of the draws are defined.

    Parameters
    ----------
    draws : array of shape (1 + n_draws,)
        The difference in the sample, then in every bootstrap draw.

    Examples
    --------
    >>> two_sided_p(np.r_[1.0, np.ones(99)])
    0.02
    """
    others = np.asarray(draws[1:], dtype=float)
    defined = others[~np.isnan(others)]
    if np.isnan(draws[0]) or not defined.size or defined.size < others.size / 2:
        return float("nan")
    side = min(int(np.sum(defined <= 0)), int(np.sum(defined >= 0)))
    return min(1.0, 2 * (1 + side) / (1 + defined.size))


def holm(p_values: ArrayLike) -> Array:
    """Return p-values adjusted for their number by Holm's method (1979), NaN left out.

    Parameters
    ----------
    p_values : array of shape (n,)
        In [0, 1], or NaN where a test could not be made.

    Returns
    -------
    array of shape (n,)
        The chance of any false finding is at most a where those at most a are called findings.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=float)
    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    factors = np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(factors * p[order]))
    return adjusted
