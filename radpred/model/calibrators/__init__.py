"""From scores to probabilities: fitted on held-out scores, never falling, plain to store."""

from radpred.model.calibrators.beta import Beta
from radpred.model.calibrators.choice import METHODS, Method, fit_calibrator, methods_for
from radpred.model.calibrators.isotonic import Isotonic
from radpred.model.calibrators.protocol import Calibrator, line_of
from radpred.model.calibrators.scale import Scale, scale_of
from radpred.model.calibrators.shrunk import ShrunkSigmoid, fit_shrunk_sigmoid
from radpred.model.calibrators.sigmoid import Sigmoid, fit_sigmoid, forward
from radpred.model.calibrators.state import calibrator_of, method_of, state_of
from radpred.model.calibrators.temperature import Temperature
from radpred.model.calibrators.uncalibrated import Uncalibrated
from radpred.model.calibrators.venn_abers import CrossVennAbers, VennAbers

__all__ = [
    "METHODS",
    "Beta",
    "Calibrator",
    "CrossVennAbers",
    "Isotonic",
    "Method",
    "Scale",
    "ShrunkSigmoid",
    "Sigmoid",
    "Temperature",
    "Uncalibrated",
    "VennAbers",
    "calibrator_of",
    "fit_calibrator",
    "fit_shrunk_sigmoid",
    "fit_sigmoid",
    "forward",
    "line_of",
    "method_of",
    "methods_for",
    "scale_of",
    "state_of",
]
