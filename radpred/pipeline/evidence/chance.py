"""Whether a study beats chance, and how far its score would move with other training patients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from radpred.errors import InputError
from radpred.evaluate import auroc
from radpred.evaluate.compare import corrected_interval, permutation_test, scores_by_fold
from radpred.model.rows import Cohort
from radpred.pipeline.evidence.plain import plain

LEVEL = 0.95


def corrected_by_folds(predictions: pd.DataFrame) -> dict[str, Any]:
    """Return the mean AUROC over held-out folds of each model, with Nadeau and Bengio's interval.

    Parameters
    ----------
    predictions : DataFrame
        Of all models, in the same folds, each of which holds several patients.

    Returns
    -------
    dict
        ``level``, ``n_folds``, ``n_train`` and ``n_test`` (mean numbers of patients), and ``rows``:
        ``model``, ``value``, ``low``, ``high``, ``note``.
    """
    found = scores_by_fold(predictions, auroc)
    sizes = {"n_train": found.n_train, "n_test": found.n_test}
    rows = []
    for model, scores in found.scores.items():
        one = corrected_interval(scores, **sizes, level=LEVEL)
        rows.append(
            {"model": model, "value": one.value, "low": one.low, "high": one.high, "note": one.note}
        )
    n_folds = next(iter(found.scores.values())).size
    return dict(plain({"level": LEVEL, "n_folds": n_folds, **sizes, "rows": rows}))


def permuted(
    score: Callable[[Cohort], float],
    cohort: Cohort,
    *,
    n_permutations: int,
    seed: int,
    told: Callable[[], Any] | None = None,
) -> dict[str, Any]:
    """Return how the score of a whole study compares with its scores for outcomes dealt anew.

    Parameters
    ----------
    score : callable
        Does everything again that sees outcomes, and returns the held-out score.
    cohort : Cohort
        The rows as they are.
    n_permutations : int
        How often outcomes are dealt anew.
    seed : int
        Where chance starts.
    told : callable, optional
        Called after each score.

    Returns
    -------
    dict
        ``observed``, ``permuted`` (a list), ``p``, (b + 1) / (m + 1) for b of m permutations that
        score as high, ``is_exact`` and ``note``, as of
        `radpred.evaluate.compare.permutation_test`.
    """

    def statistic(y: Any) -> float:
        """Return the score of outcomes dealt anew; NaN where they leave a fold without events."""
        try:
            return score(_with(cohort, y))
        except InputError:
            return float("nan")
        finally:
            if told is not None:
                told()

    found = permutation_test(
        statistic,
        cohort.y,
        cohort.groups,
        rng=np.random.default_rng([seed, 2]),
        n_permutations=n_permutations,
    )
    return dict(
        plain(
            {
                "observed": found.observed,
                "permuted": found.permuted,
                "p": found.p,
                "is_exact": found.is_exact,
                "note": found.note,
            }
        )
    )


def _with(cohort: Cohort, y: Any) -> Cohort:
    """Return the cohort with other outcomes."""
    return Cohort(**{**vars(cohort), "y": np.asarray(y).astype(cohort.y.dtype)})
