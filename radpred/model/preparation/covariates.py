"""What harmonising is to leave in the table, and what it must not be told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpred.errors import InputError, LeakageError
from radpred.table.columns import clinical_name

Array = NDArray[Any]
_ROUNDING = 1e-9


def refuse_outcome(covariates: Iterable[str], *, outcome: str) -> None:
    """Raise where the outcome's column is named as a covariate, with or without ``clinical__``.

    A case that arrives has no outcome to be harmonised by, and where it has one, its label would
    be written into its features.

    Raises
    ------
    LeakageError
        ``outcome_as_covariate``.
    """
    named = [name for name in covariates if name in (outcome, clinical_name(outcome))]
    if named:
        raise LeakageError(_is_outcome(named[0]), code="outcome_as_covariate")


def covariate_columns(columns: Iterable[str], covariates: Sequence[str]) -> list[str]:
    """Return the columns of the covariates, as they are called after imputing.

    Words are columns of 0 and 1 by then; of three words or more the first is left out, for the
    others say whether it is that one.

    Raises
    ------
    InputError
        ``bad_covariate``: there is no such column.

    Examples
    --------
    >>> covariate_columns(["clinical__age", "g=a", "g=b", "g=c"], ["clinical__age", "g"])
    ['clinical__age', 'g=b', 'g=c']
    """
    there = [str(name) for name in columns]
    found: list[str] = []
    for covariate in covariates:
        words = [name for name in there if name.startswith(f"{covariate}=")]
        own = [covariate] if covariate in there else words[1:] if len(words) > 1 else words
        if not own:
            msg = (
                f"covariate {covariate!r} is none of the {len(there)} columns after imputing; "
                "name a column of the table that has values in the training rows"
            )
            raise InputError(msg, code="bad_covariate")
        found += [name for name in own if name not in found]
    return found


def refuse_bad_covariates(
    values: Array, names: Sequence[str], *, site: Array, y: Array | None
) -> None:
    """Raise where a covariate is the outcome, or is told by the site alone.

    Parameters
    ----------
    values : array of shape (n, n_covariates)
        Finite.
    names : sequence of str
        Their columns.
    site : array of int, shape (n,)
        The site of each row, counted from 0.
    y : array of shape (n,), optional
        The outcome, if it is known here.

    Raises
    ------
    LeakageError
        ``outcome_as_covariate``.
    InputError
        ``bad_covariate``: the covariate varies between sites, and within none.
    """
    for name, column in zip(names, values.T, strict=True):
        if column.min() == column.max():
            continue  # says nothing of the training rows, and does no harm
        if y is not None and _say_the_same(column, y):
            raise LeakageError(_is_outcome(name), code="outcome_as_covariate")
        means = np.bincount(site, weights=column) / np.bincount(site)
        if np.abs(column - means[site]).max() <= _ROUNDING * np.abs(column).max():
            msg = (
                f"covariate {name!r} has one value at each site, so its effect cannot be told "
                "from theirs; leave it out"
            )
            raise InputError(msg, code="bad_covariate")


def _say_the_same(column: Array, y: Array) -> bool:
    """Say whether two columns group the rows in the same way."""
    _, ours = np.unique(column, return_inverse=True)
    _, theirs = np.unique(y, return_inverse=True)
    n_pairs = len(np.unique(np.stack([ours, theirs], axis=1), axis=0))
    return bool(n_pairs == ours.max() + 1 == theirs.max() + 1)


def _is_outcome(name: str) -> str:
    """Return why a covariate is refused."""
    return (
        f"covariate {name!r} is the outcome: harmonising by it writes the label into the features, "
        "and a case that arrives has none; name only what is known of every case"
    )
