"""Tables and the picture of the study, put into its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from studies.pages import cell, ends, markdown, put, written

from radpred.evaluate import Interval, auroc
from radpred.evaluate.compare import corrected_interval, corrected_test, scores_by_fold
from radpred.pipeline.learning.selected import SELECTED
from radpred.report.figures import light_palette
from radpred.report.figures.drawing.canvas import drawn, key_above, panel, quiet, sheet
from radpred.report.words.numbers import signed
from radpred.stages.commands.sweep import said_in

COLOURS = light_palette()
TABLES = {
    "Head-Neck-Radiomics-HN1": "nodal metastasis, head and neck, CT",
    "Ahn2021": "MGMT methylation, glioblastoma, MR",
}
MODELS = {"svm": "SVM (rbf)", "boosted": "Boosted trees"}
SEARCHES = {"grid": "grid", "random": "random", "tpe": "Parzen (TPE)"}
WIDTH, HEIGHT = 760, 300


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one search came to on one table.

    Attributes
    ----------
    nested : Interval
        Mean AUROC over outer folds.
    chose : float
        Mean over the same folds of the inner score that chose the settings.
    optimism : Interval
        How far the second lies above the first.
    less_grid : Interval or None
        Nested AUROC less that of the grid, on the same folds.
    p : float or None
        Of that difference.
    """

    nested: Interval
    chose: float
    optimism: Interval
    less_grid: Interval | None
    p: float | None


def write_page(folder: Path, docs: Path) -> Iterator[Path]:
    """Write the picture and the tables; yield what was written."""
    found = {name: searched(folder / name / "searches") for name in TABLES}
    yield written(picture(found), docs / "tuning.svg")
    yield put(docs / "tuning.md", {name: _table(one) for name, one in found.items()})


def searched(folder: Path) -> dict[tuple[str, str], Found]:
    """Return what every model and search came to."""
    result = {}
    for model in MODELS:
        grid = None
        for search in SEARCHES:
            said = said_in(folder / f"{model}_{search}")
            own = said[said["model"] == SELECTED]
            areas, chose, sizes = by_fold(own)
            against = None if grid is None else corrected_test(areas, grid, **sizes)
            grid = areas if grid is None else grid
            result[model, search] = Found(
                nested=corrected_interval(areas, **sizes),
                chose=float(chose.mean()),
                optimism=corrected_interval(chose - areas, **sizes),
                less_grid=None
                if against is None
                else Interval(against.value, against.low, against.high),
                p=None if against is None else against.p,
            )
    return result


def by_fold(said: pd.DataFrame) -> tuple[Any, Any, dict[str, float]]:
    """Return each outer fold's AUROC, the inner score that chose its settings, and fold sizes."""
    found = scores_by_fold(said, auroc)
    chose = said.groupby(["repeat", "fold"])["inner_score"].first().unstack()
    sizes = {"n_train": found.n_train, "n_test": found.n_test}
    return found.scores[SELECTED], chose.to_numpy(), sizes


def _table(found: Mapping[tuple[str, str], Found]) -> str:
    """Return a row for each model and search."""
    rows = []
    for (model, search), one in found.items():
        difference = "reference"
        if one.less_grid is not None:
            difference = f"{signed(one.less_grid.value)} ({ends(one.less_grid)}), p {one.p:.2f}"
        rows.append(
            [
                MODELS[model],
                SEARCHES[search],
                f"{one.chose:.2f}",
                cell(one.nested),
                f"{signed(one.optimism.value)} ({ends(one.optimism)})",
                difference,
            ]
        )
    head = ("", "search", "score that chose (not nested)", "nested AUROC", "optimism",
            "nested, less the grid")  # fmt: skip
    return markdown(head, rows)


@drawn
def picture(found: Mapping[str, Mapping[tuple[str, str], Found]]) -> Figure:
    """Draw, for each table, nested areas with intervals and the scores that chose."""
    figure = sheet(HEIGHT, width=WIDTH)
    half = WIDTH / 2
    for place, (title, one) in enumerate(found.items()):
        left = 150 if place == 0 else half + 70
        axes = panel(figure, left=left, right=12 if place else half - 40, top=34, bottom=46)
        y = np.arange(len(one), dtype=float) + [0.6 * (model == "boosted") for model, _ in one]
        nested = [item.nested for item in one.values()]
        axes.hlines(y, [i.low for i in nested], [i.high for i in nested], color=COLOURS.ink)
        axes.plot([i.value for i in nested], y, "o", color=COLOURS.ink, label="nested")
        axes.plot([item.chose for item in one.values()], y, "D", color=COLOURS.accent,
                  markerfacecolor="none", label="not nested")  # fmt: skip
        names = [f"{MODELS[model]}, {search}" for model, search in one]
        axes.set_yticks(y, names if place == 0 else [""] * len(names))
        axes.axvline(0.5, color=COLOURS.muted, linewidth=1, linestyle=(0, (2, 2)))
        axes.set(ylim=(max(y) + 0.6, -0.6), xlabel=f"{title}: AUROC", xlim=(0.22, 0.93))
        quiet(axes, COLOURS, grid="x")
        key_above(axes, COLOURS)
    return figure
