"""The document's pictures: ratios of every row, and how cost grows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from benchmarks import goals
from benchmarks.document import NAME, cost
from benchmarks.goals import speed_goal, state_of
from benchmarks.plan import ENGINES
from benchmarks.ratios import comparisons
from benchmarks.store import Answers

MET, MISSED, LINE = "#0f5c7a", "#c24e1a", "#63707a"
STYLE = {
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "svg.hashsalt": "radpred",
}


def draw(answers: Answers, folder: Path) -> list[Path]:
    """Write the pictures to a folder and return their paths."""
    drawn = []
    with mpl.rc_context(STYLE):
        for name, make in (("ratios", _ratios), ("cost", _cost)):
            path = folder / f"{NAME}-{name}.png"
            make(answers).savefig(path, dpi=110, metadata={"Software": None})
            drawn.append(path)
    return drawn


def _ratios(answers: Answers) -> Figure:
    """Return bars of every row, one panel a peer, with the bar that was to be reached."""
    peers = ("pyradiomics", "pyradiomics-precrop", "pictologics")
    figure = Figure(figsize=(8, 4.4), layout="constrained")
    rows = goals.rows("pyradiomics")
    for n, (peer, axes) in enumerate(zip(peers, figure.subplots(1, 3, sharey=True), strict=True)):
        found = comparisons(answers, peer, rows)
        colours = [
            MISSED if state_of(each, *speed_goal(peer, each.row)) == "missed" else MET
            for each in found
        ]
        places = [rows.index(each.row) for each in found]
        axes.barh(places, [each.ratio for each in found], color=colours, height=0.7)
        axes.axvline(speed_goal(peer, rows[0])[0], color=LINE, linestyle="--", linewidth=1)
        axes.set_xscale("log")
        axes.set_xlim(left=0.1 if peer == "pictologics" else 1)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}x")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_title(ENGINES[peer].title, fontsize=9)
        axes.grid(axis="x", color="#e3e7ea")
        if n == 0:
            axes.set_yticks(range(len(rows)), [_words(*row) for row in rows])
            axes.invert_yaxis()
    words = "peer's processor time over radpred's; dashed: the bar, which orange rows miss"
    figure.supxlabel(words, fontsize=8)
    return figure


def _words(case: str, filters: bool, width: int | None) -> str:
    return f"{case}, {'filters' if filters else 'original'}, width {width}"


def _cost(answers: Answers) -> Figure:
    """Return processor time against voxels, beside a straight line, and against grey levels."""
    voxels, levels = cost(answers)
    figure = Figure(figsize=(8, 2.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.loglog(list(voxels), [s * 1e3 for s in voxels.values()], "o-", color=MET, label="radpred")
    if voxels:
        last = max(voxels)
        straight = [voxels[last] * 1e3 * n / last for n in voxels]
        left.loglog(list(voxels), straight, "--", color=LINE, linewidth=1, label="linear")
        left.legend(frameon=False)
    left.set_xlabel("voxels in the region (32 grey levels)")
    right.semilogx(list(levels), [s * 1e3 for s in levels.values()], "o-", color=MET, base=2)
    right.set_ylim(bottom=0)
    right.set_xticks(list(levels), [str(n) for n in levels])
    right.set_xlabel("grey levels (30,000 voxels)")
    for axes in (left, right):
        _finish(axes)
    return figure


def _finish(axes: Any) -> None:
    axes.set_ylabel("processor time, ms")
    axes.grid(color="#e3e7ea")
