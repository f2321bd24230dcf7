"""Keep one column of each cluster that ranks the patients alike; the outcome is not looked at."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from radpred.errors import SettingsError
from radpred.model.frames import ColumnChooser, as_frame
from radpred.model.selection.ranks import centred_ranks

Linkage = Literal["average", "complete", "single"]
Speaker = Literal["medoid", "first"]
LINKAGES = ("average", "complete", "single")
SPEAKERS = ("medoid", "first")


class KeepOfClusters(ColumnChooser):
    """Cluster the columns by absolute rank correlation, and keep one of each cluster.

    Hierarchical clustering at the distance ``1 - |rho|`` of Spearman's rho, cut at
    ``1 - limit``. `DropRedundant` walks the columns instead and needs no matrix of all pairs;
    here the order of columns decides between equals only.

    Parameters
    ----------
    limit : float, default 0.9
        Columns of one cluster correlate by this or more: all pairs of them (``complete``), on
        average (``average``), or each with a next one (``single``).
    linkage : {"average", "complete", "single"}
        As above.
    speaker : {"medoid", "first"}
        Which column stays: the one that correlates most with the others of its cluster, of
        equals the first, so that of two it is the first; or the first in the table, where plain
        measures come before derived ones.

    Attributes
    ----------
    cluster_ : ndarray of int, shape (p,)
        The cluster of each column, counted from 0 in the order of the table.
    """

    def __init__(
        self, limit: float = 0.9, linkage: Linkage = "average", speaker: Speaker = "medoid"
    ) -> None:
        self.limit = limit
        self.linkage = linkage
        self.speaker = speaker

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the clusters among the columns of ``X``; ``y`` is not looked at."""
        if self.linkage not in LINKAGES or self.speaker not in SPEAKERS:
            msg = (
                f"got linkage={self.linkage!r}, speaker={self.speaker!r}; known are "
                f"{', '.join(LINKAGES)} and {', '.join(SPEAKERS)}"
            )
            raise SettingsError(msg)
        frame = as_frame(X)
        alike = absolute_correlations(frame.to_numpy(dtype=np.float64))
        self.cluster_ = clusters(alike, limit=self.limit, method=self.linkage)
        n_clusters = self.cluster_.max(initial=-1) + 1
        kept = [
            self._speaker_of(np.flatnonzero(self.cluster_ == i), alike) for i in range(n_clusters)
        ]
        return self._keep(frame, np.sort(np.array(kept, dtype=np.intp)))

    def _speaker_of(self, members: NDArray[np.intp], alike: NDArray[np.float64]) -> int:
        """Return the position of the column that stays for ``members``."""
        if self.speaker == "first" or len(members) < 3:
            return int(members[0])
        # Equal sums may differ in the last bit, for they are summed in different orders.
        nearness = np.round(alike[np.ix_(members, members)].sum(axis=1), 12)
        return int(members[np.argmax(nearness)])


def absolute_correlations(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the absolute rank correlation of each two columns, shape (p, p).

    A column that does not vary correlates with none but itself.
    """
    ranks = centred_ranks(values)
    lengths = np.sqrt((ranks**2).sum(axis=1))
    lengths[lengths == 0] = 1.0
    alike = ranks @ ranks.T
    np.abs(alike, out=alike)
    alike /= lengths
    alike /= lengths[:, None]
    np.fill_diagonal(alike, 1.0)
    return np.minimum(alike, 1.0, out=alike)


def clusters(alike: NDArray[np.float64], *, limit: float, method: Linkage) -> NDArray[np.intp]:
    """Return the cluster of each column, counted from 0 in the order in which they appear.

    Parameters
    ----------
    alike : ndarray of shape (p, p)
        Absolute correlations.
    limit : float
        Where to cut.
    method : {"average", "complete", "single"}
        How far apart two clusters are: as their columns on average, at most, or at least.
    """
    p = len(alike)
    if p < 2:
        return np.zeros(p, dtype=np.intp)
    apart = 1.0 - alike[np.triu_indices(p, 1)]
    # The margin takes in a correlation that equals the limit but for rounding.
    tree: Any = linkage(apart, method=method)
    found = fcluster(tree, 1 - limit + 1e-12, criterion="distance")
    _, first, inverse = np.unique(found, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return np.asarray(rank[inverse], dtype=np.intp)
