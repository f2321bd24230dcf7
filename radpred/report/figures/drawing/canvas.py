"""The sheet that every figure is drawn on: sizes in pixels of the page, quiet axes, one type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, wraps
from typing import Any, ParamSpec

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.textpath import TextPath
from matplotlib.ticker import FuncFormatter

from radpred.report.figures.drawing.palette import Palette, light_palette
from radpred.report.words.names import PlainName

WIDTH = 400  # pixels; narrow enough that a telephone shows the text nearly at its full size
TEXT = 12.0
SMALL = 11.0
DEFAULT = light_palette()

P = ParamSpec("P")


def drawn(function: Callable[P, Figure]) -> Callable[P, Figure]:
    """Return ``function`` drawing in the report's type, whatever the caller's settings are."""

    @wraps(function)
    def styled(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with _style():
            return function(*args, **kwargs)

    return styled


@contextmanager
def _style() -> Iterator[None]:
    """Set the sizes of text and ticks while a figure is drawn."""
    style: Any = {
        "font.size": TEXT,
        "axes.linewidth": 0.8,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "axes.titlesize": TEXT,
        "axes.labelsize": TEXT,
        "legend.fontsize": SMALL,
        "lines.linewidth": 2.0,
        "lines.solid_capstyle": "round",
    }
    with mpl.rc_context(style):
        yield


def sheet(height: float, *, width: float = WIDTH) -> Figure:
    """Return an empty figure; one unit of 1/72 inch is one pixel of the page."""
    return Figure(figsize=(width / 72, height / 72), dpi=110, facecolor="none")


def panel(
    figure: Figure, *, left: float, right: float, top: float, bottom: float, **kwargs: Any
) -> Axes:
    """Return axes with the given margins to the edges of the figure, in pixels."""
    width, height = (72 * inches for inches in figure.get_size_inches())
    place = (
        left / width,
        bottom / height,
        (width - left - right) / width,
        (height - top - bottom) / height,
    )
    return figure.add_axes(place, facecolor="none", **kwargs)


def quiet(axes: Axes, colours: Palette, *, grid: str = "both", line: str = "bottom") -> None:
    """Make axes recede: no box, thin grid, muted labels."""
    for side, spine in axes.spines.items():
        spine.set_visible(side == line)
        spine.set_color(colours.line)
    axes.tick_params(colors=colours.muted, pad=5)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_color(colours.muted)
    axes.set_axisbelow(True)
    if grid != "none":
        axes.grid(axis=grid, color=colours.line, linewidth=0.8)  # type: ignore[arg-type]


def per_cent(axis: Any) -> None:
    """Label an axis of shares in per cent."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f}%"))


def true_minus(axis: Any, *, digits: int | None = None) -> None:
    """Label an axis with plain numbers and a true minus sign."""

    def text(value: float, _: int) -> str:
        shown = f"{value:g}" if digits is None else f"{value:.{digits}f}"
        return shown.replace("-", "\u2212")

    axis.set_major_formatter(FuncFormatter(text))


def key_above(
    axes: Axes, colours: Palette, *, order: Sequence[str] = (), n_columns: int = 3, lift: float = 6
) -> None:
    """Put the key above the axes, where no curve can run through it.

    ``order`` names the entries from the left; ``lift`` is the gap in pixels.
    """
    handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    names = [name for name in order or handles if name in handles]
    height = 72 * float(axes.figure.get_figheight()) * axes.get_position().height  # type: ignore[union-attr]
    legend = axes.legend(
        [handles[name] for name in names],
        names,
        loc="lower left",
        bbox_to_anchor=(0, 1 + lift / height),
        ncols=n_columns,
        frameon=False,
        handlelength=1.5,
        columnspacing=1.2,
        handletextpad=0.5,
        borderaxespad=0,
        borderpad=0,
    )
    for text in legend.get_texts():
        text.set_color(colours.ink)


def numbers(values: Sequence[Any] | None) -> np.ndarray:
    """Return values as floats, None as NaN, shape (n,)."""
    return np.array([np.nan if v is None else v for v in values or ()], dtype=float)


def row_label(axes: Axes, y: float, name: PlainName, *, colours: Palette, value: str = "") -> None:
    """Write a feature above its row: what it is, and its value, on the left; where on the right."""
    edge = axes.get_yaxis_transform()
    style: dict[str, Any] = {"fontsize": SMALL, "va": "center", "transform": edge}
    width = 72 * float(axes.figure.get_figwidth()) * axes.get_position().width  # type: ignore[union-attr]
    what = shortened(name.what, room=width - text_width(name.where) - text_width(value) - 12)
    axes.text(0, y, what + value, color=colours.ink, **style)
    axes.text(1, y, name.where, color=colours.muted, ha="right", **style)


def shortened(text: str, *, room: float) -> str:
    """Return ``text`` cut to ``room`` pixels, the cut shown."""
    if text_width(text) <= room:
        return text
    while text and text_width(f"{text}\u2026") > room:
        text = text[:-1].rstrip(" ,(")
    return f"{text}\u2026"


@lru_cache(maxsize=4096)
def text_width(text: str) -> float:
    """Return the width of SMALL text in pixels, in matplotlib's own wide typeface."""
    return float(TextPath((0, 0), text, size=SMALL).get_extents().width) if text else 0.0
