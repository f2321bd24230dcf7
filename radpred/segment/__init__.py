"""Image and prompt to Mask: a lesion found inside a box by its intensities."""

from radpred.segment.box import box_mask
from radpred.segment.lesion import METHODS, segment_box

__all__ = ["METHODS", "box_mask", "segment_box"]
