"""A region twice: where intensities are measured, and where its form is."""

from __future__ import annotations

from dataclasses import dataclass

from radpred.image import Mask


@dataclass(frozen=True, kw_only=True, eq=False)
class Roi:
    """A region of interest after re-segmentation (IBSI 2.8).

    Parameters
    ----------
    region : Mask
        The voxels whose intensities are measured (IBSI: intensity mask).
    outline : Mask
        The region as it was drawn, on the same grid (IBSI: morphological mask).
    """

    region: Mask
    outline: Mask

    @classmethod
    def of(cls, given: Mask | Roi) -> Roi:
        """Return a region that was not re-segmented as one, and one as it is."""
        return given if isinstance(given, Roi) else cls(region=given, outline=given)
