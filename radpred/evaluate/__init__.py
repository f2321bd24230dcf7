"""Answers and truth to numbers with intervals."""

from radpred.evaluate.calibration import (
    brier,
    calibration_curve,
    calibration_in_the_large,
    calibration_line,
    calibration_slope,
    expected_calibration_error,
    log_loss,
    null_calibration_error,
)
from radpred.evaluate.coverage import (
    SetShares,
    expected_coverage_sd,
    one_sided_bound,
    set_shares,
)
from radpred.evaluate.discrimination import (
    auroc,
    average_precision,
    delong,
    delong_interval,
    precision_recall_curve,
    roc_curve,
)
from radpred.evaluate.predictions import OutOfFold, predictions_of
from radpred.evaluate.resampling import (
    Band,
    Interval,
    mean_over_repeats,
    patient_weights,
    percentile_band,
    percentile_interval,
)
from radpred.evaluate.utility import net_benefit, net_benefit_of_all, threshold_grid

__all__ = [
    "Band",
    "Interval",
    "OutOfFold",
    "SetShares",
    "auroc",
    "average_precision",
    "brier",
    "calibration_curve",
    "calibration_in_the_large",
    "calibration_line",
    "calibration_slope",
    "delong",
    "delong_interval",
    "expected_calibration_error",
    "expected_coverage_sd",
    "log_loss",
    "mean_over_repeats",
    "net_benefit",
    "net_benefit_of_all",
    "null_calibration_error",
    "one_sided_bound",
    "patient_weights",
    "percentile_band",
    "percentile_interval",
    "precision_recall_curve",
    "predictions_of",
    "roc_curve",
    "set_shares",
    "threshold_grid",
]
