"""Two sides of a comparison as a picture, or as one page with the picture and its numbers."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd

from radpred.report.figures import dark_palette, difference_strip, inline_svg, light_palette
from radpred.report.html import environment
from radpred.report.words.numbers import counted, grouped
from radpred.table.compare import DIFFERS, EQUAL, ONLY_A, ONLY_B, summarise, unexplained

_N_ROWS = 200
_COUNTS = ("n", EQUAL, DIFFERS, ONLY_A, ONLY_B)


def comparison_picture(
    rows: pd.DataFrame, *, names: tuple[str, str], tolerance: float, kind: str = "png"
) -> bytes:
    """Return how far the values of a comparison lie apart, as a picture on white.

    Parameters
    ----------
    rows : DataFrame
        As of ``radpred.table.compare.compare_tables``.
    names : (str, str)
        What the two sides are.
    tolerance : float
        The part of the larger value by which equal values may differ.
    kind : str
        A file format of matplotlib's: ``png``, ``svg``, ``pdf``.
    """
    colours = light_palette()
    figure = difference_strip(rows, tolerance=tolerance, names=names, colours=colours)
    file = io.BytesIO()
    figure.savefig(file, format=kind, dpi=144, facecolor=colours.surface)
    return file.getvalue()


def comparison_page(
    rows: pd.DataFrame,
    *,
    names: tuple[str, str],
    tolerance: float,
    seconds: tuple[float, float] | None = None,
) -> str:
    """Return a comparison as one HTML page that needs nothing from outside.

    Parameters
    ----------
    rows : DataFrame
        As of ``radpred.table.compare.compare_tables``.
    names : (str, str)
        What the two sides are.
    tolerance : float
        The part of the larger value by which equal values may differ.
    seconds : (float, float), optional
        What each side took.
    """
    colours = light_palette()
    figure = difference_strip(rows, tolerance=tolerance, names=names, colours=colours)
    described = f"Differences between {names[0]} and {names[1]}, by family"
    apart = unexplained(rows).sort_values("relative_difference", ascending=False)
    return (
        environment()
        .get_template("comparison.html.j2")
        .render(
            light=colours.variables(),
            dark=dark_palette().variables(),
            names=names,
            tolerance=tolerance,
            is_equal=apart.empty,
            verdict=verdict_words(rows, tolerance=tolerance),
            seconds=seconds,
            n_cases=counted(rows["case_id"].nunique(), "case"),
            n_values=grouped(int(rows["state"].isin([EQUAL, DIFFERS]).sum())),
            picture=inline_svg(figure, key="strip", description=described, colours=colours),
            summary=summarise(rows).to_dict("records"),
            apart=apart.head(_N_ROWS).to_dict("records"),
            n_apart=len(apart),
            missing=missing_counts(rows),
        )
    )


def verdict_words(rows: pd.DataFrame, *, tolerance: float) -> str:
    """Return in one sentence whether two sides are equal."""
    n_both = int(rows["state"].isin([EQUAL, DIFFERS]).sum())
    n_apart = int((rows["state"] == DIFFERS).sum())
    n_gaps = len(unexplained(rows)) - n_apart
    start = "different" if n_apart or n_gaps else "equal"
    said = f"all {grouped(n_both)} values of both agree within {tolerance:g}"
    if n_apart:
        said = f"{grouped(n_apart)} of {grouped(n_both)} values differ by more than {tolerance:g}"
    gaps = f", {counted(n_gaps, 'value')} missing on one side without a reason" if n_gaps else ""
    return f"{start}: {said}{gaps}"


def missing_counts(rows: pd.DataFrame) -> list[tuple[str, str, int, str]]:
    """Return, for values that one side lacks: which side, why, how many, and an example."""
    found = []
    for state, side in ((ONLY_B, "a"), (ONLY_A, "b")):
        lacking = rows[rows["state"] == state]
        for reason, part in lacking.groupby(f"reason_{side}", sort=False):
            example = f"{part['case_id'].iloc[0]}, {part['column'].iloc[0]}"
            found.append((side, str(reason) or "no reason given", len(part), example))
    return found


def folded_summary(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what to say of each image: families that differ one by one, and the others together.

    Returns
    -------
    list of dict
        ``image``, ``family``, the number ``n`` of values and of those in each state, and
        ``worst``: the largest difference and where it is.
    """
    found: list[dict[str, Any]] = []
    for _, image in summarise(rows).groupby("image", sort=False):
        differs = image[DIFFERS] > 0
        has_gaps = image[[ONLY_A, ONLY_B]].any(axis=1)
        parts = [image.loc[[place]] for place in image.index[differs]]
        parts += [image[~differs & has_gaps], image[~differs & ~has_gaps]]
        found += [_folded(part) for part in parts if len(part)]
    return found


def _folded(part: pd.DataFrame) -> dict[str, Any]:
    """Return families of one image as one row."""
    worst = part.sort_values("relative_difference", ascending=False).iloc[0]
    families = part["family"].tolist()
    return {
        "image": part["image"].iloc[0],
        "family": families[0] if len(families) == 1 else f"{len(families)} families",
        **{name: int(part[name].sum()) for name in _COUNTS},
        "worst": _worst(worst),
    }


def _worst(row: Any) -> str:
    """Return the largest difference, and where it is; both values where they count as different."""
    if pd.isna(row["relative_difference"]):
        return ""
    if not row["relative_difference"]:
        return "0"
    name = row["column"].removeprefix("tumour__").removeprefix(f"{row['image']}_")
    where = f"{row['relative_difference']:.1e} {row['case_id']}: {name.replace('_', ' ')}"
    return f"{where} {row['a']:.9g}, {row['b']:.9g}" if row[DIFFERS] else where
