"""What a model of several classes, or of a number, says of new cases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from radpred.model.conformal import least_rows, prediction_set
from radpred.model.others import FittedClasses, FittedNumber
from radpred.pipeline.learning.others.rows import answers_of, probability_names


def predict_other(
    fitted: FittedClasses | FittedNumber, X: pd.DataFrame, *, levels: Sequence[float]
) -> pd.DataFrame:
    """Return one row of answers a case.

    Parameters
    ----------
    fitted : FittedClasses or FittedNumber
        The model of a bundle.
    X : DataFrame
        Indexed by case; the columns of the bundle's manifest.
    levels : sequence of float
        Confidence levels of sets or intervals.

    Returns
    -------
    DataFrame
        Of classes: ``likeliest``, ``probability:NAME`` and ``p:NAME`` of each class, ``set_90``
        and so on (the names of the classes that stay possible, `` | `` between them) and
        ``set_reason``. Of a number: ``value``, ``low_90``, ``high_90`` and so on.
    """
    if isinstance(fitted, FittedClasses):
        return _of_classes(fitted, X, levels)
    return answers_of(fitted, X, levels=levels)


def _of_classes(fitted: FittedClasses, X: pd.DataFrame, levels: Sequence[float]) -> pd.DataFrame:
    """Return probabilities, p-values and sets under the names of the classes."""
    said = answers_of(fitted, X, levels=levels)
    n, names = len(fitted.classes), np.array(fitted.classes, dtype=object)
    probability = said[probability_names(n)].to_numpy()
    p = said.to_numpy()[:, n:]
    table = pd.DataFrame({"likeliest": names[probability.argmax(axis=1)]}, index=X.index)
    for code, name in enumerate(names):
        table[f"probability:{name}"] = probability[:, code]
    for code, name in enumerate(names):
        table[f"p:{name}"] = p[:, code]
    for level in levels:
        held = prediction_set(p, level=level)
        table[f"set_{100 * level:g}"] = [" | ".join(names[row]) for row in held]
    return table.assign(set_reason=_reason(fitted, levels))


def _reason(fitted: FittedClasses, levels: Sequence[float]) -> str:
    """Return which classes no set can leave out, for want of calibration rows."""
    told = []
    for level in levels:
        needed = least_rows(level)
        few = zip(fitted.classes, fitted.conformal.n_rows(), strict=True)
        short = [f"{name} ({n} rows, {needed} needed)" for name, n in few if n < needed]
        if short:
            told.append(f"{100 * level:g} %: calibration set too small for {', '.join(short)}")
    return "; ".join(told)
