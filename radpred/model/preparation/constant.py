"""Drop columns that say the same of nearly everyone."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from radpred.errors import InputError
from radpred.model.frames import ColumnChooser, as_frame

# A standardised column has a standard deviation of 1; one that only rounding noise moves is left
# unscaled and stays far below this.
LEAST_SPREAD = 0.5


class DropConstant(ColumnChooser):
    """Keep a standardised column unless one value fills more than ``largest_share`` of the rows.

    Parameters
    ----------
    largest_share : float, default 0.95
        The largest share of rows that may hold the same value.
    """

    def __init__(self, largest_share: float = 0.95) -> None:
        self.largest_share = largest_share

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the columns that vary in ``X``; ``y`` is not looked at.

        Raises
        ------
        InputError
            No column varies.
        """
        frame = as_frame(X)
        values = frame.to_numpy(dtype=np.float64)
        varies = (values.std(axis=0) > LEAST_SPREAD) & ~self._is_filled(values)
        if not varies.any():
            msg = (
                f"none of {frame.shape[1]} columns varies over {len(frame)} training rows; "
                "check that the table holds measured values"
            )
            raise InputError(msg, code="constant_table")
        return self._keep(frame, varies)

    def _is_filled(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say which columns repeat one value in more rows than allowed."""
        needed = int(np.floor(self.largest_share * len(values))) + 1
        if needed > len(values):
            return np.zeros(values.shape[1], dtype=bool)
        # In a sorted column, `needed` equal values have equal ends.
        ordered = np.sort(values, axis=0)
        first, last = ordered[: len(values) - needed + 1], ordered[needed - 1 :]
        return (first == last).any(axis=0)
