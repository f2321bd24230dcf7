"""What may be wrong with a mask, and by how much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from radpred.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class Perturbation:
    """How far a mask may be wrong; what is drawn lies between nothing and these sizes.

    Parameters
    ----------
    translation_mm : float
        The mask is moved in a direction drawn evenly from all, by a distance drawn evenly from 0
        to this, in fractions of voxels, too.
    rotation_degrees : float
        It is turned about its centre of mass, around an axis drawn evenly from all directions, by
        an angle drawn evenly from 0 to this.
    growth_mm : float
        Its surface moves outwards, or inwards, by a distance drawn evenly from -this to this.
    contour : bool
        Its contour is drawn anew along supervoxels of the image.
    noise : float
        Normal noise is added to the image, this many times as large as the noise found in it.
    wanted_dice : float, optional
        Instead of all that moves the mask: its surface is bent in and out by a smooth random
        field, as far as gives this Dice coefficient with the mask as it came.

    Raises
    ------
    SettingsError
        A size below zero, a Dice coefficient outside (0, 1), or one beside other moves.
    """

    translation_mm: float = 0.0
    rotation_degrees: float = 0.0
    growth_mm: float = 0.0
    contour: bool = False
    noise: float = 0.0
    wanted_dice: float | None = None

    def __post_init__(self) -> None:
        """Refuse sizes that mean nothing."""
        for name in ("translation_mm", "rotation_degrees", "growth_mm", "noise"):
            size = getattr(self, name)
            if not 0 <= size < np.inf:
                raise SettingsError(f"{name}: {size}; wanted 0 or more, the largest to be drawn")
        if self.wanted_dice is None:
            return
        if not 0 < self.wanted_dice < 1:
            msg = f"wanted_dice: {self.wanted_dice}; wanted more than 0 and less than 1, as 0.9"
            raise SettingsError(msg)
        if self.translation_mm or self.rotation_degrees or self.growth_mm or self.contour:
            msg = (
                "wanted_dice stands alone: got it beside translation, rotation, growth or contour; "
                "take one or the other"
            )
            raise SettingsError(msg)

    @property
    def moves_mask(self) -> bool:
        """Tell whether the mask changes, and not only the image."""
        sizes = (self.translation_mm, self.rotation_degrees, self.growth_mm)
        return any(sizes) or self.contour or self.wanted_dice is not None
