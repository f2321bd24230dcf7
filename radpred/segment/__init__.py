"""Image and prompt to Mask; what several masks of one lesion agree on, and how well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radpred.lazy import looked_up
from radpred.segment.agreement import dice, hausdorff_mm, kappa, mean_surface_distance_mm
from radpred.segment.box import box_mask
from radpred.segment.clean import Cleaning
from radpred.segment.consensus import Consensus, majority, majority_labels, staple
from radpred.segment.lesions import largest_part, part_at, places_of_parts
from radpred.segment.prompt import BoxPrompt, ExtremePoints, PointPrompt

if TYPE_CHECKING:
    from radpred.segment.items import items_of
    from radpred.segment.lesion import METHODS, segment_box, segment_prompt

__all__ = [
    "METHODS",
    "BoxPrompt",
    "Cleaning",
    "Consensus",
    "ExtremePoints",
    "PointPrompt",
    "box_mask",
    "dice",
    "hausdorff_mm",
    "items_of",
    "kappa",
    "largest_part",
    "majority",
    "majority_labels",
    "mean_surface_distance_mm",
    "part_at",
    "places_of_parts",
    "segment_box",
    "segment_prompt",
    "staple",
]

# Where masks are given, no method is called, and the library of mixture models is not loaded.
_HOME = {
    "METHODS": "radpred.segment.lesion",
    "items_of": "radpred.segment.items",
    "segment_box": "radpred.segment.lesion",
    "segment_prompt": "radpred.segment.lesion",
}

__getattr__ = looked_up(__name__, _HOME)
