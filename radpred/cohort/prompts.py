"""What a row of the cases table tells of a lesion without a mask: six points, a box, or a point."""

from __future__ import annotations

import re
from collections.abc import Mapping

from radpred.cohort._cells import is_missing, number_in

EXTREME_POINTS, BOX, POINT = "extreme_points", "box", "point"
PROMPTS = (EXTREME_POINTS, BOX, POINT)  # where a row has several, the first counts
N_NUMBERS = {EXTREME_POINTS: 18, BOX: 6, POINT: 3}
WANTED = {
    BOX: "six numbers x0 y0 z0 x1 y1 z1 in mm (LPS), each first one below its second",
    POINT: "three numbers x y z in mm (LPS), inside the lesion",
    EXTREME_POINTS: "eighteen numbers in mm (LPS): x y z of the lesion's six outermost points",
}


def prompt_in(row: Mapping[str, str]) -> str:
    """Return the column whose prompt counts in a row, "" where it has none."""
    return next((name for name in PROMPTS if not is_missing(row.get(name, ""))), "")


def numbers_in(cell: str, *, prompt: str) -> tuple[float, ...] | None:
    """Return the numbers in a prompt's cell, or None where they do not make one.

    They are parted by white space, commas or semicolons.

    Examples
    --------
    >>> numbers_in("1 2;3", prompt="point"), numbers_in("1 2", prompt="point")
    ((1.0, 2.0, 3.0), None)
    """
    parts = [number_in(part) for part in re.split(r"[\s,;]+", cell.strip(" \t,;"))]
    numbers = tuple(number for number in parts if number is not None)
    if len(numbers) != len(parts) or len(numbers) != N_NUMBERS[prompt]:
        return None
    if prompt == BOX and not all(a < b for a, b in zip(numbers[:3], numbers[3:], strict=True)):
        return None
    places = {numbers[start : start + 3] for start in range(0, len(numbers), 3)}
    return None if prompt == EXTREME_POINTS and len(places) == 1 else numbers
