"""Thresholds on the risk that a model's study found, with what they keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_METRICS = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "ppv": "positive predictive value",
    "npv": "negative predictive value",
    "accuracy": "accuracy",
}


@dataclass(frozen=True, kw_only=True)
class Guarantee:
    """A risk from which on to act, and what acting so keeps.

    Attributes
    ----------
    metric : str
        What is kept.
    at_least, confidence : float
        Above which bound, and with what probability over the cases that chose the threshold.
    threshold : float
        The risk from which on a case is called.
    counted : str
        How many cases of what kind chose it.
    """

    metric: str
    at_least: float
    confidence: float
    threshold: float
    counted: str

    @property
    def column(self) -> str:
        """Return the name of the column that says which cases are called.

        Examples
        --------
        >>> told = {"metric": "npv", "at_least": 0.95, "confidence": 0.9}
        >>> Guarantee(threshold=0.2, counted="40 patients", **told).column
        'acts_npv_95'
        """
        return f"acts_{self.metric}_{100 * self.at_least:g}"

    @property
    def sentence(self) -> str:
        """Return the threshold and its guarantee in words."""
        metric = _METRICS.get(self.metric, self.metric)
        return (
            f"{self.column}: risk >= {self.threshold:.3g}, chosen by {self.counted} for a {metric} "
            f"of at least {self.at_least:.0%} with {self.confidence:.0%} confidence, in patients "
            "from the same source"
        )


def guarantees_of(record: Mapping[str, Any]) -> tuple[Guarantee, ...]:
    """Return the thresholds in a bundle's record; of guarantees that could not be had, none."""
    return tuple(
        Guarantee(
            metric=one["metric"],
            at_least=one["at_least"],
            confidence=one["confidence"],
            threshold=float(one["threshold"]),
            counted=f"{one['n_rows']} {one['counted']}",
        )
        for one in record.get("guarantees") or ()
        if one["threshold"] is not None
    )
