"""What families, images, regions and modalities add together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpred.table.columns import GroupKind, group_of

Array = NDArray[Any]

ONLY_MODALITY = "image"


def group_shares(features: Sequence[str], shap: Array, *, by: GroupKind) -> list[dict[str, Any]]:
    """Return how much each group moves a case, the largest first.

    The value of a group in a case is the sum of its columns; correlated columns split their
    credit, and the sum puts it together again.

    Parameters
    ----------
    features : sequence of str
        Names of the columns.
    shap : array of shape (n_cases, n_features)
        What each adds to each case.
    by : {"family", "image", "region", "modality"}
        What to group by. The modality of a study with one image column is called ``image``.

    Returns
    -------
    list of dict
        ``name``, ``mean_abs`` over cases, ``share`` of the sum of all (0 where nothing moves).
    """
    groups = np.array([group_of(name, by=by) or ONLY_MODALITY for name in features])
    names = np.unique(groups).tolist()
    means = np.array([np.abs(shap[:, groups == name].sum(axis=1)).mean() for name in names])
    order = np.argsort(-means, kind="stable")
    shares = shares_of(means)
    return [
        {"name": names[i], "mean_abs": float(means[i]), "share": float(shares[i])} for i in order
    ]


def shares_of(amounts: Array) -> Array:
    """Return each amount over the sum of all, or 0 where there is nothing to share."""
    total = amounts.sum()
    return amounts / total if total > 0 else np.zeros_like(amounts)
