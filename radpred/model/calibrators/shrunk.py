"""Platt's sigmoid with its slope drawn towards 0, as far as it was flattered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radpred.model.calibrators._newton import least_cross_entropy
from radpred.model.calibrators._optimism import kept_slope
from radpred.model.calibrators.sigmoid import (
    Sigmoid,
    even_log_odds,
    fit_sigmoid,
    forward,
    smoothed,
)


@dataclass(frozen=True, kw_only=True)
class ShrunkSigmoid(Sigmoid):
    """A sigmoid whose slope was multiplied by a factor in [0, 1].

    Attributes
    ----------
    factor : float
        1 leaves Platt's slope; 0 gives everyone the prevalence.
    """

    factor: float


def fit_shrunk_sigmoid(
    scores: ArrayLike,
    y: ArrayLike,
    *,
    folds: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    tried: ArrayLike | None = None,
) -> ShrunkSigmoid:
    """Return Platt's sigmoid with the slope shrunk, for scores of rows held out.

    The sigmoid is fitted to the scores that it will be held against, and these come from the
    settings that were best on the same rows: both make its slope too steep. The factor is the
    slope that is left on rows which a bootstrap draw leaves out, where settings are picked and
    the sigmoid is fitted on the rows drawn: the bias correction of I. Tsamardinos, E. Greasidou
    and G. Borboudakis, "Bootstrapping the out-of-sample predictions for efficient and accurate
    cross-validation", Mach Learn 2018;107:1895-1922, for a slope in place of a performance. The
    intercept is fitted again, so that the mean risk stays the smoothed prevalence.

    Parameters
    ----------
    scores : array of shape (n,)
        Held-out scores.
    y : array of shape (n,)
        Their outcomes, 0 or 1.
    folds : array of shape (n,), optional
        In which fold each row was held out; one fold by default.
    groups : array of shape (n,), optional
        The patient of each row; each its own by default.
    tried : array of shape (n_points, n), optional
        Held-out scores of all settings that were tried, ``scores`` among them. Without them the
        pick is not corrected for.
    """
    values, outcomes = np.asarray(scores, dtype=np.float64), np.asarray(y).astype(np.intp)
    n, target = len(values), smoothed(outcomes)
    points = values[None, :] if tried is None else np.asarray(tried, dtype=np.float64)
    line = forward(fit_sigmoid(values, outcomes), outcomes)
    factor = kept_slope(
        points,
        outcomes,
        folds=np.zeros(n, dtype=np.intp) if folds is None else np.asarray(folds),
        groups=np.arange(n) if groups is None else np.asarray(groups),
    )
    slope = factor * line.slope
    if slope == 0:
        return ShrunkSigmoid(slope=0.0, intercept=even_log_odds(target), factor=0.0)
    level = _level(slope * values, target)
    return ShrunkSigmoid(slope=slope, intercept=level, factor=factor)


def _level(offset: NDArray[np.float64], target: NDArray[np.float64]) -> float:
    """Return the constant that makes the mean risk beside ``offset`` the mean of ``target``."""
    centre = float(offset.mean())
    design = np.ones((len(offset), 1))
    found = least_cross_entropy(design, target, [even_log_odds(target)], offset=offset - centre)
    return float(found[0]) - centre
