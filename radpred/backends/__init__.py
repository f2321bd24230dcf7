"""Which array library holds the voxels: the array says it, and the code follows."""

from radpred.backends.choice import is_cupy, to_host
from radpred.backends.device import (
    CPU,
    HOST,
    Device,
    device_of,
    find_device,
    free_bytes,
    release,
    to_device,
)
from radpred.backends.exchange import as_number, beside, measurable
from radpred.backends.modules import array_namespace, fft_of, ndimage_of

__all__ = [
    "CPU",
    "HOST",
    "Device",
    "array_namespace",
    "as_number",
    "beside",
    "device_of",
    "fft_of",
    "find_device",
    "free_bytes",
    "is_cupy",
    "measurable",
    "ndimage_of",
    "release",
    "to_device",
    "to_host",
]
