"""A finished model as a file, and the predictor that opens it."""

from radpred.deploy.bundle import Bundle, read_bundle, read_fitted, write_bundle, write_fitted
from radpred.deploy.predictor import Predictor, load_predictor

__all__ = [
    "Bundle",
    "Predictor",
    "load_predictor",
    "read_bundle",
    "read_fitted",
    "write_bundle",
    "write_fitted",
]
