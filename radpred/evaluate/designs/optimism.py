"""The .632 and .632+ estimators: between the error on training rows and that out of the bag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlog1py, xlogy

from radpred.errors import InputError, SettingsError
from radpred.evaluate.discrimination.ranks import auroc

Array = NDArray[Any]
Metric = Literal["auroc", "brier", "log_loss"]

# The expected share of patients in a bootstrap draw is 1 - 1/e = 0.632 (Efron 1983).
IN_BAG, OUT_OF_BAG = 0.368, 0.632
_SMALLEST = 1e-12


@dataclass(frozen=True, kw_only=True)
class Optimism:
    """One metric by the bootstrap, each value on the metric's own scale.

    Attributes
    ----------
    metric : {"auroc", "brier", "log_loss"}
        Which; a higher area and a lower score or loss are better.
    apparent : float
        Of the model fitted on all rows, on the rows it was fitted on: flattering.
    out_of_bag : float
        Of models fitted on draws, on rows that they did not see: a little harsh.
    no_information : float
        What predictions are worth that have nothing to do with the outcome.
    overfitting : float
        R, from 0 (none) to 1 (nothing but).
    value_632, value_632_plus : float
        The estimators.
    n_draws : int
        How many draws they rest on.
    notes : tuple of str
        Rows and draws that had to be left out.
    """

    metric: Metric
    apparent: float
    out_of_bag: float
    no_information: float
    overfitting: float
    value_632: float
    value_632_plus: float
    n_draws: int
    notes: tuple[str, ...] = ()


def optimism_632(
    metric: Metric, y: ArrayLike, apparent: ArrayLike, held_out: ArrayLike
) -> Optimism:
    """Return .632 and .632+ of a metric (Efron & Tibshirani 1997, equations 24 and 28 to 32).

    With err the apparent error, Err1 the out-of-bag error and g the no-information error,

        Err1' = min(Err1, g)
        R = (Err1' - err) / (g - err) if Err1 > err and g > err, else 0
        .632  = 0.368 err + 0.632 Err1
        .632+ = .632 + (Err1' - err) 0.368 * 0.632 R / (1 - 0.368 R).

    Err1 of a loss is the mean over rows of each row's mean over the draws that left it out. g is
    the mean loss over all pairs of an outcome and a prediction. Of an area under the ROC curve
    the error is 1 - area, Err1 the mean over draws, and g one half (Sahiner et al. 2008). Patients
    are the unit: draw them by `radpred.cohort.designs.bootstrap`.

    Of losses in small cohorts .632+ is harsh: the Brier score of a linear discriminant on 60
    rows and 8 columns comes out 0.03 too high, by .632 0.01 (60 simulated cohorts); at 200 rows
    both are right to 0.003, and so is the area of either size to 0.01. On models that follow
    every row .632 flatters, and .632+ does not.

    Parameters
    ----------
    metric : {"auroc", "brier", "log_loss"}
        Which.
    y : array of 0 and 1, shape (n,)
        The outcome.
    apparent : array of shape (n,)
        Probabilities by the model that was fitted on all rows.
    held_out : array of shape (n_draws, n)
        Probabilities by the model of each draw; NaN for rows that the draw holds.

    Raises
    ------
    SettingsError
        There is no such metric.
    InputError
        Shapes that do not fit, missing predictions, or no row out of any bag.
    """
    if metric not in get_args(Metric):
        msg = f"metric {metric!r}: unknown; choose one of {', '.join(get_args(Metric))}"
        raise SettingsError(msg)
    outcome, seen, unseen = _checked(y, apparent, held_out)
    if metric == "auroc":
        errors = _of_area(outcome, seen, unseen)
    else:
        errors = _of_loss(metric, outcome, seen, unseen)
    err, err1, none, notes = errors
    plain, plus, overfitting = _combine(err, err1, none)
    values = [1 - e if metric == "auroc" else e for e in (err, err1, none, plain, plus)]
    return Optimism(
        metric=metric,
        apparent=values[0],
        out_of_bag=values[1],
        no_information=values[2],
        overfitting=overfitting,
        value_632=values[3],
        value_632_plus=values[4],
        n_draws=len(unseen),
        notes=notes,
    )


Errors = tuple[float, float, float, tuple[str, ...]]


def _checked(y: ArrayLike, apparent: ArrayLike, held_out: ArrayLike) -> tuple[Array, Array, Array]:
    """Return arrays that fit each other, or refuse them."""
    outcome = np.asarray(y)
    seen, unseen = np.asarray(apparent, dtype=float), np.asarray(held_out, dtype=float)
    problem = ""
    if outcome.ndim != 1 or seen.shape != outcome.shape or unseen.shape[1:] != outcome.shape:
        problem = f"shapes {outcome.shape}, {seen.shape}, {unseen.shape} do not fit"
    elif set(np.unique(outcome).tolist()) != {0, 1}:
        problem = "outcomes of both kinds, 0 and 1, are needed"
    elif not np.isfinite(seen).all():
        problem = f"{int((~np.isfinite(seen)).sum())} apparent predictions are missing"
    elif np.isnan(unseen).all():
        problem = "no row is out of any bag"
    if problem:
        msg = (
            f"{problem}; wanted are y and apparent of shape (n,), held_out of shape (n_draws, n) "
            "with NaN for rows in the bag; draw with cohort.designs.bootstrap"
        )
        raise InputError(msg)
    return outcome, seen, unseen


def _of_loss(metric: Metric, y: Array, seen: Array, unseen: Array) -> Errors:
    """Return apparent, out-of-bag and no-information loss, and notes."""
    n_out = (~np.isnan(unseen)).sum(axis=0)
    total = np.nansum(_loss(metric, y, unseen), axis=0)
    is_judged = n_out > 0
    err1 = float(np.mean(total[is_judged] / n_out[is_judged]))
    rate = float(np.mean(y))
    of_event, of_other = (float(np.mean(_loss(metric, label, seen))) for label in (1, 0))
    never = int((~is_judged).sum())
    notes = (f"{never} of {len(y)} rows were out of no bag: draw more often",) if never else ()
    none = rate * of_event + (1 - rate) * of_other
    return float(np.mean(_loss(metric, y, seen))), err1, none, notes


def _of_area(y: Array, seen: Array, unseen: Array) -> Errors:
    """Return one minus the apparent, out-of-bag and no-information area, and notes."""
    areas = []
    for scores in unseen:
        is_out = ~np.isnan(scores)
        if len(np.unique(y[is_out])) == 2:
            areas.append(float(auroc(y[is_out], scores[is_out])))
    if not areas:
        msg = f"none of {len(unseen)} draws left both outcomes out; draw with cohort.designs"
        raise InputError(msg, code="too_few_events")
    lost = len(unseen) - len(areas)
    notes = (f"{lost} of {len(unseen)} draws left one outcome out only",) if lost else ()
    return 1 - float(auroc(y, seen)), 1 - float(np.mean(areas)), 0.5, notes


def _loss(metric: Metric, y: Array | int, probability: Array) -> Array:
    """Return the loss of each prediction; NaN stays NaN."""
    if metric == "brier":
        return (probability - y) ** 2
    p = np.clip(probability, _SMALLEST, 1 - _SMALLEST)
    return -(xlogy(y, p) + xlog1py(1 - np.asarray(y), -p))


def _combine(err: float, err1: float, none: float) -> tuple[float, float, float]:
    """Return .632, .632+ and R of an error."""
    plain = IN_BAG * err + OUT_OF_BAG * err1
    capped = min(err1, none)
    overfitting = (capped - err) / (none - err) if err1 > err and none > err else 0.0
    more = IN_BAG * OUT_OF_BAG * overfitting / (1 - IN_BAG * overfitting)
    return plain, plain + (capped - err) * more, overfitting
