"""What is promised about an answer: prediction sets, and thresholds with a guarantee."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from radpred.config._base import Settings

Calibration = Literal[
    "sigmoid",
    "shrunk_sigmoid",
    "temperature",
    "beta",
    "isotonic",
    "venn_abers",
    "cross_venn_abers",
    "none",
]
Share = Annotated[float, Field(gt=0, lt=1)]


class ConformalSettings(Settings):
    """How prediction sets are made, and among whom they keep their promise."""

    method: Literal["cross", "split", "leave_one_out"] = Field(
        default="cross",
        description="Which rows calibrate: those of all inner folds, each by the chain that did "
        "not see it; those of one inner fold; or each patient by a chain fitted on all others.",
    )
    by: Literal["class", "marginal", "site", "group_class"] = Field(
        default="class",
        description="Among whom the promise holds: each outcome by itself, all cases together, "
        "each site (or group), or each outcome within each group.",
    )
    group: str | None = Field(
        default=None,
        min_length=1,
        description="A clinical column that takes the place of the site, with by site or "
        "group_class.",
    )
    unknown: Literal["parent", "full"] = Field(
        default="parent",
        description="What a case of a site or group gets that training did not see: the set of all "
        "sites together, or every outcome. Either way it is flagged.",
    )

    @property
    def by_group(self) -> bool:
        """Tell whether sets look at the site or group of a case."""
        return self.by in ("site", "group_class")

    @model_validator(mode="after")
    def _group_is_looked_at(self) -> ConformalSettings:
        if self.group is not None and not self.by_group:
            msg = (
                f"conformal.group is {self.group!r}, and by {self.by} looks at no group; "
                "set by to site or group_class, or leave group out"
            )
            raise ValueError(msg)
        return self


class GuaranteeSettings(Settings):
    """A threshold that keeps a metric above a bound with a stated confidence."""

    metric: Literal["sensitivity", "specificity", "ppv", "npv", "accuracy"] = "sensitivity"
    at_least: Share = 0.9
    confidence: Share = Field(
        default=0.9, description="With what probability over the cases that choose the threshold."
    )
