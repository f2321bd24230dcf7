"""Evidence to a page that a clinician can read: figures, tables, wording, one HTML text."""

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
