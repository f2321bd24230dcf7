"""A sweep as a picture, and as a page of text with its table."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from radpred.report.figures import forest, light_palette
from radpred.report.figures.sweep import areas_along, areas_in_grid
from radpred.report.words.numbers import bounds, known, number, read_interval, signed

Found = Mapping[str, Any]


def sweep_figure(found: Found) -> Figure:
    """Return the figure that shows a sweep best: along its axis, as its grid, or as a list."""
    rows = found["variants"]
    colours = light_palette()
    if sum(row["at"] is not None for row in rows) > 1:
        return areas_along(
            rows, reference=found["reference"], label=found["label"], colours=colours
        )
    axes = list(rows[0]["place"])
    if len(axes) == 2 and all(list(row["place"]) == axes for row in rows):
        return areas_in_grid(rows, axes_names=(axes[0], axes[1]), colours=colours)
    return forest([_as_model(row, found["reference"]) for row in rows], colours=colours)


def sweep_picture(found: Found, *, kind: str = "svg") -> bytes:
    """Return a sweep as a picture on white.

    Parameters
    ----------
    found : mapping
        As ``sweep.json`` holds it.
    kind : str
        A file format of matplotlib's: ``svg``, ``png``, ``pdf``.
    """
    figure = sweep_figure(found)
    file = io.BytesIO()
    told: dict[str, Any] = {"metadata": {"Date": None}} if kind == "svg" else {}
    with mpl.rc_context({"svg.hashsalt": "radpred"}):  # equal sweeps, equal bytes
        figure.savefig(file, format=kind, dpi=144, facecolor=light_palette().surface, **told)
    return file.getvalue()


def sweep_text(found: Found, *, picture: str) -> str:
    """Return a sweep as Markdown: the picture, a table, and how it was compared.

    Parameters
    ----------
    found : mapping
        As ``sweep.json`` holds it.
    picture : str
        Where the picture is.
    """
    lines = [f"# {found['title']}", "", f"![AUROC of every variant]({picture})", ""]
    return "\n".join([*lines, *sweep_table(found), "", _how(found), ""])


def sweep_table(found: Found) -> list[str]:
    """Return the table of a sweep, line by line in Markdown."""
    reference = found["reference"]
    lines = [
        "| variant | patients (events) | AUROC (95 % interval) "
        f"| minus {reference} | p | p, Holm |",
        "|---|---|---|---|---|---|",
    ]
    for row in found["variants"]:
        cells = [row["variant"], f"{row['n_patients']} ({row['n_events']})"]
        cells.append(_interval(row["auroc"]))
        if row["variant"] == reference:
            cells += ["reference", "", ""]
        else:
            n_fewer = row["n_patients"] - row["n_common"]
            on = f" on {row['n_common']} patients" if n_fewer or not row["folds_agree"] else ""
            cells.append(_interval(row["difference"], is_signed=True) + on)
            cells += [_p(row["p"]), _p(row["p_holm"])]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _interval(given: Mapping[str, Any], *, is_signed: bool = False) -> str:
    """Return a value with its interval in words."""
    one = read_interval(given)
    value = (signed if is_signed else number)(one.value)
    return f"{value} ({bounds(one)})" if one.has_bounds else value


def _p(value: Any) -> str:
    """Return a p-value, short."""
    if not known(value):
        return "none"
    return "<0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def _how(found: Found) -> str:
    """Return how variants were compared, in words."""
    others = [row for row in found["variants"] if row["variant"] != found["reference"]]
    text = (
        f"Predictions are out-of-fold, of the model `{found['model']}`. Differences are paired by "
        f"patient over {found['bootstrap_draws']} bootstrap draws stratified by outcome; p is "
        f"two-sided by these draws, and Holm's is for {len(others)} comparisons together."
    )
    apart = [row["variant"] for row in others if not row["folds_agree"]]
    if apart:
        text += (
            f" Other folds than the reference's, since their cases differ: {', '.join(apart)}; "
            "they are compared on the patients that both have."
        )
    return text


def _as_model(row: Mapping[str, Any], reference: str) -> dict[str, Any]:
    """Return a variant as the forest takes a model."""
    kind = "selected" if row["variant"] == reference else "candidate"
    return {"label": row["variant"], "kind": kind, "metrics": {"auroc": row["auroc"]}}
