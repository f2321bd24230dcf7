"""Platt's sigmoid with its slope drawn towards 0, as far as it was flattered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radpred.model.calibrators._newton import least_cross_entropy
from radpred.model.calibrators.sigmoid import (
    Sigmoid,
    even_log_odds,
    fit_sigmoid,
    forward,
    smoothed,
)

Array = NDArray[np.float64]
N_DRAWS = 200
_MOST_CELLS = 4_000_000  # of draws by rows that are held at once


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


def _level(offset: Array, target: Array) -> float:
    """Return the constant that makes the mean risk beside ``offset`` the mean of ``target``."""
    centre = float(offset.mean())
    design = np.ones((len(offset), 1))
    found = least_cross_entropy(design, target, [even_log_odds(target)], offset=offset - centre)
    return float(found[0]) - centre


def kept_slope(
    tried: Array,
    y: NDArray[np.intp],
    *,
    folds: NDArray[np.intp],
    groups: NDArray[np.generic],
    seed: int = 0,
    n_draws: int = N_DRAWS,
) -> float:
    """Return the share of Platt's slope that holds for rows which had no say, between 0 and 1.

    Patients are drawn with replacement inside their folds. On the rows drawn the point with the
    best mean area under the ROC curve is picked, as tuning does, and a sigmoid is fitted to its
    scores. What that sigmoid says of the rows left out is gathered over all draws, and the share
    is the slope of the outcome on it.

    Parameters
    ----------
    tried : array of shape (n_points, n)
        What each point that was tried says of each row, held out.
    y : array of shape (n,)
        Outcomes, 0 or 1.
    folds, groups : array of shape (n,)
        In which fold each row was held out, and whose it is.
    seed, n_draws : int
        Where the draws start, and how many there are.
    """
    rng = np.random.default_rng(seed)
    parts = [np.flatnonzero(folds == fold) for fold in np.unique(folds)]
    at_once = max(1, min(n_draws, _MOST_CELLS // max(len(y), 1)))
    said, true = [], []
    for start in range(0, n_draws, at_once):
        n = min(at_once, n_draws - start)
        counts = np.zeros((n, len(y)))
        for part in parts:
            counts[:, part] = _drawn(groups[part], n, rng)
        picked = _best(tried, y, parts, counts) if len(tried) > 1 else np.zeros(n, dtype=np.intp)
        for left_out, log_odds in _answers(tried, y, counts, picked):
            said.append(log_odds)
            true.append(y[left_out])
    return _slope(said, true, smoothed(y))


def _drawn(groups: NDArray[np.generic], n: int, rng: np.random.Generator) -> Array:
    """Return how often each row comes in ``n`` draws of as many patients as there are."""
    patients, whose = np.unique(groups, return_inverse=True)
    times = rng.multinomial(len(patients), np.full(len(patients), 1 / len(patients)), size=n)
    return times[:, whose].astype(np.float64)


def _best(
    tried: Array, y: NDArray[np.intp], parts: Sequence[NDArray[np.intp]], counts: Array
) -> NDArray[np.intp]:
    """Return for each draw the point with the best mean area over folds that have both outcomes."""
    areas = np.zeros((len(counts), len(tried)))
    for place, scores in enumerate(tried):
        by_fold = np.stack([_areas(scores[part], y[part], counts[:, part]) for part in parts])
        has_area = np.isfinite(by_fold)
        n_folds = np.maximum(has_area.sum(axis=0), 1)
        areas[:, place] = np.where(has_area, by_fold, 0.0).sum(axis=0) / n_folds
    return areas.argmax(axis=1)


def _areas(scores: Array, y: NDArray[np.intp], counts: Array) -> Array:
    """Return the area under the ROC curve of each draw; NaN where an outcome is missing."""
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=-np.inf))
    drawn, is_event = counts[:, order], y[order] == 1
    events = np.add.reduceat(drawn * is_event, starts, axis=1)
    others = np.add.reduceat(drawn * ~is_event, starts, axis=1)
    won = (events * (np.cumsum(others, axis=1) - others / 2)).sum(axis=1)
    pairs = events.sum(axis=1) * others.sum(axis=1)
    return np.divide(won, pairs, out=np.full(len(counts), np.nan), where=pairs > 0)


def _answers(
    tried: Array, y: NDArray[np.intp], counts: Array, picked: NDArray[np.intp]
) -> Iterator[tuple[NDArray[np.intp], Array]]:
    """Yield the rows that each draw leaves out, and what a sigmoid of the others says of them."""
    for times, point in zip(counts, picked, strict=True):
        drawn = np.repeat(np.arange(len(y)), times.astype(np.intp))
        left_out = np.flatnonzero(times == 0)
        if len(np.unique(y[drawn])) == 2 and len(left_out):
            line = forward(fit_sigmoid(tried[point, drawn], y[drawn]), y[drawn])
            yield left_out, line.log_odds(tried[point, left_out])


def _slope(said: Sequence[Array], true: Sequence[NDArray[np.intp]], target: Array) -> float:
    """Return the slope of outcomes on log-odds, between 0 and 1; 0 where nothing was said."""
    if not said:
        return 0.0
    log_odds, outcomes = np.concatenate(said), np.concatenate(true)
    spread = float(log_odds.std())
    if spread <= np.finfo(np.float64).eps or len(np.unique(outcomes)) < 2:
        return 0.0
    x = (log_odds - log_odds.mean()) / spread
    wanted = np.where(outcomes == 1, target.max(), target.min())
    design = np.stack([x, np.ones_like(x)], axis=1)
    slope = least_cross_entropy(design, wanted, [0.0, even_log_odds(wanted)])[0] / spread
    return float(np.clip(slope, 0.0, 1.0))
