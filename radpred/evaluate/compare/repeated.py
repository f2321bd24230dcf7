"""Intervals and tests of scores from repeated cross-validation, whose folds share their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as students_t

from radpred.errors import InputError
from radpred.evaluate.predictions import predictions_of
from radpred.evaluate.resampling import Difference, Interval, Metric

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class FoldScores:
    """What each held-out fold scores, and how many patients trained and judged.

    Attributes
    ----------
    scores : mapping of ndarray, shape (n_repeats, n_folds)
        By model; NaN where a fold is missing or the metric undefined.
    n_train, n_test : float
        Mean number of patients that a fold trains on, and holds out.
    """

    scores: Mapping[str, Array]
    n_train: float
    n_test: float


def scores_by_fold(predictions: pd.DataFrame, metric: Metric) -> FoldScores:
    """Return a metric of every model within every held-out fold, for `corrected_test`.

    Parameters
    ----------
    predictions : DataFrame
        Long table of out-of-fold predictions, as `compare_models` takes it; all models in the
        same folds.
    metric : callable
        ``metric(y, probability, weights)``, such as `radpred.evaluate.auroc`.

    Raises
    ------
    InputError
        Predictions are incomplete, or models were held out in different folds.
    """
    given = predictions.assign(p_0=1.0, p_1=1.0)
    found = {name: predictions_of(given, name) for name in dict.fromkeys(predictions["model"])}
    first = next(iter(found.values()))
    scores, sizes = {}, []
    for name, one in found.items():
        if not np.array_equal(one.fold, first.fold) or not np.array_equal(
            one.case_ids, first.case_ids
        ):
            msg = f"predictions of {name}: other folds than those of the first model; give the same"
            raise InputError(msg)
        scores[name] = np.full((len(one.fold), np.unique(one.fold).size), np.nan)
        for repeat, fold in enumerate(one.fold):
            for place, held_out in enumerate(np.unique(fold)):
                rows = fold == held_out
                alone = np.ones(int(rows.sum()))
                value = metric(one.y[rows], one.probability[repeat, rows], alone)
                scores[name][repeat, place] = float(value)
                sizes.append(np.unique(one.patients[rows]).size)
    n_test = float(np.mean(sizes))
    return FoldScores(scores, np.unique(first.patients).size - n_test, n_test)


def corrected_interval(
    scores: ArrayLike, *, n_train: float, n_test: float, level: float = 0.95
) -> Interval:
    """Return the mean score of repeated cross-validation with a corrected t interval.

    Nadeau & Bengio 2003, section 3: folds train on nearly the same rows, so the variance of
    their scores is multiplied by 1/k + n_test/n_train in place of 1/k, for k folds of all repeats
    together (Bouckaert & Frank 2004 for repeats).

    Parameters
    ----------
    scores : array of shape (n_repeats, n_folds) or (k,)
        The score of each held-out fold; undefined ones (NaN) are left out and counted.
    n_train, n_test : float
        Mean number of patients that a fold trains on, and holds out.
    level : float
        Nominal coverage.

    Examples
    --------
    >>> found = corrected_interval([0.7, 0.8, 0.9, 0.8, 0.8], n_train=80, n_test=20)
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.8, 0.668, 0.932)
    """
    values, note = _defined(scores)
    if values.size < 2:
        return Interval(_mean(values), np.nan, np.nan, note or "fewer than two folds")
    error = _corrected_error(values, n_train=n_train, n_test=n_test)
    half = float(students_t.ppf((1 + level) / 2, values.size - 1) * error)
    centre = _mean(values)
    return Interval(centre, centre - half, centre + half, note or "Nadeau-Bengio")


def corrected_test(
    scores: ArrayLike, reference: ArrayLike, *, n_train: float, n_test: float, level: float = 0.95
) -> Difference:
    """Return the mean difference of two models over the same folds, with a corrected t-test.

    Nadeau & Bengio 2003, as in `corrected_interval`, on the difference within each fold.

    Parameters
    ----------
    scores, reference : array of shape (n_repeats, n_folds) or (k,)
        Scores of two models on the same held-out folds.
    n_train, n_test : float
        Mean number of patients that a fold trains on, and holds out.
    level : float
        Nominal coverage of the interval.

    Raises
    ------
    InputError
        The scores are not of the same folds.
    """
    first, second = np.asarray(scores, dtype=float), np.asarray(reference, dtype=float)
    if first.shape != second.shape:
        msg = f"scores of shape {first.shape} and {second.shape}: give both for the same folds"
        raise InputError(msg)
    found = corrected_interval(first - second, n_train=n_train, n_test=n_test, level=level)
    values, _ = _defined(first - second)
    if values.size < 2:
        return Difference(found.value, np.nan, np.nan, np.nan, found.note)
    error = _corrected_error(values, n_train=n_train, n_test=n_test)
    if error == 0:
        p = 1.0 if found.value == 0 else np.nan
        return Difference(found.value, np.nan, np.nan, p, "no fold differs from another")
    p = float(2 * students_t.sf(abs(found.value) / error, values.size - 1))
    return Difference(found.value, found.low, found.high, p, found.note)


def _corrected_error(values: Array, *, n_train: float, n_test: float) -> float:
    """Return the corrected standard error of the mean of the folds."""
    return float(np.sqrt(np.var(values, ddof=1) * (1 / values.size + n_test / n_train)))


def _defined(scores: ArrayLike) -> tuple[Array, str]:
    """Return the scores that are numbers, and a note on the others."""
    flat = np.asarray(scores, dtype=float).ravel()
    known = flat[np.isfinite(flat)]
    left_out = flat.size - known.size
    return known, f"undefined in {left_out} of {flat.size} folds" if left_out else ""


def _mean(values: Array) -> float:
    """Return the mean, NaN of nothing."""
    return float(values.mean()) if values.size else float("nan")
