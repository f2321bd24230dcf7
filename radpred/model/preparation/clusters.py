"""Kinds of pieces: where their centres lie, how far they reach, and which one a piece is of."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from radpred.errors import InputError
from radpred.table.bags import Bag

Array = NDArray[Any]

PER_CASE, FEWEST_PER_CASE = 200, 20
MOST_POINTS = 50_000
_N_STARTS = {"kmeans": 10, "gmm": 3}
_MOST_STEPS = 500
# Added to the variances of a mixture of maps with a standard deviation of 1, so that a tumour
# of one intensity is no kind of its own without any width.
_LEAST_VARIANCE = 1e-3


def drawn(bags: Sequence[Bag]) -> Array:
    """Return as many points of each bag, shape (n_bags, n_points, n_maps), whatever its size.

    They stand at equal steps of volume along the pieces in the order of their first map, and of
    the next among equals: a sample without chance, the same however pieces are ordered.
    """
    n_points = int(np.clip(MOST_POINTS // len(bags), FEWEST_PER_CASE, PER_CASE))
    steps = (np.arange(n_points) + 0.5) / n_points
    return np.stack([_at(bag, steps) for bag in bags])


def _at(bag: Bag, steps: Array) -> Array:
    """Return the pieces of a bag at shares of its volume."""
    order = np.lexsort(bag.values.T[::-1])
    reached = np.cumsum(bag.n_voxels[order], dtype=np.int64)
    places = np.searchsorted(reached, steps * reached[-1], side="right")
    return bag.values[order[places]].astype(np.float64)


def fitted(points: Array, *, method: str, n: int, seed: int) -> tuple[Array, Array, Array]:
    """Return centres, Cholesky factors of precisions and weights of ``n`` kinds of points.

    Parameters
    ----------
    points : array of shape (n_points, n_maps)
        On a common scale; their order changes nothing.
    method : {"kmeans", "gmm"}
        The nearest centre, or the most likely of Gaussians with covariances of their own.
    n : int
        How many kinds.
    seed : int
        Where the starts are drawn from.

    Returns
    -------
    centres : array of shape (n, n_maps)
        In ascending order of the first map.
    factors : array of shape (n, n_maps, n_maps)
        All equal to one for k-means.
    weights : array of shape (n,)
        Shares of the points; all equal for k-means.

    Raises
    ------
    InputError
        ``no_habitats``: fewer than ``n`` different points.
    """
    points = points[np.lexsort(points.T[::-1])]
    n_different = len(np.unique(points, axis=0))
    if n_different < n:
        msg = (
            f"the training cases' voxels take {n_different} different values on the maps, and "
            f"{n} habitats need as many; ask for fewer, or for other maps"
        )
        raise InputError(msg, code="no_habitats")
    # One thread, so that sums run in the same order everywhere.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = (_kmeans if method == "kmeans" else _gmm)(points, n, seed)
    order = np.lexsort(found[0].T[::-1])
    centres, factors, weights = (part[order] for part in found)
    return centres, factors, weights


def _kmeans(points: Array, n: int, seed: int) -> tuple[Array, Array, Array]:
    """Return the kinds that k-means finds."""
    centres = KMeans(n, n_init=_N_STARTS["kmeans"], random_state=seed).fit(points).cluster_centers_
    n_maps = points.shape[1]
    return centres, np.broadcast_to(np.eye(n_maps), (n, n_maps, n_maps)).copy(), np.full(n, 1 / n)


def _gmm(points: Array, n: int, seed: int) -> tuple[Array, Array, Array]:
    """Return the kinds of a mixture of Gaussians."""
    mixture = GaussianMixture(
        n,
        n_init=_N_STARTS["gmm"],
        max_iter=_MOST_STEPS,
        reg_covar=_LEAST_VARIANCE,
        random_state=seed,
    ).fit(points)
    return mixture.means_, mixture.precisions_cholesky_, mixture.weights_


def kinds_of(points: Array, centres: Array, factors: Array, weights: Array) -> Array:
    """Return the most likely kind of each point, counted from 0, shape (n_points,).

    With equal factors and weights that is the nearest centre.
    """
    apart = points[:, None, :] - centres
    along = (apart[:, :, :, None] * factors).sum(axis=2)
    heights = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1) + np.log(weights)
    return np.asarray(np.argmax(heights - 0.5 * (along**2).sum(axis=2), axis=1))
