"""Take no column: what is said then is said without looking."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from radpred.model.frames import ColumnChooser, as_frame


class KeepNothing(ColumnChooser):
    """Keep no column; the rows stay."""

    def fit(self, X: Any, y: Any = None) -> Self:
        """Note the columns that are left out; ``y`` is not looked at."""
        return self._keep(as_frame(X), np.array([], dtype=np.intp))
