"""From the scores of several classes to probabilities that sum to 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

from radpred.errors import InputError
from radpred.model.calibrators.scale import SMALLEST_SHARE, Scale

Method = Literal["sigmoid", "temperature", "none"]
Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class SoftMax:
    """Log-odds times one slope, plus one shift a class, through a softmax.

    Of two classes with the scores 0 and s it is the sigmoid of ``slope * s + shift``.

    Attributes
    ----------
    slope : float
        One over the temperature; 0 where scores tell nothing.
    shifts : tuple of float
        One a class, of mean 0.
    scale : str
        What the scores are (`radpred.model.calibrators.scale`); shares are taken as logarithms.
    """

    slope: float
    shifts: tuple[float, ...]
    scale: Scale = "log_odds"

    def log_probability(self, scores: ArrayLike) -> Array:
        """Return the logarithm of each class's probability, shape (n, n_classes)."""
        return np.asarray(
            log_softmax(self.slope * logits_of(scores, self.scale) + np.array(self.shifts), axis=1)
        )

    def probability(self, scores: ArrayLike) -> Array:
        """Return the probability of each class, shape (n, n_classes)."""
        found = np.exp(self.log_probability(scores))
        return np.asarray(found / found.sum(axis=1, keepdims=True))


def logits_of(scores: ArrayLike, scale: Scale) -> Array:
    """Return scores as logits, shape (n, n_classes): shares by logarithm, others as they are."""
    values = np.asarray(scores, dtype=np.float64)
    if scale != "probability":
        return values
    return np.asarray(np.log(np.clip(values, SMALLEST_SHARE, 1.0)))


def fit_softmax(
    method: Method, scores: ArrayLike, y: ArrayLike, *, n_classes: int, scale: Scale
) -> SoftMax:
    """Return the calibration of the least cross entropy on held-out scores.

    ``sigmoid`` has one slope and a shift for each class, so that of two classes it is Platt's
    (bias-corrected temperature scaling: A. Alexandari, A. Kundaje, A. Shrikumar, "Maximum
    likelihood with bias-corrected calibration is hard-to-beat at label shift adaptation", ICML
    2020), ``temperature`` the slope alone (C. Guo et al., "On calibration of modern neural
    networks", ICML 2017). The outcomes are smoothed as J. Platt did (1999): by one more case of
    each class, spread evenly over all, so that separated classes keep a slope that is finite.
    Where scores point backwards everyone gets the smoothed shares of the classes.

    Parameters
    ----------
    method : {"sigmoid", "temperature", "none"}
        ``none`` takes scores at their word.
    scores : array of shape (n, n_classes)
        Of rows that the scoring chain did not see.
    y : array of shape (n,)
        The class of each, counted from 0.
    n_classes : int
        How many classes there are; some may have no row.
    scale : {"log_odds", "probability", "distance"}
        What the scores are.

    Raises
    ------
    InputError
        Scores are missing, infinite, or not one a class.
    """
    given, outcome = np.asarray(scores, dtype=np.float64), np.asarray(y, dtype=np.intp)
    if given.shape != (len(outcome), n_classes) or not np.isfinite(given).all():
        msg = (
            f"scores of shape {given.shape}, some missing or infinite, for {len(outcome)} rows of "
            f"{n_classes} classes; give one finite score a class and row"
        )
        raise InputError(msg)
    even = (0.0,) * n_classes
    if method == "none":
        return SoftMax(slope=1.0, shifts=even, scale=scale)
    target = _smoothed(outcome, n_classes)
    logits = logits_of(given, scale)
    size = float(np.sqrt(np.mean((logits - logits.mean(axis=1, keepdims=True)) ** 2)))
    slope, shifts = _least(logits / size, target, method=method) if size > 0 else (0.0, even)
    if slope > 0:
        return SoftMax(slope=slope / size, shifts=shifts, scale=scale)
    shares = np.log(target.mean(axis=0))
    return SoftMax(slope=0.0, shifts=tuple((shares - shares.mean()).tolist()), scale=scale)


def _smoothed(y: NDArray[np.intp], n_classes: int) -> Array:
    """Return outcomes as probabilities: n of a class count as n + 1, and the 1 is shared evenly.

    Of two classes these are Platt's (n + 1) / (n + 2).
    """
    n_of_class = np.bincount(y, minlength=n_classes)[y][:, None]
    own = np.eye(n_classes)[y]
    return np.asarray((own * n_of_class + 1) / (n_of_class + n_classes))


def _least(logits: Array, target: Array, *, method: str) -> tuple[float, tuple[float, ...]]:
    """Return slope and shifts of the least cross entropy, both found from 0."""
    n_classes = logits.shape[1]
    has_shifts = method == "sigmoid"

    def loss(found: Array) -> tuple[float, Array]:
        """Return the cross entropy and its slope in each parameter."""
        shifts = found[1:] if has_shifts else np.zeros(n_classes)
        log_p = log_softmax(found[0] * logits + shifts, axis=1)
        off = np.exp(log_p) - target
        gradient = np.r_[(off * logits).sum(), off.sum(axis=0) if has_shifts else ()]
        return -float((target * log_p).sum()) / len(target), gradient / len(target)

    start = np.zeros(1 + n_classes * has_shifts)
    found = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-9}).x
    shifts = found[1:] - found[1:].mean() if has_shifts else np.zeros(n_classes)
    return float(found[0]), tuple(shifts.tolist())
