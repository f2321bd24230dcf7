"""Whether risks mean what they say, and which calibrator makes them do so."""

from radpred.evaluate.calibration.calibrators import (
    HeldOutScores,
    calibrated,
    compare_calibrators,
    scores_of,
)
from radpred.evaluate.calibration.measures import (
    CalibrationError,
    adaptive_calibration_error,
    brier,
    calibration_curve,
    calibration_in_the_large,
    calibration_line,
    calibration_slope,
    expected_calibration_error,
    log_loss,
    log_odds,
    null_calibration_error,
)

__all__ = [
    "CalibrationError",
    "HeldOutScores",
    "adaptive_calibration_error",
    "brier",
    "calibrated",
    "calibration_curve",
    "calibration_in_the_large",
    "calibration_line",
    "calibration_slope",
    "compare_calibrators",
    "expected_calibration_error",
    "log_loss",
    "log_odds",
    "null_calibration_error",
    "scores_of",
]
