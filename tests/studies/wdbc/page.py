"""Tables and the picture of the study, put into its page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from studies.pages import cell, ends, markdown, put, written

from radpred.evaluate import Interval, auroc, brier
from radpred.evaluate.compare import corrected_interval, corrected_test, scores_by_fold
from radpred.evaluate.thresholds.rates import accuracy
from radpred.model.recipes import label_of
from radpred.report.figures import light_palette
from radpred.report.figures.drawing.canvas import drawn, key_above, panel, quiet, sheet
from radpred.report.words.numbers import signed

from .protocols import SIMPLE, SPLIT

COLOURS = light_palette()
WIDTH, HEIGHT = 760, 370
WORDS = {
    "logistic": "logistic regression",
    "svm_rbf": "SVM (rbf)",
    "tree": "decision tree",
    "mlp": "multilayer perceptron",
    "softmax": "softmax regression",
    "svm_linear": "linear SVM",
    "linear_regression": "linear regression",
    "knn_l2": "nearest neighbour, L2",
    "knn_l1": "nearest neighbour, L1",
}
NEAREST = {"softmax": "logistic", "knn_l2": "knn"}  # which of ours is of the same kind


def write_page(folder: Path, docs: Path) -> Iterator[Path]:
    """Write the picture and the tables; yield what was written."""
    said = pd.read_csv(folder / "answers.csv", dtype={"case_id": str, "patient_id": str})
    folds, split = (pd.read_csv(folder / f"{name}.csv") for name in ("folds", "split"))
    ours = nested(said)
    tables = {
        "simple": _simple(folds, ours),
        "split": _split(split, ours),
        "nested": _nested(said, ours),
        "differences": _differences(said),
    }
    yield written(picture(folds, split, ours), docs / "wdbc.svg")
    yield put(docs / "wdbc.md", tables)


def nested(said: pd.DataFrame) -> dict[str, Interval]:
    """Return each model's accuracy over the outer folds, with a corrected interval."""
    found = scores_by_fold(said, accuracy)
    sizes = {"n_train": found.n_train, "n_test": found.n_test}
    return {name: corrected_interval(scores, **sizes) for name, scores in found.scores.items()}


def _simple(folds: pd.DataFrame, ours: dict[str, Interval]) -> str:
    """Return the table beside arXiv 2306.02449."""
    rows = []
    for name, (published, _) in SIMPLE.items():
        own = folds.loc[folds["model"] == name, "accuracy"]
        drawn_ = f"{own.mean():.2f} ({own.min():.2f} to {own.max():.2f})"
        rows.append([WORDS[name], f"{published:.2f}", drawn_, cell(ours[name], scale=100)])
    head = ("", "published", "ten folds, defaults: mean of 20 draws (range)", "nested (95 %)")
    return markdown(head, rows)


def _split(split: pd.DataFrame, ours: dict[str, Interval]) -> str:
    """Return the table beside arXiv 1711.07831."""
    rows = []
    for name, (published, _) in SPLIT.items():
        own = split.loc[split["model"] == name, "accuracy"]
        nearest = ours.get(NEAREST.get(name, name))
        rows.append(
            [
                WORDS[name],
                f"{published:.2f}",
                f"{own.mean():.2f} (SD {own.std():.2f}, {own.min():.1f} to {own.max():.1f})",
                f"{np.mean(own >= published - 0.005):.0%} of {len(own)}",
                "" if nearest is None else cell(nearest, scale=100),
            ]
        )
    head = ("", "published", "same protocol, over seeds", "seeds that reach it", "nested (95 %)")
    return markdown(head, rows)


def _nested(said: pd.DataFrame, ours: dict[str, Interval]) -> str:
    """Return what the study says of every model."""
    areas, losses = scores_by_fold(said, auroc), scores_by_fold(said, brier)
    sizes = {"n_train": areas.n_train, "n_test": areas.n_test}
    rows = [
        [
            "Selected in each fold" if name == "selected" else label_of(name),
            cell(one, scale=100),
            cell(_cut(corrected_interval(areas.scores[name], **sizes)), digits=3),
            cell(corrected_interval(losses.scores[name], **sizes), digits=3),
        ]
        for name, one in ours.items()
    ]
    return markdown(("", "accuracy, %", "AUROC", "Brier score"), rows)


def _cut(ci: Interval) -> Interval:
    """Return an interval of areas without what lies above 1."""
    return Interval(ci.value, ci.low, min(1.0, ci.high))


def _differences(said: pd.DataFrame) -> str:
    """Return how far each model is from logistic regression on the same folds."""
    found = scores_by_fold(said, accuracy)
    rows = []
    for name in ("svm_rbf", "svm_linear", "mlp", "knn", "tree"):
        one = corrected_test(
            found.scores[name],
            found.scores["logistic"],
            n_train=found.n_train,
            n_test=found.n_test,
        )
        scaled = Interval(100 * one.value, 100 * one.low, 100 * one.high)
        p = "< 0.001" if one.p < 0.001 else f"{one.p:.2g}"
        rows.append([label_of(name), f"{signed(scaled.value)} ({ends(scaled)})", p])
    return markdown(("", "accuracy less that of logistic regression, points", "p"), rows)


@drawn
def picture(folds: pd.DataFrame, split: pd.DataFrame, ours: dict[str, Interval]) -> Figure:
    """Draw each published accuracy beside its protocol over seeds, and beside ours."""
    lines = [(WORDS[name], folds, name, SIMPLE[name][0], name) for name in SIMPLE]
    lines += [(WORDS[name], split, name, SPLIT[name][0], NEAREST.get(name, name)) for name in SPLIT]
    figure = sheet(HEIGHT, width=WIDTH)
    axes = panel(figure, left=170, right=20, top=34, bottom=40)
    for place, (_, table, name, published, near) in enumerate(lines):
        own = table.loc[table["model"] == name, "accuracy"]
        first = place == 0
        axes.hlines(place - 0.15, own.min(), own.max(), color=COLOURS.muted, linewidth=5, alpha=0.5,
                    label="published protocol, all seeds" if first else None)  # fmt: skip
        if near in ours:
            one = ours[near]
            axes.hlines(place + 0.2, 100 * one.low, min(100, 100 * one.high), color=COLOURS.accent,
                        linewidth=1.6)  # fmt: skip
            axes.plot(100 * one.value, place + 0.2, "o", color=COLOURS.accent, markersize=5,
                      label="nested, 95 % interval" if first else None)  # fmt: skip
        axes.plot(published, place - 0.15, "D", color=COLOURS.ink, markersize=5,
                  label="published" if first else None)  # fmt: skip
    axes.set_yticks(range(len(lines)), [line[0] for line in lines])
    axes.set(ylim=(len(lines) - 0.4, -0.6), xlabel="Accuracy, %")
    axes.axhline(len(SIMPLE) - 0.5, color=COLOURS.muted, linewidth=0.8)
    quiet(axes, COLOURS, grid="x")
    key_above(axes, COLOURS)
    return figure
