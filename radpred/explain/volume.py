"""How much of what a model looks at goes with the volume of the tumour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype
from scipy.stats import spearmanr

from radpred.errors import InputError
from radpred.model.recipes import columns_taken
from radpred.table.columns import parse_name

STRONG = 0.9
_VOLUMES = ("MeshVolume", "VoxelVolume")
_LEAST_ROWS = 3


def volume_record(X: pd.DataFrame, used: Iterable[str]) -> dict[str, Any] | None:
    """Return how columns go with the volume of the tumour, as JSON types; None without a volume.

    Many features of texture and of intensity grow with the number of voxels (Welch et al.,
    Radiother Oncol 2019;130:2-9), so that a model may be one of volume under other names.

    Parameters
    ----------
    X : DataFrame
        Every column that models were offered, one row a case.
    used : iterable of str
        Those that the final model looks at.

    Returns
    -------
    dict
        ``volume``, the column; ``limit``, from which a correlation counts as strong; of columns
        that are neither shape nor clinical ``n_columns``, ``n_strong`` and ``largest``; of those
        that the model looks at, volumes and clinical ones aside, ``used``, the largest first.
        A correlation is Spearman's over cases that have both values.
    """
    try:
        volume = columns_taken("volume", X.columns)[0]
    except InputError:
        return None
    size = X[volume].to_numpy(dtype=float)
    numbers = X.columns[[is_numeric_dtype(dtype) for dtype in X.dtypes]]
    names = [name for name in numbers if _is_measured(name) and name != volume]
    rho = {name: spearman(X[name].to_numpy(dtype=float), size) for name in names}
    texture = [name for name in names if not _is_shape(name)]
    looked_at = [n for n in used if n in rho and not parse_name(n).feature.endswith(_VOLUMES)]
    found = _largest_first(texture, rho)
    return {
        "volume": volume,
        "limit": STRONG,
        "n_columns": len(texture),
        "n_strong": sum(abs(one["rho"]) >= STRONG for one in found),
        "largest": found[0] if found else None,
        "used": _largest_first(looked_at, rho),
    }


def spearman(values: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """Return Spearman's correlation over the places where both are finite; NaN where none is."""
    both = np.isfinite(values) & np.isfinite(others)
    pairs = values[both], others[both]
    if both.sum() < _LEAST_ROWS or any(np.ptp(one) == 0 for one in pairs):
        return float("nan")
    return float(spearmanr(*pairs).statistic)


def _is_measured(name: str) -> bool:
    """Say whether a column holds a feature, and not what is known of a patient, or a gap."""
    try:
        column = parse_name(name)
    except InputError:
        return False
    return not (column.is_clinical or column.is_missing)


def _is_shape(name: str) -> bool:
    """Say whether a column is of shape; of tables from elsewhere, whether its name says so."""
    column = parse_name(name)
    return column.family == "shape" or "shape" in column.feature.lower()


def _largest_first(names: Sequence[str], rho: dict[str, float]) -> list[dict[str, Any]]:
    """Return columns with their correlation, the largest without its sign first."""
    known = [name for name in names if np.isfinite(rho[name])]
    ordered = sorted(known, key=lambda name: -abs(rho[name]))
    return [{"column": name, "rho": rho[name]} for name in ordered]
