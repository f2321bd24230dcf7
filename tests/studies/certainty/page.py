"""Tables and the picture of the study, put into its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from studies.pages import cell, ends, markdown, put, written

from radpred.evaluate.thresholds.rates import accuracy
from radpred.evaluate.uncertainty.abstention import is_answered
from radpred.report.figures import light_palette
from radpred.report.figures.drawing.canvas import drawn, key_above, panel, quiet, sheet
from radpred.report.words.numbers import percent, signed

from .judged import (
    LEVELS,
    METHODS,
    MODELS,
    Answers,
    Gain,
    answers_of,
    coverage,
    gains,
    gains_of_sets,
    worth,
)

Array = NDArray[Any]
COLOURS = light_palette()
MADE = "made"
COHORTS = {"Ramella2018": "Lung cancer", "LNDb": "Lung nodules", MADE: "Made"}
CALLED = {
    "sigmoid": "Platt",
    "shrunk_sigmoid": "Platt, shrunk",
    "isotonic": "isotonic",
    "venn_abers": "Venn\u2013ABERS",
}
SHOWN_METHODS = ("sigmoid", "isotonic", "venn_abers")
SHARES = np.arange(2, 11) / 10
WIDTH, HEIGHT = 760, 300


def write_page(folder: Path, docs: Path) -> Iterator[Path]:
    """Write the picture and the tables; yield what was written."""
    said = {
        name: {model: answers_of(folder / name / "models" / model) for model in MODELS}
        for name in COHORTS
    }
    tables: dict[str, str] = {}
    for name, models in said.items():
        tables[name] = _worth(models)
        tables[f"{name}_gains"] = _gains(models)
        tables[f"{name}_sets"] = _sets(models)
    risk = pd.read_csv(folder / MADE / "risk.csv")["risk"].to_numpy()
    tables["truth"] = _truth(said[MADE], risk)
    yield written(picture(said), docs / "certainty.svg")
    yield put(docs / "certainty.md", tables)


def _rng() -> np.random.Generator:
    """Return the same start for every row, so that all are judged on the same draws."""
    return np.random.default_rng(0)


def _worth(models: Mapping[str, Answers]) -> str:
    """Return a row for each model and calibration."""
    rows = []
    for model, answers in models.items():
        for method in METHODS:
            one = worth(answers, method, rng=_rng())
            rows.append(
                [
                    model,
                    CALLED[method],
                    cell(one.auroc),
                    cell(one.auprc),
                    f"{one.ace:.3f} ({one.ace_null:.3f})",
                    cell(one.log_loss),
                ]
            )
    head = ("", "calibration", "AUROC", "AUPRC", "ACE (by chance)", "log loss")
    return markdown(head, rows)


def _gains(models: Mapping[str, Answers]) -> str:
    """Return who is answered at each threshold of certainty, and what that gains."""
    rows = []
    for model, answers in models.items():
        for method in METHODS:
            found = list(gains(answers, method, rng=_rng()))
            rows.append([model, CALLED[method], *(_gained(one) for one in found)])
    head = ("", "calibration", *(f"certainty {at:g}" for at in (0.6, 0.7, 0.8, 0.9)))
    return markdown(head, rows)


def _gained(one: Gain) -> str:
    """Return the share answered, the accuracy among them, and the gain."""
    if not one.answered:
        return "nobody"
    if np.isnan(one.right):
        return f"{percent(one.answered)}: none in one of the repeats"
    told = "" if np.isnan(one.gain.low) else f" ({ends(one.gain)})"
    return f"{percent(one.answered)}: {one.right:.2f}, {signed(one.gain.value)}{told}"


def _sets(models: Mapping[str, Answers]) -> str:
    """Return the same for conformal sets of one outcome, and their coverage."""
    rows = []
    for model, answers in models.items():
        row = [model]
        for one in gains_of_sets(answers, rng=_rng()):
            without, with_ = coverage(answers, level=one.at)
            row += [f"{without:.2f}, {with_:.2f}", _gained(one)]
        rows.append(row)
    head = [""]
    for level in LEVELS:
        head += [f"covered at {level:.0%}: without, with event", "one outcome left"]
    return markdown(head, rows)


def _truth(models: Mapping[str, Answers], risk: Array) -> str:
    """Return how far risks are from the true ones, and how often Venn-ABERS holds these."""
    rows = []
    for model, answers in models.items():
        low, high = answers.ends[..., 0], answers.ends[..., 1]
        held = (low <= risk) & (risk <= high)
        off = [f"{np.sqrt(np.mean((answers.risks[method] - risk) ** 2)):.3f}" for method in METHODS]
        width = float(np.mean(high - low))
        rows.append([model, *off, f"{held.mean():.0%}", f"{width:.2f}"])
    names = [f"{CALLED[method]}: off by" for method in METHODS]
    return markdown(("", *names, "true risk in [p0, p1]", "mean width"), rows)


@drawn
def picture(said: Mapping[str, Mapping[str, Answers]]) -> Figure:
    """Draw accuracy against the share answered, the surest first, a panel for each cohort."""
    figure = sheet(HEIGHT, width=WIDTH)
    width = WIDTH / len(said)
    for place, (name, models) in enumerate(said.items()):
        right = WIDTH - (place + 1) * width + 8
        axes = panel(figure, left=place * width + 46, right=right, top=50, bottom=46)
        for colour, (model, answers) in zip(_colours(), models.items(), strict=True):
            axes.plot(SHARES, _curve(answers), "-", color=colour, linewidth=1.8, label=model)
        _labelled(axes, COHORTS[name], first=place == 0)
    return figure


def _labelled(axes: Axes, title: str, *, first: bool) -> None:
    """Give a panel its words."""
    axes.set(xlim=(1.02, 0.18), ylim=(0.45, 1.01), xlabel=f"{title}: share answered")
    axes.set_ylabel("accuracy" if first else "")
    quiet(axes, COLOURS, grid="y")
    if first:
        key_above(axes, COLOURS)


def _colours() -> tuple[str, ...]:
    """Return a colour for each model."""
    return (COLOURS.ink, COLOURS.accent, COLOURS.muted, "#b3702a")


def _curve(answers: Answers) -> Array:
    """Return the accuracy among the surest by Platt's risk, for each share answered."""
    curves = []
    for risk in answers.risks["sigmoid"]:
        kept = is_answered(np.abs(risk - 0.5), SHARES)
        curves.append([accuracy(answers.y, risk, row.astype(float)) for row in kept])
    return np.mean(curves, axis=0)
