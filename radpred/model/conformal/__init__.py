"""Sets of outcomes that hold the true one as often as promised, for each outcome by itself."""

from radpred.model.conformal.cross import ConformalFold, CrossConformal, calibration_fold
from radpred.model.conformal.p_values import (
    count_as_strange,
    least_rows,
    nonconformity,
    p_values,
    prediction_set,
)

__all__ = [
    "ConformalFold",
    "CrossConformal",
    "calibration_fold",
    "count_as_strange",
    "least_rows",
    "nonconformity",
    "p_values",
    "prediction_set",
]
