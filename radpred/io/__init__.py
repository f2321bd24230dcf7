"""Files to Image and Mask, and back: the only room that knows files say x, y, z."""

from radpred.io.labels import mask_of_label
from radpred.io.placing import place_on
from radpred.io.volumes import from_sitk, read_image, read_mask, to_sitk, write_image, write_mask

__all__ = [
    "from_sitk",
    "mask_of_label",
    "place_on",
    "read_image",
    "read_mask",
    "to_sitk",
    "write_image",
    "write_mask",
]
