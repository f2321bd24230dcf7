"""What belongs to each axis along which an image is filtered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from radpred.errors import SettingsError

T = TypeVar("T")


def by_axis(given: Sequence[T], *, flat_axis: int | None, name: str) -> dict[int, T]:
    """Return what is given for each axis, the first for x and the last for z.

    Raises
    ------
    SettingsError
        There is not one for each axis that is filtered.

    Examples
    --------
    >>> by_axis("LH", flat_axis=0, name="wavelet")
    {2: 'L', 1: 'H'}
    """
    axes = [axis for axis in (2, 1, 0) if axis != flat_axis]
    if len(given) != len(axes):
        msg = (
            f"{name}: is for {len(given)} axes, wanted {len(axes)}: x, y and z, and where slices "
            "are filtered the two that lie in them"
        )
        raise SettingsError(msg)
    return dict(zip(axes, given, strict=True))
