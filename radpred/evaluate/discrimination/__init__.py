"""How well scores rank, and whether one ranks better than another."""

from radpred.evaluate.discrimination.delong import (
    delong,
    delong_homogeneity,
    delong_interval,
    delong_test,
)
from radpred.evaluate.discrimination.ranks import (
    auroc,
    average_precision,
    precision_recall_curve,
    roc_curve,
)

__all__ = [
    "auroc",
    "average_precision",
    "delong",
    "delong_homogeneity",
    "delong_interval",
    "delong_test",
    "precision_recall_curve",
    "roc_curve",
]
