"""Sets and intervals that hold the truth as often as promised, for each outcome by itself.

Intervals for a continuous end point live in `radpred.model.conformal.intervals`.
"""

from radpred.model.conformal.cells import (
    SMALL_CELL,
    TAXONOMIES,
    TOO_SMALL,
    UNKNOWN,
    CalibrationRows,
    CellAnswers,
    Taxonomy,
    answer_by_cells,
    cell_sizes,
)
from radpred.model.conformal.cross import (
    UNSTABLE,
    ConformalFold,
    CrossConformal,
    calibration_fold,
    enlarged,
)
from radpred.model.conformal.methods import (
    METHODS,
    Method,
    conformal_splits,
    conformalise,
    indifferent_score,
)
from radpred.model.conformal.p_values import (
    count_as_strange,
    least_error,
    least_rows,
    nonconformity,
    p_values,
    prediction_set,
    smoothed_p_values,
)
from radpred.model.conformal.sets import PredictionSets, prediction_sets
from radpred.model.conformal.state import conformal_of, state_of

__all__ = [
    "METHODS",
    "SMALL_CELL",
    "TAXONOMIES",
    "TOO_SMALL",
    "UNKNOWN",
    "UNSTABLE",
    "CalibrationRows",
    "CellAnswers",
    "ConformalFold",
    "CrossConformal",
    "Method",
    "PredictionSets",
    "Taxonomy",
    "answer_by_cells",
    "calibration_fold",
    "cell_sizes",
    "conformal_of",
    "conformal_splits",
    "conformalise",
    "count_as_strange",
    "enlarged",
    "indifferent_score",
    "least_error",
    "least_rows",
    "nonconformity",
    "p_values",
    "prediction_set",
    "prediction_sets",
    "smoothed_p_values",
    "state_of",
]
