"""Rows that look like copies of each other under the names of two patients."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.special import ndtri
from sklearn.neighbors import NearestNeighbors

from radpred.table.assemble import ID

NEAR = 0.1
MOST_CELLS = 3_200_000
MOST_ROWS = 200_000
_RANK = 10  # whose distance the nearest one is held against
_LEAST_COLUMNS, _FEWEST_READ = 10, 16
_NONE: dict[str, list[str]] = {"case_id": [], "other": [], "ratio": []}
_NOTHING = 1e-6  # what rounding makes of equal rows
_LEVELS = np.linspace(0, 1, 21)
_AT_LEVELS = ndtri((np.arange(21) + 0.5) / 21)


def near_copies(table: Path, patients: pd.Series, *, near: float = NEAR) -> pd.DataFrame:
    """Return the cases whose features all but repeat those of another patient's case.

    Of measurements in d dimensions the nearest neighbour is closer than a share t of the tenth
    with a probability of about 9 t^d: with t = 0.1 by chance hardly ever from ten columns that
    tell something of their own. So the limit needs no unit, and holds for any table.

    Parameters
    ----------
    table : path
        The table of features. Of a large one, columns are read as far as they make 3.2 million
        cells together, evenly spread, and no fewer than 16.
    patients : Series of str
        Whose each case is, by case.
    near : float
        The distance to the nearest case of another patient, as a share of that to the tenth
        nearest, up to which it counts as a copy. Distances are Euclidean between columns on a
        common scale, a gap being in the middle.

    Returns
    -------
    DataFrame
        ``case_id``, ``other`` (the nearest case of another patient) and ``ratio``, in the order of
        the table. Empty for fewer than ten columns that vary, or fewer than twelve patients, and
        for more than 200,000 cases, as time grows with their square.
    """
    if pq.ParquetFile(table).metadata.num_rows > MOST_ROWS:
        return pd.DataFrame(_NONE)
    names, values = _read(table)
    return copies_among(names, values, patients.loc[names].to_numpy(dtype=str), near=near)


def copies_among(
    names: Sequence[str],
    values: NDArray[np.float64],
    patients: NDArray[np.str_],
    *,
    near: float = NEAR,
) -> pd.DataFrame:
    """Return what `near_copies` does of values in memory, shape (n_cases, n_columns)."""
    scores = _scores(values)
    counts = np.unique(patients, return_counts=True)[1]
    if scores.shape[1] < _LEAST_COLUMNS or len(counts) < _RANK + 2:
        return pd.DataFrame(_NONE)
    n_neighbours = min(len(names), int(counts.max()) + _RANK) - 1
    neighbours = NearestNeighbors(n_neighbors=n_neighbours, algorithm="brute").fit(scores)
    apart, at = neighbours.kneighbors()  # of each row, itself left out
    is_other = patients[at] != patients[:, None]
    first = is_other.argmax(axis=1)
    tenth = (np.cumsum(is_other, axis=1) == _RANK).argmax(axis=1)
    rows = np.arange(len(names))
    nearest, compared = apart[rows, first], apart[rows, tenth]
    is_near = (nearest <= near * compared) | (nearest <= _NOTHING)
    ratio = np.divide(nearest, compared, out=np.zeros(len(rows)), where=compared > 0)
    others = np.asarray(names, dtype=object)[at[rows, first]]
    found = pd.DataFrame({"case_id": names, "other": others, "ratio": ratio})
    return found[is_near].reset_index(drop=True)


def _read(table: Path) -> tuple[list[str], NDArray[np.float64]]:
    """Return the cases of a table and some of its columns of numbers, evenly spread."""
    opened = pq.ParquetFile(table)
    numbers = [
        field.name
        for field in opened.schema_arrow
        if pa.types.is_floating(field.type) or pa.types.is_integer(field.type)
    ]
    most = max(MOST_CELLS // max(opened.metadata.num_rows, 1), _FEWEST_READ)
    places = np.linspace(0, len(numbers) - 1, min(len(numbers), most)).round().astype(int)
    chosen = [numbers[place] for place in places]
    values = np.empty((opened.metadata.num_rows, len(chosen)))
    for place, name in enumerate(chosen):  # one at a time: all together would be held twice
        values[:, place] = opened.read(columns=[name]).column(name).to_numpy()
    return [str(name) for name in opened.read(columns=[ID]).column(ID).to_pylist()], values


def _scores(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return columns that vary on a common scale, 0 where there is no value.

    Straight lines between 21 quantiles and the normal scores of these: no unit and no long tail
    is left, and values that nearly agree have scores that nearly do, unlike ranks.
    """
    scores, n_kept = np.zeros(values.shape), 0
    for column in values.T:
        there = np.isfinite(column)
        knots, first = np.unique(
            np.quantile(column[there], _LEVELS) if there.any() else [], return_index=True
        )
        if len(knots) < 2:
            continue
        scores[there, n_kept] = np.interp(column[there], knots, _AT_LEVELS[first])
        n_kept += 1
    return np.ascontiguousarray(scores[:, :n_kept])
