"""The report on several classes, or on a number."""

from radpred.report.others.page import render_other

__all__ = ["render_other"]
