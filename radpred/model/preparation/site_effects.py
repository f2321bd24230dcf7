"""How far each site's measurements are shifted and stretched, column by column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_CONVERGED = 1e-10
_MOST_ROUNDS = 10_000
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class SiteEffects:
    """What a site adds to a column, and by what it multiplies its spread.

    The model of location and scale is ``x = middle + covariates @ slopes + spread * (shift +
    stretch * e)`` with e of mean 0 and variance 1.

    Attributes
    ----------
    middle, spread : array of shape (p,)
        The mean of all rows, or of the reference site; the standard deviation that site and
        covariates leave. A spread of 0 counts as 1.
    slopes : array of shape (n_covariates, p)
        What a covariate adds, for each unit of it.
    shift, variance : array of shape (n_sites, p)
        Of what is left, in units of ``spread``; the variance is the square of the stretch.
    n_rows : array of int, shape (n_sites,)
        Rows of each site.
    varies : array of bool, shape (p,)
        Whether anything is left to be stretched.
    """

    middle: Array
    spread: Array
    slopes: Array
    shift: Array
    variance: Array
    n_rows: Array
    varies: Array


def site_effects(
    values: Array, site: Array, covariates: Array, *, reference: int | None = None
) -> SiteEffects:
    """Return each site's own estimates, by least squares.

    Parameters
    ----------
    values : array of shape (n, p)
        Without gaps.
    site : array of int, shape (n,)
        The site of each row, counted from 0, each with two rows or more.
    covariates : array of shape (n, n_covariates)
        What is to stay: its effect is told from the sites', and not removed.
    reference : int, optional
        The site that the others are brought to; without one, the mean of all rows.

    References
    ----------
    Johnson, Li, Rabinovic, Biostatistics 2007;8:118-127, section 3.1, steps 1 and 2. Variances
    are over n for the pooled one and over n - 1 within a site, as in the authors' program.
    """
    n_rows = np.bincount(site)
    slopes, levels = _slopes_and_levels(values, site, covariates)
    middle = n_rows @ levels / len(values) if reference is None else levels[reference]
    rest = values - covariates @ slopes
    counted = slice(None) if reference is None else site == reference
    spread = np.sqrt(((rest - levels[site])[counted] ** 2).mean(axis=0))
    noise = 10 * np.finfo(np.float64).eps * len(values) * np.abs(values).max(axis=0)
    varies = spread > noise
    spread = np.where(varies, spread, 1.0)
    shift = (levels - middle) / spread
    shift[:, values.min(axis=0) == values.max(axis=0)] = 0.0
    variance = _of_sites(rest / spread, site, lambda own: own.var(axis=0, ddof=1))
    # Where a site repeats one value there is nothing to stretch.
    variance = np.where(varies & (variance > (noise / spread) ** 2), variance, 1.0)
    return SiteEffects(
        middle=middle,
        spread=spread,
        slopes=slopes,
        shift=shift,
        variance=variance,
        n_rows=n_rows,
        varies=varies,
    )


def _slopes_and_levels(values: Array, site: Array, covariates: Array) -> tuple[Array, Array]:
    """Return slopes, shape (n_covariates, p), and each site's mean where covariates are 0.

    Regressing what the sites leave of both gives the same slopes as regressing on all at once
    (Frisch and Waugh, Econometrica 1933;1:387-401). What cannot be told apart is shared out.
    """
    means = _of_sites(values, site, lambda own: own.mean(axis=0))
    middles = _of_sites(covariates, site, lambda own: own.mean(axis=0))
    inner = covariates - middles[site]
    size = np.abs(covariates).max(axis=0, initial=0.0)
    units = np.sqrt((inner**2).mean(axis=0))
    units[units <= _ROUNDING * size] = np.inf  # constant: no slope
    slopes = np.linalg.lstsq(inner / units, values - means[site], rcond=None)[0] / units[:, None]
    return slopes, means - middles @ slopes


def _of_sites(values: Array, site: Array, of: Callable[[Array], Array]) -> Array:
    """Return what ``of`` says of the rows of each site, one below the other."""
    return np.stack([of(values[site == i]) for i in range(site.max() + 1)])


def shrunk(effects: SiteEffects) -> SiteEffects:
    """Return the estimates of a site drawn towards what its other columns say.

    Columns in which nothing varies neither take part nor change.

    References
    ----------
    Johnson et al. 2007, section 3.2: parametric empirical Bayes, a normal prior for shifts and
    an inverse gamma one for variances, both by the method of moments.
    """
    shift, variance = effects.shift.copy(), effects.variance.copy()
    for i, n in enumerate(effects.n_rows):
        shift[i, effects.varies], variance[i, effects.varies] = _posterior(
            effects.shift[i, effects.varies], effects.variance[i, effects.varies], n=int(n)
        )
    return replace(effects, shift=shift, variance=variance)


def _posterior(shift: Array, variance: Array, *, n: int) -> tuple[Array, Array]:
    """Return the posterior means of one site's shifts and variances, shape (p,).

    The two equations, each in terms of the other, are repeated until nothing moves: a column's
    answer then does not depend on how slowly another one settles.
    """
    if len(shift) < 2 or shift.var() == 0 or variance.var() == 0:
        return shift, variance  # nothing to learn a prior from
    middle, tau = shift.mean(), shift.var(ddof=1)
    mean, spread = variance.mean(), variance.var(ddof=1)
    shape, rate = (2 * spread + mean**2) / spread, (mean * spread + mean**3) / spread
    squares = (n - 1) * variance
    new_shift, new_variance = shift, variance
    for _ in range(_MOST_ROUNDS):
        before = new_shift, new_variance
        new_shift = (n * tau * shift + new_variance * middle) / (n * tau + new_variance)
        about = squares + n * (shift - new_shift) ** 2
        new_variance = (rate + about / 2) / (n / 2 + shape - 1)
        moved = max(np.abs(new_shift - before[0]).max(), np.abs(new_variance / before[1] - 1).max())
        if moved < _CONVERGED:
            break
    return new_shift, new_variance
