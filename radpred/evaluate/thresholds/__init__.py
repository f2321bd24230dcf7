"""Decisions at a threshold: how often they are right, and thresholds that guarantee it."""

from radpred.evaluate.thresholds.choose import (
    GRID,
    THRESHOLD_METRICS,
    choose_threshold,
    rows_needed,
    sensitivity_threshold,
    specificity_threshold,
)
from radpred.evaluate.thresholds.chosen import ChosenThreshold, HeldOut, held_out
from radpred.evaluate.thresholds.rates import (
    accuracy,
    error,
    negative_predictive_value,
    positive_predictive_value,
    sensitivity,
    specificity,
)

__all__ = [
    "GRID",
    "THRESHOLD_METRICS",
    "ChosenThreshold",
    "HeldOut",
    "accuracy",
    "choose_threshold",
    "error",
    "held_out",
    "negative_predictive_value",
    "positive_predictive_value",
    "rows_needed",
    "sensitivity",
    "sensitivity_threshold",
    "specificity",
    "specificity_threshold",
]
