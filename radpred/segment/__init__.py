"""Image and prompt to Mask: a lesion found inside a box by its intensities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radpred.lazy import looked_up
from radpred.segment.box import box_mask
from radpred.segment.lesions import largest_part, part_at, places_of_parts

if TYPE_CHECKING:
    from radpred.segment.lesion import METHODS, segment_box

__all__ = [
    "METHODS",
    "box_mask",
    "largest_part",
    "part_at",
    "places_of_parts",
    "segment_box",
]

# Where masks are given, no method is called, and the library of mixture models is not loaded.
_HOME = {"METHODS": "radpred.segment.lesion", "segment_box": "radpred.segment.lesion"}

__getattr__ = looked_up(__name__, _HOME)
