"""All models in one table: every number with its interval, every difference with its p-value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.errors import InputError
from radpred.evaluate.calibration.measures import (
    brier,
    calibration_in_the_large,
    calibration_slope,
    log_loss,
)
from radpred.evaluate.compare.answers import Answers, answers_of
from radpred.evaluate.discrimination.delong import delong_interval, delong_test
from radpred.evaluate.discrimination.ranks import auroc, average_precision
from radpred.evaluate.paired import holm, two_sided_p
from radpred.evaluate.resampling import (
    Difference,
    Interval,
    Metric,
    mean_over_repeats,
    patient_weights,
    percentile_interval,
)
from radpred.evaluate.utility import net_benefit

Array = NDArray[Any]

BOOTSTRAP = "bootstrap of patients"
UNDEFINED = Difference(np.nan, np.nan, np.nan, np.nan)


@dataclass(frozen=True)
class Judged:
    """A metric, whether draws hold the number of events, and whether differences rank models."""

    metric: Metric
    by_outcome: bool = False
    ranks: bool = True


# Calibration is judged by its distance to 1 and 0, so that a difference of two says nothing.
METRICS = {
    "auroc": Judged(auroc, by_outcome=True),
    "average_precision": Judged(average_precision),
    "brier": Judged(brier),
    "log_loss": Judged(log_loss),
    "calibration_slope": Judged(calibration_slope, ranks=False),
    "calibration_intercept": Judged(calibration_in_the_large, ranks=False),
}


def compare_models(
    predictions: pd.DataFrame,
    *,
    rng: np.random.Generator,
    reference: str | None = None,
    models: Sequence[str] | None = None,
    thresholds: Sequence[float] = (),
    n_draws: int = 2000,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return every metric of every model, and its paired difference to a reference.

    All models are judged in the same draws of patients, stratified by outcome for the area
    under the ROC curve and free for the rest. Where every patient has one row and there is one
    repeat, area and difference of areas are DeLong's. With several repeats each draw is the mean
    over repeats: intervals speak of patients, not of how folds fell. p-values are two-sided,
    and Holm's adjustment is over the models within one metric.

    Parameters
    ----------
    predictions : DataFrame
        Long table of out-of-fold predictions: ``case_id``, ``patient_id``, ``model``, ``repeat``,
        ``fold``, ``y``, ``probability``.
    rng : numpy.random.Generator
        Where chance comes from.
    reference : str, optional
        The model that others are held against; without one there are no differences.
    models : sequence of str, optional
        Which models, in which order; all, as they come, by default.
    thresholds : sequence of float
        Risks at which net benefit is judged as well, inside (0, 1).
    n_draws : int
        How many bootstrap draws.
    level : float
        Nominal coverage.

    Returns
    -------
    DataFrame
        One row a model and metric: ``model``, ``metric``, ``value``, ``low``, ``high``,
        ``note`` (how the interval arose); ``difference`` (model minus reference),
        ``difference_low``, ``difference_high``, ``p``, ``p_holm``, NaN where there is none.

    Raises
    ------
    InputError
        Predictions are incomplete, models were not judged on the same cases, or the reference
        is not among them.
    """
    answers = answers_of(predictions, models)
    if reference is not None and reference not in answers.probability:
        msg = f"reference {reference!r} is not among the models {list(answers.probability)}"
        raise InputError(msg)
    weights = {
        True: patient_weights(answers.patients, n_draws=n_draws, rng=rng, y=answers.y),
        False: patient_weights(answers.patients, n_draws=n_draws, rng=rng),
    }
    rows: list[dict[str, Any]] = []
    for name, judged in _metrics(thresholds).items():
        found = _rows(answers, judged, weights[judged.by_outcome], reference, level)
        rows += [{"model": row.pop("model"), "metric": name, **row} for row in found]
    return pd.DataFrame(rows)


def _metrics(thresholds: Sequence[float]) -> dict[str, Judged]:
    """Return the metrics by name, net benefit at each threshold among them."""

    def benefit(y: Array, probability: Array, weights: Array, *, at: float) -> Array:
        return net_benefit(y, probability, np.array([at]), weights)[..., 0]

    utility = {f"net_benefit_{at:g}": Judged(partial(benefit, at=at)) for at in thresholds}
    return {**METRICS, **utility}


def _rows(
    answers: Answers, judged: Judged, weights: Array, reference: str | None, level: float
) -> list[dict[str, Any]]:
    """Return one metric of all models, with differences and Holm's p-values."""
    draws = {
        name: mean_over_repeats(judged.metric, answers.y, probability, weights)
        for name, probability in answers.probability.items()
    }
    differences = {
        name: _difference(answers, judged, (name, reference), draws, level)
        if reference is not None and name != reference and judged.ranks
        else UNDEFINED
        for name in draws
    }
    adjusted = holm([found.p for found in differences.values()])
    rows = []
    for (name, drawn), p_holm in zip(draws.items(), adjusted, strict=True):
        found, apart = _interval(answers, judged, name, drawn, level), differences[name]
        rows.append(
            {
                "model": name,
                "value": found.value,
                "low": found.low,
                "high": found.high,
                "difference": apart.value,
                "difference_low": apart.low,
                "difference_high": apart.high,
                "p": apart.p,
                "p_holm": float(p_holm),
                "note": _once(found.note, apart.note),
            }
        )
    return rows


def _interval(answers: Answers, judged: Judged, name: str, draws: Array, level: float) -> Interval:
    """Return one metric of one model with its interval."""
    if judged.metric is auroc and answers.is_simple:
        return delong_interval(answers.y, answers.probability[name][0], level=level)
    found = percentile_interval(draws, level=level)
    return Interval(found.value, found.low, found.high, _noted(found))


def _difference(
    answers: Answers, judged: Judged, pair: tuple[str, str], draws: dict[str, Array], level: float
) -> Difference:
    """Return one metric of a model minus that of the reference."""
    if judged.metric is auroc and answers.is_simple:
        first, second = (answers.probability[name][0] for name in pair)
        return delong_test(answers.y, first, second, level=level)
    return paired_difference(draws[pair[0]] - draws[pair[1]], level=level)


def paired_difference(draws: Array, *, level: float = 0.95) -> Difference:
    """Return a difference with its percentile interval and two-sided p-value.

    Parameters
    ----------
    draws : array of shape (1 + n_draws,)
        The difference in the sample, then in every draw of patients.
    level : float
        Nominal coverage.
    """
    found = percentile_interval(draws, level=level)
    return Difference(found.value, found.low, found.high, two_sided_p(draws), _noted(found))


def _once(*notes: str) -> str:
    """Return notes joined, none twice."""
    parts = (part for note in notes for part in note.split("; ") if part)
    return "; ".join(dict.fromkeys(parts))


def _noted(found: Interval) -> str:
    """Return how an interval arose, and what was wrong with its draws."""
    return f"{BOOTSTRAP}; {found.note}" if found.note else BOOTSTRAP
