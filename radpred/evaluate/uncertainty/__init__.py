"""Whether sets keep their promise, and what is gained by leaving unsure cases to others."""

from radpred.evaluate.uncertainty.abstention import (
    AbstentionCurve,
    abstention_curve,
    certainty_curve,
    distance_from_even,
    is_answered,
    metric_by_certainty,
    metric_by_share,
    p_value_gap,
)
from radpred.evaluate.uncertainty.coverage import (
    Reach,
    SetShares,
    coverage_by_cell,
    coverage_shortfall,
    exact_interval,
    expected_coverage_sd,
    one_sided_bound,
    reach_of,
    set_shares,
)

__all__ = [
    "AbstentionCurve",
    "Reach",
    "SetShares",
    "abstention_curve",
    "certainty_curve",
    "coverage_by_cell",
    "coverage_shortfall",
    "distance_from_even",
    "exact_interval",
    "expected_coverage_sd",
    "is_answered",
    "metric_by_certainty",
    "metric_by_share",
    "one_sided_bound",
    "p_value_gap",
    "reach_of",
    "set_shares",
]
