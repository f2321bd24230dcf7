"""Does imaging add to clinical data? One table of the answers, each with what it can say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.evaluate.calibration.measures import brier, log_loss, log_odds
from radpred.evaluate.compare.answers import Answers, answers_of
from radpred.evaluate.compare.likelihood import likelihood_ratio
from radpred.evaluate.compare.models import paired_difference
from radpred.evaluate.compare.reclassification import (
    IDI_CAVEAT,
    NRI_CAVEAT,
    integrated_discrimination,
    net_reclassification,
)
from radpred.evaluate.discrimination.delong import delong_test
from radpred.evaluate.discrimination.ranks import auroc
from radpred.evaluate.resampling import Difference, patient_weights, percentile_interval
from radpred.evaluate.utility import net_benefit

Array = NDArray[Any]
Change = Callable[[Array, Array, Array, Array], Array]


def added_value(
    predictions: pd.DataFrame,
    *,
    clinical: str,
    combined: str,
    imaging: str | None = None,
    thresholds: Sequence[float],
    rng: np.random.Generator,
    n_draws: int = 2000,
) -> pd.DataFrame:
    """Return what a model with imaging does better than one without, on the same held-out rows.

    The likelihood-ratio test asks whether the imaging score tells of the outcome what the
    clinical score does not; both are out-of-fold log-odds, averaged over repeats, so it is a test
    of held-out scores and not of features. The rest is the combined model minus the clinical one:
    area under the ROC curve (DeLong's where every patient has one row in one repeat), log loss
    and Brier score (below 0 is better), net benefit at each threshold, and, because they are asked
    for, net reclassification between the categories that the thresholds make, without categories,
    and integrated discrimination, with their caveats and without p-values. p-values are of single
    tests: name the first question beforehand.

    Parameters
    ----------
    predictions : DataFrame
        Long table of out-of-fold predictions, as `compare_models` takes it.
    clinical, combined : str
        The model without imaging, and the one with both.
    imaging : str, optional
        A model of imaging alone, for the likelihood-ratio test; the combined one by default.
    thresholds : sequence of float
        Risks at which one would act, ascending, inside (0, 1).
    rng : numpy.random.Generator
        Where chance comes from.
    n_draws : int
        How many draws of patients.

    Returns
    -------
    DataFrame
        ``measure``, ``value``, ``low``, ``high`` (95 %), ``p`` (NaN where none is valid),
        ``note``.

    Raises
    ------
    InputError
        Predictions are incomplete, or models were not judged on the same cases.
    """
    names = dict.fromkeys(name for name in (clinical, combined, imaging) if name is not None)
    answers = answers_of(predictions, list(names))
    pair = answers.probability[combined], answers.probability[clinical]
    by_outcome = patient_weights(answers.patients, n_draws=n_draws, rng=rng, y=answers.y)
    free = patient_weights(answers.patients, n_draws=n_draws, rng=rng)
    rows = _likelihood(answers, clinical, imaging or combined)
    rows.append(_area(answers, pair, by_outcome))
    for name, change in _proper(thresholds).items():
        found = paired_difference(_draws(change, answers.y, pair, free))
        rows.append(_row(name, found))
    for name, (change, caveat) in _reclassified(thresholds).items():
        ends = percentile_interval(_draws(change, answers.y, pair, by_outcome))
        note = "; ".join(part for part in (ends.note, caveat) if part)
        rows.append(_row(name, Difference(ends.value, ends.low, ends.high, np.nan, note)))
    return pd.DataFrame(rows)


def _row(measure: str, found: Difference) -> dict[str, Any]:
    """Return one row of the table."""
    ends = {"value": found.value, "low": found.low, "high": found.high}
    return {"measure": measure, **ends, "p": found.p, "note": found.note}


def _likelihood(answers: Answers, clinical: str, added: str) -> list[dict[str, Any]]:
    """Return the test of the added score, and its coefficient beside the clinical score."""
    base, extra = (log_odds(answers.probability[name]).mean(axis=0) for name in (clinical, added))
    found = likelihood_ratio(answers.y, base, extra, patients=answers.patients)
    note = f"{found.method}, chi-square with 1 degree of freedom, of {added}; {found.note}"
    beside = f"of the log-odds of {added}, beside those of {clinical}"
    return [
        _row("likelihood_ratio", Difference(found.statistic, np.nan, np.nan, found.p, note)),
        _row(
            "coefficient",
            Difference(found.coefficient, found.low, found.high, np.nan, beside),
        ),
    ]


def _area(answers: Answers, pair: tuple[Array, Array], weights: Array) -> dict[str, Any]:
    """Return the difference of the areas under the ROC curves."""
    if answers.is_simple:
        found = delong_test(answers.y, pair[0][0], pair[1][0])
    else:
        found = paired_difference(_draws(_change_of(auroc), answers.y, pair, weights))
    return _row("auroc", found)


def _draws(change: Change, y: Array, pair: tuple[Array, Array], weights: Array) -> Array:
    """Return the change in every draw, averaged over repeats."""
    each = [change(y, new, old, weights) for new, old in zip(*pair, strict=True)]
    return np.mean(each, axis=0)


def _change_of(metric: Callable[[Array, Array, Array], Array]) -> Change:
    """Return a metric of the first model minus that of the second."""

    def change(y: Array, new: Array, old: Array, weights: Array) -> Array:
        return metric(y, new, weights) - metric(y, old, weights)

    return change


def _proper(thresholds: Sequence[float]) -> dict[str, Change]:
    """Return the measures that a useless marker cannot raise on average."""

    def benefit(y: Array, probability: Array, weights: Array, *, at: float) -> Array:
        return net_benefit(y, probability, np.array([at]), weights)[..., 0]

    changes = {"log_loss": _change_of(log_loss), "brier": _change_of(brier)}
    for at in thresholds:
        changes[f"net_benefit_{at:g}"] = _change_of(partial(benefit, at=at))
    return changes


def _reclassified(thresholds: Sequence[float]) -> dict[str, tuple[Change, str]]:
    """Return the measures of reclassification with their caveats."""

    def moved(y: Array, new: Array, old: Array, weights: Array, *, kind: str, cuts: Any) -> Array:
        return getattr(net_reclassification(y, new, old, weights, cuts=cuts), kind)

    found: dict[str, tuple[Change, str]] = {}
    for name, cuts in (("nri", tuple(thresholds)), ("continuous_nri", None)):
        if cuts != ():
            for kind in ("events", "others", "total"):
                change = partial(moved, kind=kind, cuts=cuts)
                found[f"{name}_{kind}"] = (change, NRI_CAVEAT)
    return {**found, "idi": (integrated_discrimination, IDI_CAVEAT)}
