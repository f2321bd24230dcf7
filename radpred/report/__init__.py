"""Evidence to a page that a clinician can read: figures, tables, wording, one HTML text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radpred.lazy import looked_up

if TYPE_CHECKING:
    from radpred.report.comparison import comparison_page, comparison_picture
    from radpred.report.html import render_report
    from radpred.report.slices import slice_figure, slice_picture

__all__ = [
    "comparison_page",
    "comparison_picture",
    "render_report",
    "slice_figure",
    "slice_picture",
]

_HOME = {
    **dict.fromkeys(("comparison_page", "comparison_picture"), "radpred.report.comparison"),
    "render_report": "radpred.report.html",
    **dict.fromkeys(("slice_figure", "slice_picture"), "radpred.report.slices"),
}

__getattr__ = looked_up(__name__, _HOME)
