"""Shapley values of any score, over orders in which columns are made known one by one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

MOST_ORDERS = 24
_N_PAIRS = 5


def permutation_contributions(
    score: Callable[[Array], Array], rows: Array, background: Array
) -> tuple[Array, float]:
    """Return what each column adds to the score of each row, and the mean score.

    The value of a set of columns is the mean score with the others taken from the background
    (interventional: Lundberg and Lee, NeurIPS 2017). What a column adds is the mean over orders:
    all of them for up to four columns, which is exact; else five at random with their reverses
    (Mitchell et al., J Mach Learn Res 2022;23(43)), the same for every row. Whatever the orders,
    what all columns add is the score less the mean score.

    Parameters
    ----------
    score : callable
        From values of shape (n, n_features) to scores of shape (n,), row by row.
    rows : array of shape (n_rows, n_features)
        Cases to explain.
    background : array of shape (n_background, n_features)
        The reference.

    Returns
    -------
    contributions : array of shape (n_rows, n_features)
        Each row is computed by itself, so it does not depend on the others.
    base_value : float
        Mean over the background.
    """
    orders = _orders(rows.shape[1])
    contributions = [_of_row(score, row, background, orders) for row in rows]
    return np.array(contributions).reshape(rows.shape), float(score(background).mean())


def _orders(n: int) -> Array:
    """Return the orders of ``n`` columns, shape (n_orders, n)."""
    if n == 0 or factorial(n) <= MOST_ORDERS:
        return np.array(list(permutations(range(n))), dtype=np.intp)
    rng = np.random.default_rng(0)
    drawn = np.array([rng.permutation(n) for _ in range(_N_PAIRS)])
    return np.concatenate([drawn, drawn[:, ::-1]])


def _of_row(score: Callable[[Array], Array], row: Array, background: Array, orders: Array) -> Array:
    """Return what each column adds to the score of one row."""
    n_orders, n_features = orders.shape
    rank = np.argsort(orders, axis=1)
    known = rank[:, None, :] < np.arange(n_features + 1)[None, :, None]
    mixed = np.where(known[:, :, None, :], row, background)
    scores = score(mixed.reshape(n_orders * (n_features + 1) * len(background), n_features))
    values = scores.reshape(n_orders, n_features + 1, len(background)).mean(axis=2)
    added = np.diff(values, axis=1)
    return np.asarray(np.take_along_axis(added, rank, axis=1).mean(axis=0))
