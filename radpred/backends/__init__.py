"""Which array library holds the voxels: the array says it, and the code follows."""

from radpred.backends.choice import is_cupy, to_host
from radpred.backends.modules import array_namespace, ndimage_of

__all__ = ["array_namespace", "is_cupy", "ndimage_of", "to_host"]
