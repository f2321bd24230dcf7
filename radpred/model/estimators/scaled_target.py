"""Outcomes brought to one size, for models whose parameters count in units of the outcome."""

from __future__ import annotations

from typing import Any

from sklearn.compose import TransformedTargetRegressor
from sklearn.preprocessing import StandardScaler


def in_units_of_spread(regressor: Any) -> TransformedTargetRegressor:
    """Return ``regressor``, which learns the outcome less its mean, in standard deviations."""
    return TransformedTargetRegressor(
        regressor=regressor, transformer=StandardScaler(), check_inverse=False
    )
