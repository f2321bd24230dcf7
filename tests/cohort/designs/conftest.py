"""A cohort with several rows a patient, as designs see it."""

from typing import NamedTuple

import numpy as np
import pytest


class Rows(NamedTuple):
    """Outcome, patient, site and date of each row."""

    y: np.ndarray
    groups: np.ndarray
    sites: np.ndarray
    dates: np.ndarray


def made(n_patients=60, *, seed=0, rate=0.4, n_sites=3):
    """Return patients with one to three rows of one outcome, each at one site."""
    rng = np.random.default_rng(seed)
    n_rows = rng.integers(1, 4, n_patients)
    outcome = (rng.random(n_patients) < rate).astype(int)
    days = np.datetime64("2020-01-01") + rng.integers(0, 1000, n_patients).astype("timedelta64[D]")
    return Rows(
        np.repeat(outcome, n_rows),
        np.repeat([f"p{i:02d}" for i in range(n_patients)], n_rows),
        np.repeat([f"site_{i % n_sites}" for i in range(n_patients)], n_rows),
        np.repeat(days, n_rows),
    )


@pytest.fixture
def rows():
    """Return the usual cohort."""
    return made()


@pytest.fixture(scope="session")
def make_rows():
    """Return the function that makes a cohort."""
    return made
