"""One call for every method, on held-out scores only."""

from __future__ import annotations

from typing import Literal, cast, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radpred.errors import InputError
from radpred.model.calibrators.beta import fit_beta
from radpred.model.calibrators.isotonic import fit_isotonic
from radpred.model.calibrators.protocol import Calibrator
from radpred.model.calibrators.scale import Scale
from radpred.model.calibrators.shrunk import fit_shrunk_sigmoid
from radpred.model.calibrators.sigmoid import fit_sigmoid, forward
from radpred.model.calibrators.temperature import fit_temperature
from radpred.model.calibrators.uncalibrated import uncalibrated
from radpred.model.calibrators.venn_abers import fit_cross_venn_abers, fit_venn_abers

Method = Literal[
    "none",
    "sigmoid",
    "shrunk_sigmoid",
    "temperature",
    "beta",
    "isotonic",
    "venn_abers",
    "cross_venn_abers",
]
METHODS: tuple[Method, ...] = get_args(Method)

_BY_SCORES = {
    "beta": fit_beta,
    "isotonic": fit_isotonic,
    "venn_abers": fit_venn_abers,
}


def methods_for(scale: Scale) -> tuple[Method, ...]:
    """Return the methods that scores of ``scale`` allow: a distance needs one that fits."""
    return tuple(method for method in METHODS if method != "none" or scale != "distance")


def fit_calibrator(
    method: Method,
    scores: ArrayLike,
    y: ArrayLike,
    *,
    folds: ArrayLike | None = None,
    scale: Scale = "log_odds",
    groups: ArrayLike | None = None,
    tried: ArrayLike | None = None,
) -> Calibrator:
    """Return a calibrator fitted on scores of rows that the scoring model did not see.

    No calibrator falls: where held-out events score below the others, it is flat.

    Parameters
    ----------
    method : str
        One of `METHODS`.
    scores : array of shape (n,)
        Held-out scores.
    y : array of shape (n,)
        Their outcomes, 0 or 1.
    folds : array of shape (n,), optional
        In which fold each row was held out; ``cross_venn_abers`` needs it, ``shrunk_sigmoid``
        looks at it, no other method does.
    scale : {"log_odds", "probability", "distance"}
        What the scores are, for ``none`` and ``temperature``; `scale_of` knows it of a model.
    groups, tried
        As of `fit_shrunk_sigmoid`, which alone looks at them.

    Raises
    ------
    InputError
        An unknown method, no rows, rows that do not match, a score that is not finite, an outcome
        other than 0 and 1, folds that are missing, or a distance without calibration.
    """
    values, outcomes = _checked(scores, y)
    if method == "none":
        return uncalibrated(scale)
    if method == "sigmoid":
        return forward(fit_sigmoid(values, outcomes), outcomes)
    if method == "temperature":
        return fit_temperature(values, outcomes, scale=scale)
    if method == "shrunk_sigmoid":
        return fit_shrunk_sigmoid(values, outcomes, folds=folds, groups=groups, tried=tried)
    if method == "cross_venn_abers":
        return fit_cross_venn_abers(values, outcomes, folds=_folds(folds, len(values)))
    if method in _BY_SCORES:
        return cast("Calibrator", _BY_SCORES[method](values, outcomes))
    msg = f"no calibration is called {method!r}; choose one of {', '.join(METHODS)}"
    raise InputError(msg)


def _checked(scores: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return scores and outcomes as arrays, or say what is wrong with them."""
    values, outcomes = np.asarray(scores, dtype=np.float64), np.asarray(y)
    problem = ""
    if values.ndim != 1 or values.shape != outcomes.shape:
        problem = f"scores of shape {values.shape} do not match outcomes of shape {outcomes.shape}"
    elif not values.size:
        problem = "there are no rows"
    elif not np.isfinite(values).all():
        problem = f"{np.count_nonzero(~np.isfinite(values))} scores are missing or infinite"
    elif not np.isin(outcomes, (0, 1)).all():
        problem = "outcomes other than 0 and 1"
    if problem:
        msg = f"calibration: {problem}; give one finite score and one outcome a held-out row"
        raise InputError(msg)
    return values, outcomes.astype(np.intp)


def _folds(folds: ArrayLike | None, n_rows: int) -> NDArray[np.generic]:
    """Return the fold of each row, or say that it is missing."""
    member = np.asarray([] if folds is None else folds)
    if member.shape != (n_rows,):
        msg = f"cross_venn_abers: {member.size} folds came for {n_rows} rows; give one fold a row"
        raise InputError(msg)
    return member
