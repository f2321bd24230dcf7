"""Fitted model to what moved it. SHAP takes seconds to import and is loaded on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radpred.explain.explanation import Explanation
from radpred.explain.groups import group_shares
from radpred.explain.record import explanation_record
from radpred.lazy import looked_up

if TYPE_CHECKING:
    from radpred.explain.others import explain_other
    from radpred.explain.shap_values import explain

__all__ = ["Explanation", "explain", "explain_other", "explanation_record", "group_shares"]

_HOME = {"explain": "radpred.explain.shap_values", "explain_other": "radpred.explain.others"}

__getattr__ = looked_up(__name__, _HOME)
