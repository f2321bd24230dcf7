"""Files to Image and Mask, and back: the only room that knows files say x, y, z."""

from radpred.io.arrays import NO_SIZE, Channel, image_of_array, labels_of_array
from radpred.io.axes import slice_first
from radpred.io.dicom.drawings.masks import is_drawing, refuse_undrawn
from radpred.io.dicom.drawings.references import Drawing, drawing_of
from radpred.io.dicom.files import Headers, Series, scan_folder
from radpred.io.dicom.scans.series import DicomReading
from radpred.io.headers import Header, read_image_header, read_mask_header
from radpred.io.labels import mask_of_label
from radpred.io.placing import place_on, refuse_apart
from radpred.io.volumes import (
    from_sitk,
    mask_labels,
    read_image,
    read_labels,
    read_mask,
    to_sitk,
    write_image,
    write_mask,
)

__all__ = [
    "NO_SIZE",
    "Channel",
    "DicomReading",
    "Drawing",
    "Header",
    "Headers",
    "Series",
    "drawing_of",
    "from_sitk",
    "image_of_array",
    "is_drawing",
    "labels_of_array",
    "mask_labels",
    "mask_of_label",
    "place_on",
    "read_image",
    "read_image_header",
    "read_labels",
    "read_mask",
    "read_mask_header",
    "refuse_apart",
    "refuse_undrawn",
    "scan_folder",
    "slice_first",
    "to_sitk",
    "write_image",
    "write_mask",
]
