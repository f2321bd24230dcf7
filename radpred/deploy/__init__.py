"""A finished model as a file, and the predictor that opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radpred.lazy import looked_up

if TYPE_CHECKING:
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

# Who runs a workflow opens no model; who writes one measures and explains nothing.
_BUNDLE = ("Bundle", "read_bundle", "read_fitted", "write_bundle", "write_fitted")
_HOME = {
    **dict.fromkeys(_BUNDLE, "radpred.deploy.bundle"),
    **dict.fromkeys(("Predictor", "load_predictor"), "radpred.deploy.predictor"),
}

__getattr__ = looked_up(__name__, _HOME)
