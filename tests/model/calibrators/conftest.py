"""Held-out scores of a model that knows something."""

import numpy as np
import pytest


def made_scores(n=150, *, seed=3, strength=1.2, rate=0.35):
    """Return scores, outcomes and folds."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < rate).astype(int)
    y[:2] = 0, 1
    scores = rng.normal(size=n) + strength * y - 0.6
    return scores, y, rng.permutation(np.arange(n) % 5)


@pytest.fixture
def made():
    """Return the function that makes scores, outcomes and folds."""
    return made_scores
