"""The report's figures: each takes plain data and returns a matplotlib figure."""

from radpred.report.figures.abstention import abstention_plot, certainty_plot
from radpred.report.figures.calibration import calibration_plot
from radpred.report.figures.comparison import difference_strip
from radpred.report.figures.discrimination import decision_curve, forest, pr_curves, roc_curves
from radpred.report.figures.drawing.palette import Palette, dark_palette, light_palette
from radpred.report.figures.drawing.svg import inline_svg
from radpred.report.figures.explanation import group_bars, waterfall
from radpred.report.figures.models import models_plot
from radpred.report.figures.spread import spread_plot
from radpred.report.figures.swarm import beeswarm
from radpred.report.figures.uncertainty import coverage_plot, set_shares

__all__ = [
    "Palette",
    "abstention_plot",
    "beeswarm",
    "calibration_plot",
    "certainty_plot",
    "coverage_plot",
    "dark_palette",
    "decision_curve",
    "difference_strip",
    "forest",
    "group_bars",
    "inline_svg",
    "light_palette",
    "models_plot",
    "pr_curves",
    "roc_curves",
    "set_shares",
    "spread_plot",
    "waterfall",
]
