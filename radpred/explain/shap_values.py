"""SHAP values on the model's own scale, carried to calibrated log-odds where that is exact.

Where calibration is a line in the score, the values times its slope are exact for the log-odds.
A curve leaves them what they are: parts of the score.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from radpred.errors import InputError, warn
from radpred.explain.contributions import contributions_of
from radpred.explain.explanation import Explanation
from radpred.explain.parts import parts_of
from radpred.model.calibrators import line_of
from radpred.model.fitted import Fitted

__all__ = ["LARGEST_GAP", "contributions_of", "explain"]

# XGBoost adds its leaves in single precision, and misses their sum by some 1e-6.
LARGEST_GAP = 1e-4


def explain(fitted: Fitted, X: pd.DataFrame) -> Explanation:
    """Return what each column adds to the calibrated log-odds of each case, or to its score.

    The score itself is taken apart where calibration is a curve (isotonic, beta, Venn-ABERS): a
    curve never turns two scores around, so what raises the score never lowers the risk, but shares
    in it are not defined.

    The reference is the training mean for linear models and naive Bayes, the training rows of each
    leaf for trees (path-dependent), up to 50 support vectors for the Gaussian kernel, and up to 50
    training rows for neighbours and networks, whose values are means over ten orders of the
    columns; the others are exact. What a model sees of one column (words, flags of gaps) is summed
    back onto it, what it sees of a component is shared out among its columns. A case has the same
    explanation, to the last bit, alone and among others.

    Parameters
    ----------
    fitted : Fitted
        The model that is shipped.
    X : DataFrame of shape (n_cases, n_columns)
        Cases to explain, as they came, indexed by case.

    Raises
    ------
    InputError
        There are no cases.
    """
    if not len(X):
        msg = "no cases to explain; give at least one row"
        raise InputError(msg)
    parts = parts_of(fitted.chain, X)
    is_line = fitted.calibrator.is_affine
    slope, intercept = line_of(fitted.calibrator) if is_line else (1.0, 0.0)
    explanation = Explanation(
        model=fitted.model,
        values=parts.values,
        shap=np.ascontiguousarray(slope * parts.contributions.to_numpy(dtype=float)),
        base_value=slope * parts.base_value + intercept,
        log_odds=fitted.log_odds(X),
        probability=fitted.probability(X),
        score=None if is_line else fitted.score(X),
    )
    _tell_gap(explanation)
    return explanation


def _tell_gap(explanation: Explanation) -> None:
    """Warn where the parts do not add up to the answer."""
    gap = np.abs(explanation.gap)
    if gap.max() > LARGEST_GAP:
        case = explanation.values.index[int(gap.argmax())]
        warn(
            f"explanation of {explanation.model}: the parts of case {case} miss its answer by "
            f"{gap.max():.2g}, {LARGEST_GAP:g} was wanted; do not read its parts to that precision"
        )
