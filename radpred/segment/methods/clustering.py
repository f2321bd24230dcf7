"""Two clusters of intensities, lesion and surroundings: fuzzy c-means, Gaussian mixture."""

from __future__ import annotations

import numpy as np
from sklearn.mixture import GaussianMixture

from radpred.image import Array
from radpred.segment.window import Window

FUZZINESS = 2.0
MOST_VALUES = 50_000
MOST_STEPS = 300
START_QUANTILES = (0.1, 0.9)


def fcm(window: Window, rng: np.random.Generator) -> Array:
    """Return the voxels that fuzzy c-means gives to the brighter of two clusters.

    Parameters
    ----------
    window : Window
        In and around the box.
    rng : numpy.random.Generator
        Draws `MOST_VALUES` of the values of a larger box.

    Returns
    -------
    array of bool
        Of the window's shape.
    """
    dark, bright = fuzzy_centres(_drawn(window, rng))
    # Memberships of the two clusters are equal halfway between their centres.
    return window.intensity > (dark + bright) / 2


def fuzzy_centres(values: Array) -> tuple[float, float]:
    """Return the centres of two fuzzy clusters of ``values`` (one axis), the smaller first.

    References
    ----------
    Bezdek, Ehrlich and Full, Comput Geosci 1984;10:191-203, equations 11a and 11b.

    Examples
    --------
    >>> dark, bright = fuzzy_centres(np.array([0.0, 1.0, 2.0, 10.0, 11.0, 12.0]))
    >>> round(dark), round(bright)
    (1, 11)
    """
    centres = _starts(values)
    tolerance = 1e-6 * np.ptp(values)
    for _ in range(MOST_STEPS):
        distance = np.maximum(np.abs(values[:, None] - centres), tolerance)
        weight = distance ** (-2 / (FUZZINESS - 1))
        membership = (weight / weight.sum(axis=1, keepdims=True)) ** FUZZINESS
        moved = (membership * values[:, None]).sum(axis=0) / membership.sum(axis=0)
        is_done = np.abs(moved - centres).max() <= tolerance
        centres = moved
        if is_done:
            break
    return float(centres.min()), float(centres.max())


def gmm(window: Window, rng: np.random.Generator) -> Array:
    """Return the voxels that a mixture of two Gaussians gives to the brighter one.

    Parameters
    ----------
    window : Window
        In and around the box.
    rng : numpy.random.Generator
        Draws `MOST_VALUES` of the values of a larger box, and starts the fit.

    Returns
    -------
    array of bool
        Of the window's shape.
    """
    values = _drawn(window, rng)
    middle, width = values.mean(), values.std()
    standard = (values - middle) / width
    mixture = GaussianMixture(
        2,
        means_init=_starts(standard)[:, None],
        init_params="random_from_data",
        max_iter=MOST_STEPS,
        random_state=int(rng.integers(2**31)),
    ).fit(standard[:, None])
    everywhere = (window.intensity - middle) / width
    brighter = int(np.argmax(mixture.means_))
    labels = mixture.predict(everywhere.reshape(-1, 1)).reshape(everywhere.shape)
    # The wider of two Gaussians wins both tails: beyond its mean, a voxel is of that side.
    dark, bright = np.sort(mixture.means_[:, 0])
    return ((labels == brighter) & (everywhere > dark)) | (everywhere >= bright)


def _drawn(window: Window, rng: np.random.Generator) -> Array:
    """Return the values in the rounded box, or as many of them as are needed."""
    values = window.intensity[window.rounded]
    return values if values.size <= MOST_VALUES else rng.choice(values, MOST_VALUES, replace=False)


def _starts(values: Array) -> Array:
    """Return two different values to start from."""
    starts = np.quantile(values, START_QUANTILES)
    return starts if starts[1] > starts[0] else np.array([values.min(), values.max()])
