"""``python -m segmentation``, in ``tests/``: measures every method and writes the page."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from radpred.segment import METHODS
from segmentation import document
from segmentation.lesions import Lesion, halves, made, nodules
from segmentation.measure import BOX, between, rows_of
from segmentation.pictures import METHOD, drawn

ROOT = Path(__file__).resolve().parents[2]
PICTURE = "segmentation.png"


def main() -> None:
    """Measure, draw and write."""
    data = ROOT.parent / "shared" / "data"
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else data
    if not data.is_dir():
        sys.exit(f"{data}: the nodules are not there; docs/segmentation.md stays as it is")
    real, own = list(nodules(data)), list(made())
    with threadpool_limits(limits=1):
        on_real, on_own = (
            pd.DataFrame([row for lesion in group for row in rows_of(lesion)])
            for group in (real, own)
        )
    drawn(_chosen(real, on_real), ROOT / "build" / "segmentation" / "nodules.png")
    drawn(_chosen(own, on_own), ROOT / "docs" / PICTURE)
    page = document.written(on_real, on_own, _readers(real), _halves(on_real), PICTURE)
    path = ROOT / "docs" / "segmentation.md"
    path.write_text(page, encoding="utf-8")
    print(f"wrote {path}")  # noqa: T201


def _chosen(lesions: list[Lesion], rows: pd.DataFrame) -> list[tuple[str, Lesion, float]]:
    """Return the best, the middling and the worst of the lesions in which something was found."""
    mine = rows[(rows["prompt"] == BOX) & (rows["method"] == METHOD) & (rows["failed"] == 0)]
    mine = mine.sort_values("dice", ascending=False, ignore_index=True)
    by_name = {lesion.name: lesion for lesion in lesions}
    places = {"best": 0, "median": len(mine) // 2, "worst": len(mine) - 1}
    return [
        (title, by_name[mine["lesion"][place]], float(mine["dice"][place]))
        for title, place in places.items()
    ]


def _readers(lesions: list[Lesion]) -> str:
    """Return how well readers agree, as a table."""
    kinds = {
        "two readers": [pair for lesion in lesions for pair in lesion.pairs],
        "a reader, and the consensus of the others": [
            pair for lesion in lesions for pair in lesion.left_out
        ],
    }
    lines = [
        [kind, str(len(pairs)), *document.measures(pd.DataFrame(between(pairs)))]
        for kind, pairs in kinds.items()
    ]
    return document.markdown(["", "pairs", "Dice", "HD95, mm", "ASD, mm"], lines)


def _halves(rows: pd.DataFrame) -> str:
    """Return the median Dice on either half, as a table."""
    tuned, other = halves(sorted(rows["lesion"].unique()))
    lines = []
    for method in METHODS:
        mine = rows[(rows["prompt"] == BOX) & (rows["method"] == method)].set_index("lesion")[
            "dice"
        ]
        lines.append([f"`{method}`", f"{mine[tuned].median():.3f}", f"{mine[other].median():.3f}"])
    return document.markdown(["method", f"tuned ({len(tuned)})", f"other ({len(other)})"], lines)


if __name__ == "__main__":
    main()
