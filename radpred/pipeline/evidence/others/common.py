"""What the evidence on classes and on numbers shares: answers by repeat, and draws of patients."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.errors import InputError
from radpred.evaluate import Interval, mean_over_repeats, percentile_interval
from radpred.model import BASELINES
from radpred.model.estimators import NAIVE
from radpred.model.recipes import label_of

Array = NDArray[Any]
HEADLINE = "selected"
NO_RANKS = Interval(
    float("nan"), float("nan"), float("nan"), "it says the same of every case of a fold"
)


@dataclass(frozen=True, eq=False)
class Judged:
    """What one model said of every case when it had not seen it.

    Attributes
    ----------
    patients, y : array of shape (n,)
        Whose each case is, and its outcome, ordered by case.
    fold : array of int, shape (n_repeats, n)
        In which outer fold each was held out.
    said : mapping of str to array of shape (n_repeats, n, ...)
        By what was asked.
    """

    patients: Array
    y: Array
    fold: Array
    said: Mapping[str, Array]

    def interval(self, metric: Callable[..., Array], what: str, weights: Array) -> Interval:
        """Return a metric of what was said, averaged over repeats, with its interval."""
        return percentile_interval(self.draws(metric, what, weights))

    def draws(self, metric: Callable[..., Array], what: str, weights: Array) -> Array:
        """Return a metric of what was said: the sample's first, then every draw's."""
        return mean_over_repeats(metric, self.y, self.said[what], weights)


def judged_of(
    predictions: pd.DataFrame, model: str, *, columns: Mapping[str, Sequence[str] | str]
) -> Judged:
    """Return what ``model`` said, every case once in each repeat, ordered by case.

    Parameters
    ----------
    predictions : DataFrame
        Of all models, long.
    model : str
        Which of them.
    columns : mapping
        Of each thing that was said its column, or its columns.

    Raises
    ------
    InputError
        Columns or rows are missing or doubled, or a patient lies on both sides of a fold.
    """
    rows = predictions[predictions["model"] == model].sort_values(["repeat", "case_id"])
    shape = (rows["repeat"].nunique(), rows["case_id"].nunique())
    if len(rows) != shape[0] * shape[1] or rows.duplicated(["repeat", "case_id"]).any():
        msg = (
            f"predictions of {model}: {len(rows)} rows where {shape[0] * shape[1]} were wanted, "
            "each case once in each repeat; train the model again"
        )
        raise InputError(msg)
    crossing = rows.groupby(["repeat", "patient_id"])["fold"].nunique().max()
    if crossing > 1:
        msg = f"predictions of {model}: a patient's cases lie in several folds; split by patient"
        raise InputError(msg)
    said = {}
    for what, names in columns.items():
        table = rows[[names] if isinstance(names, str) else list(names)].to_numpy(dtype=float)
        said[what] = (
            table[:, 0].reshape(shape) if isinstance(names, str) else table.reshape(*shape, -1)
        )
    return Judged(
        patients=rows["patient_id"].to_numpy(dtype=str)[: shape[1]],
        y=rows["y"].to_numpy()[: shape[1]],
        fold=rows["fold"].to_numpy(dtype=int).reshape(shape),
        said=said,
    )


def ordered_names(predictions: pd.DataFrame) -> list[str]:
    """Return the selected model, the candidates, then the baselines.

    Raises
    ------
    InputError
        The selected model is not there.
    """
    names = list(dict.fromkeys(predictions["model"]))
    if HEADLINE not in names:
        msg = f"predictions hold no model called {HEADLINE!r}, which the evaluation is about"
        raise InputError(msg)
    candidates = [name for name in names if name not in (HEADLINE, *BASELINES)]
    return [HEADLINE, *candidates, *(name for name in BASELINES if name in names)]


def model_record(
    predictions: pd.DataFrame, name: str, metrics: Mapping[str, Interval], *, naive: str
) -> dict[str, Any]:
    """Return one model's metrics as a report reads them; ``naive`` is what the naive one says."""
    rows = predictions[predictions["model"] == name].drop_duplicates(["repeat", "fold"])
    part = "baseline" if name in BASELINES else "candidate"
    return {
        "name": name,
        "label": _label(name, naive),
        "kind": "selected" if name == HEADLINE else part,
        "metrics": dict(metrics),
        "inner_score": float(rows["inner_score"].mean()) if len(rows) else None,
    }


def _label(name: str, naive: str) -> str:
    """Return the name of a model for readers."""
    if name == HEADLINE:
        return "Selected model"
    return f"Naive ({naive})" if name == NAIVE.name else label_of(name)


def differences(draws: Mapping[str, Array], *, metric: str) -> list[dict[str, Any]]:
    """Return the metric of the selected model less each baseline's, on the same draws."""
    return [
        {"against": name, metric: percentile_interval(draws[HEADLINE] - draws[name])}
        for name in draws
        if name != HEADLINE
    ]


def counted(given: Judged, study: Mapping[str, Any]) -> dict[str, Any]:
    """Return the study with what can be counted in the predictions."""
    found = {"n_cases": int(given.y.size), "n_patients": int(np.unique(given.patients).size)}
    return {**found, **study, "n_judged": int(given.y.size)}
