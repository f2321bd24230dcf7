"""Recipes, fitting, calibration and conformal prediction; everything by patient, inside folds."""

from radpred.model.calibrators import Calibrator, Sigmoid, fit_calibrator, fit_sigmoid
from radpred.model.conformal import CrossConformal, least_rows, prediction_set
from radpred.model.fit import fit, fit_all
from radpred.model.fitted import Fitted
from radpred.model.recipes import BASELINES, CANDIDATES, ENSEMBLES, RECIPES, chain, grid
from radpred.model.tune import Search

__all__ = [
    "BASELINES",
    "CANDIDATES",
    "ENSEMBLES",
    "RECIPES",
    "Calibrator",
    "CrossConformal",
    "Fitted",
    "Search",
    "Sigmoid",
    "chain",
    "fit",
    "fit_all",
    "fit_calibrator",
    "fit_sigmoid",
    "grid",
    "least_rows",
    "prediction_set",
]
