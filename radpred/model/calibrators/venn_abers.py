"""Venn-ABERS: the probability with one more patient like this, whichever way that one goes.

V. Vovk, I. Petej and V. Fedorova, "Large-scale probabilistic predictors with and without
guarantees of validity", NeurIPS 2015: inductive (section 3) and cross (section 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, xlog1py, xlogy

from radpred.errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class VennAbers:
    """Isotonic regression refitted with the new case at both outcomes, worked out beforehand.

    Attributes
    ----------
    scores : tuple of float, shape (k,)
        The different calibration scores, ascending.
    p0, p1 : tuple of float, shape (k,)
        What a new case at each score gets when it is added without, and with, the event.
    """

    scores: tuple[float, ...]
    p0: tuple[float, ...]
    p1: tuple[float, ...]
    is_affine: ClassVar[bool] = False

    def interval(self, scores: ArrayLike) -> Array:
        """Return the calibration interval [p0, p1] of each score, shape (n, 2).

        How far one more patient like this could move the calibrated probability. It is no
        statement about where that patient's own risk lies.
        """
        values = np.asarray(scores, dtype=np.float64)
        # Between two scores an event joins the block above, a non-event the block below.
        below = np.searchsorted(self.scores, values, side="right")
        above = np.searchsorted(self.scores, values, side="left")
        p0, p1 = np.array([0.0, *self.p0]), np.array([*self.p1, 1.0])
        ends = np.stack([p0[below], p1[above]], axis=1)
        ends[np.isnan(values)] = np.nan
        return ends

    def log_odds(self, scores: ArrayLike) -> Array:
        """Return ln(p1 / (1 - p0)) of each score."""
        return _log_odds(self.interval(scores))

    def probability(self, scores: ArrayLike) -> Array:
        """Return p1 / (1 - p0 + p1) of each score, which lies in its interval."""
        p0, p1 = self.interval(scores).T
        return np.asarray(p1 / (1 - p0 + p1))


@dataclass(frozen=True, kw_only=True)
class CrossVennAbers:
    """One Venn-ABERS predictor a fold, merged by geometric means.

    Its methods take scores of shape (n,), put to every fold alike, or of shape (n, k) with the
    scores of the k chains, each beside the fold that it did not see: Vovk's own definition.

    Attributes
    ----------
    folds : tuple of VennAbers
        Each fitted on the held-out scores of one fold.
    """

    folds: tuple[VennAbers, ...]
    is_affine: ClassVar[bool] = False

    def interval(self, scores: ArrayLike) -> Array:
        """Return a calibration interval of each score, shape (n, 2).

        The means of the folds' ends, widened to the merged probability where that lies outside:
        geometric means of ends alone can cross.
        """
        by_fold = self._intervals(scores)
        p = expit(_mean([_log_odds(ends) for ends in by_fold]))
        ends = _mean(by_fold)
        return np.stack([np.minimum(ends[:, 0], p), np.maximum(ends[:, 1], p)], axis=1)

    def log_odds(self, scores: ArrayLike) -> Array:
        """Return the mean of the folds' log-odds: GM(p1) / GM(1 - p0) as odds."""
        return _mean([_log_odds(ends) for ends in self._intervals(scores)])

    def probability(self, scores: ArrayLike) -> Array:
        """Return GM(p1) / (GM(1 - p0) + GM(p1)) of each score, GM the geometric mean over folds."""
        return np.asarray(expit(self.log_odds(scores)))

    def _intervals(self, scores: ArrayLike) -> list[Array]:
        """Return the interval of each score in each fold."""
        values = np.asarray(scores, dtype=np.float64)
        if values.ndim == 1:
            return [fold.interval(values) for fold in self.folds]
        if values.shape[1:] != (len(self.folds),):
            msg = (
                f"scores of shape {values.shape} came for {len(self.folds)} folds; give one score "
                "a case, or one of each fold's chain"
            )
            raise InputError(msg)
        return [fold.interval(own) for fold, own in zip(self.folds, values.T, strict=True)]


def fit_venn_abers(scores: ArrayLike, y: ArrayLike) -> VennAbers:
    """Return the inductive Venn-ABERS predictor of held-out scores.

    Equal to refitting isotonic regression with the new case at both outcomes. Scores of several
    folds may be pooled; the promise of validity then holds as far as their chains score alike.

    Parameters
    ----------
    scores : array of shape (n,)
        Held-out scores.
    y : array of shape (n,)
        Their outcomes, 0 or 1.
    """
    places, member = np.unique(np.asarray(scores, dtype=np.float64), return_inverse=True)
    events = np.cumsum(np.bincount(member, weights=np.asarray(y, dtype=np.float64)))
    rows = np.cumsum(np.bincount(member))
    p0, p1 = _ends(np.append(0.0, events), np.append(0, rows))
    return VennAbers(scores=tuple(places.tolist()), p0=tuple(p0.tolist()), p1=tuple(p1.tolist()))


def fit_cross_venn_abers(scores: ArrayLike, y: ArrayLike, *, folds: ArrayLike) -> CrossVennAbers:
    """Return a Venn-ABERS predictor for the held-out scores of each fold, in ascending order.

    Parameters
    ----------
    scores, y
        As in `fit_venn_abers`.
    folds : array of shape (n,)
        In which fold each row was held out.

    Raises
    ------
    InputError
        There are fewer than two folds.
    """
    values, outcomes, member = np.asarray(scores), np.asarray(y), np.asarray(folds)
    names = np.unique(member)
    if len(names) < 2:
        msg = f"{len(names)} fold came, wanted at least two; use 'venn_abers', or more folds"
        raise InputError(msg)
    return CrossVennAbers(
        folds=tuple(fit_venn_abers(values[member == k], outcomes[member == k]) for k in names)
    )


def _ends(events: Array, rows: Array) -> tuple[Array, Array]:
    """Return p0 and p1 at each score from counts up to each score, shape (k + 1,).

    The value of isotonic regression at i is the largest, over starts a <= i, of the least mean of
    a..b over ends b >= i, or the least of the largest (Robertson, Wright & Dykstra 1988, theorem
    1.4.4); every such run holds the new case.
    """
    k = len(events) - 1
    p0, p1 = np.ones(k), np.zeros(k)
    for at in range(k):
        with_event = (events[at + 1 :] - events[at] + 1) / (rows[at + 1 :] - rows[at] + 1)
        least = np.minimum.accumulate(with_event[::-1])[::-1]
        p1[at:] = np.maximum(p1[at:], least)
        without = (events[at + 1] - events[: at + 1]) / (rows[at + 1] - rows[: at + 1] + 1)
        p0[: at + 1] = np.minimum(p0[: at + 1], np.maximum.accumulate(without))
    return p0, p1


def _log_odds(ends: Array) -> Array:
    """Return ln(p1 / (1 - p0)) of intervals, shape (n,)."""
    return np.asarray(xlogy(1.0, ends[:, 1]) - xlog1py(1.0, -ends[:, 0]))


def _mean(parts: list[Array]) -> Array:
    """Return the mean, added one by one, so that it is the same for one row and for many."""
    return np.asarray(sum(parts[1:], parts[0]) / len(parts))
