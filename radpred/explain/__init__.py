"""Fitted model to what moved it. SHAP takes seconds to import and is loaded on first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from radpred.explain.explanation import Explanation
from radpred.explain.groups import group_shares
from radpred.explain.record import explanation_record

if TYPE_CHECKING:
    from radpred.explain.shap_values import explain

__all__ = ["Explanation", "explain", "explanation_record", "group_shares"]


def __getattr__(name: str) -> Any:
    """Return `explain`, and with it SHAP, when it is first asked for."""
    if name == "explain":
        return import_module("radpred.explain.shap_values").explain
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
