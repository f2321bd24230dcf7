"""Join what blocks say into log-odds, with a weight for each that is never below zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit

from radpred.errors import SettingsError

Array = NDArray[np.float64]
Method = Literal["logistic", "mean"]


@dataclass(frozen=True, kw_only=True)
class Combination:
    """Log-odds as a sum over blocks.

    Attributes
    ----------
    weights : ndarray of shape (n_blocks,)
        What one unit of a block's own calibrated log-odds adds to the answer; none is negative,
        and 0 is the weight of a block that says the same of everybody.
    slopes : ndarray of shape (n_blocks,)
        The same for one unit of a block's score.
    intercept : float
        The log-odds are ``intercept + sum(slopes * scores)``.
    """

    weights: Array
    slopes: Array
    intercept: float


def combine(
    scores: ArrayLike,
    y: ArrayLike,
    *,
    method: Method = "logistic",
    row_weights: ArrayLike | None = None,
    pull: float = 1.0,
) -> Combination:
    """Return how the scores of blocks join.

    Each block's scores first become log-odds by a line of their own that does not fall (Platt's
    sigmoid, see `radpred.model.calibrators`). Their sum is weighted by a logistic regression
    without negative weights, as in stacking (Wolpert, Neural Netw 1992;5:241-259; weights not
    negative after Breiman, Mach Learn 1996;24:49-64); or it is their plain mean.

    Parameters
    ----------
    scores : array of shape (n, n_blocks)
        Of rows that no block's model was fitted on, each on the scale of its model.
    y : array of shape (n,)
        0 or 1.
    method : {"logistic", "mean"}
        As above.
    row_weights : array of shape (n,), optional
        How much each row counts.
    pull : float
        Penalty on half the squared distance of the weights from ``1 / n_blocks``. One pulls as
        four rows at even odds do whose log-odds lie one from the mean: it keeps the weights of a
        small cohort near those of the mean, and shares them evenly among blocks that agree.

    Raises
    ------
    SettingsError
        There is no such method, or a negative pull.
    """
    if method not in get_args(Method) or pull < 0:
        msg = f"fusion by {method!r}, pull {pull}; choose 'logistic' or 'mean', pull at least 0"
        raise SettingsError(msg)
    table, outcomes = np.asarray(scores, dtype=np.float64), np.asarray(y)
    counts = np.ones(len(outcomes)) if row_weights is None else np.asarray(row_weights, float)
    lines = [non_negative_logistic(table[:, [b]], outcomes, counts) for b in range(table.shape[1])]
    own = np.array([slopes[0] for slopes, _ in lines])
    offsets = np.array([intercept for _, intercept in lines])
    if method == "mean":
        weights = np.where(own > 0, 1 / len(own), 0.0)
        return Combination(
            weights=weights, slopes=own / len(own), intercept=float(offsets.sum() / len(own))
        )
    weights, intercept = non_negative_logistic(table * own + offsets, outcomes, counts, pull=pull)
    return Combination(
        weights=weights, slopes=weights * own, intercept=float(intercept + weights @ offsets)
    )


def non_negative_logistic(
    scores: Array, y: NDArray[np.generic], counts: Array, *, pull: float = 0.0
) -> tuple[Array, float]:
    """Return slopes that are not negative, and the intercept, of logistic regression.

    The outcomes are smoothed as in J. C. Platt, "Probabilistic outputs for support vector
    machines", 2000, section 2.2, so the optimum is finite even where the scores separate them.

    Parameters
    ----------
    scores : ndarray of shape (n, k)
        A column that does not vary gets slope 0.
    y : ndarray of shape (n,)
        0 or 1.
    counts : ndarray of shape (n,)
        How much each row counts.
    pull : float
        Penalty on half the squared distance of the slopes from ``1 / k``.
    """
    target = _smoothed(y, counts)
    centre = np.average(scores, axis=0, weights=counts)
    spread = np.sqrt(np.average((scores - centre) ** 2, axis=0, weights=counts))
    varies = spread > 1e-12 * np.maximum(1.0, np.abs(centre))
    z = (scores[:, varies] - centre[varies]) / spread[varies]
    even = float(np.average(target, weights=counts))
    start = np.array([*(pull > 0) * spread[varies] / len(spread), np.log(even / (1 - even))])
    found = minimize(
        _loss,
        start,
        args=(z, target, counts, pull, spread[varies], 1 / len(spread)),
        jac=True,
        method="L-BFGS-B",
        bounds=[*[(0.0, None)] * z.shape[1], (None, None)],
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 1000},
    ).x
    slopes = np.zeros(len(spread))
    slopes[varies] = found[:-1] / spread[varies]
    return slopes, float(found[-1] - slopes @ centre)


def _smoothed(y: NDArray[np.generic], counts: Array) -> Array:
    """Return Platt's targets, rows counted by their weight."""
    n_events = float(counts[y == 1].sum())
    n_others = float(counts[y != 1].sum())
    return np.where(y == 1, (n_events + 1) / (n_events + 2), 1 / (n_others + 2))


def _loss(
    beta: Array, z: Array, target: Array, counts: Array, pull: float, spread: Array, goal: float
) -> tuple[float, Array]:
    """Return the penalised cross entropy and its gradient."""
    log_odds = z @ beta[:-1] + beta[-1]
    off = beta[:-1] / spread - goal
    loss = counts @ (np.logaddexp(0.0, log_odds) - target * log_odds) + pull / 2 * off @ off
    miss = counts * (expit(log_odds) - target)
    return float(loss), np.append(z.T @ miss + pull * off / spread, miss.sum())
