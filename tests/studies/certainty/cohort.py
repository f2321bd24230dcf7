"""A made cohort in which the true risk of every patient is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

N_PATIENTS, N_GROUPS, N_EACH = 300, 12, 5
ALIKE = 0.75  # correlation within a group
EFFECTS = (1.0, -0.8, 0.6)
BEND, LEVEL = 0.5, -1.6


def made(*, seed: int) -> tuple[pd.DataFrame, NDArray[np.intp], NDArray[np.float64]]:
    """Return features, outcomes and true risks.

    Each group of columns measures something that is not seen, and says little more together than
    alone. Three of these make the log-odds, and two of them together bend it.
    """
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=(N_PATIENTS, N_GROUPS))
    shared = np.sqrt(ALIKE) * np.repeat(hidden, N_EACH, axis=1)
    X = shared + np.sqrt(1 - ALIKE) * rng.normal(size=shared.shape)
    log_odds = LEVEL + hidden[:, : len(EFFECTS)] @ EFFECTS + BEND * hidden[:, 0] * hidden[:, 1]
    risk = expit(log_odds)
    y = (rng.random(N_PATIENTS) < risk).astype(np.intp)
    names = [f"g{group:02d}_{i}" for group in range(N_GROUPS) for i in range(N_EACH)]
    return pd.DataFrame(X, columns=names), y, risk
