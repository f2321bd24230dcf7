"""Replace the columns of each family by their principal components, learnt from training rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from radpred.errors import SettingsError
from radpred.model.frames import as_frame, columns_of
from radpred.table.columns import GROUP_KINDS, Column, GroupKind, feature_name, parse_name

Array = NDArray[Any]
ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Component:
    """One principal component of a group of columns.

    Attributes
    ----------
    name : str
        Its column.
    sources : tuple of str
        The columns that it is made of.
    middle, loading : array of shape (n_sources,)
        What is subtracted from them, and what they are then multiplied by; the squares of the
        loadings sum to 1, and the largest is positive.
    variance : float
        Of the training rows, over n - 1.
    share : float
        Of the variance of its group.
    """

    name: str
    sources: tuple[str, ...]
    middle: Array
    loading: Array
    variance: float
    share: float


class Components(TransformerMixin, BaseEstimator):
    """Principal components of each family of features; other columns pass through.

    Of each group come the fewest components that explain ``share`` of its variance; of all of
    them those ``n_features`` stay that explain most. Columns should be of one scale.
    A component is called ``all__all_glcm_PC1``: the table's grammar, with ``all`` for what the
    groups are not told apart by. Clinical columns and flags of gaps pass through, and are not
    counted.

    Parameters
    ----------
    n_features : int, optional
        How many components stay at most.
    share : float, default 0.9
        The share of a group's variance that its components explain, above 0 and at most 1.
    by : sequence of {"family", "image", "region", "modality"}
        What the groups are told apart by.

    Attributes
    ----------
    found_ : list of Component
        All of them, group by group.
    components_ : list of Component
        Those that go out.
    passed_ : list of str
        Columns that pass through.
    """

    def __init__(
        self,
        n_features: int | None = None,
        *,
        share: float = 0.9,
        by: Sequence[GroupKind] = ("family",),
    ) -> None:
        self.n_features = n_features
        self.share = share
        self.by = by

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the components of the columns of ``X``; ``y`` is not looked at.

        Raises
        ------
        SettingsError
            A share that is none, or something that columns are not grouped by.
        """
        self._check()
        frame = as_frame(X)
        self.feature_names_in_ = frame.columns.to_numpy(dtype=object)
        self.n_features_in_ = frame.shape[1]
        groups: dict[tuple[str, ...], list[str]] = {}
        self.passed_: list[str] = []
        for name in frame.columns:
            column = parse_name(name)
            if column.is_clinical or column.is_missing:
                self.passed_.append(name)
            else:
                key = tuple(str(getattr(column, kind)) for kind in self.by)
                groups.setdefault(key, []).append(name)
        self.found_ = [
            component
            for names in groups.values()
            for component in self._of_group(columns_of(frame, names))
        ]
        self.components_ = self._largest(self.n_features)
        return self

    def transform(self, X: Any) -> pd.DataFrame:
        """Return the components of ``X``, then the columns that pass through."""
        check_is_fitted(self, "components_")
        frame = as_frame(X)
        made: dict[str, Array] = {}
        values, before = np.empty((0, 0)), None
        for one in self.components_:
            if one.sources != before:
                values, before = (
                    columns_of(frame, one.sources).to_numpy(dtype=np.float64),
                    one.sources,
                )
            # A sum along each row: how a matrix product rounds depends on the number of rows.
            made[one.name] = (np.ascontiguousarray(values - one.middle) * one.loading).sum(axis=1)
        rest = columns_of(frame, self.passed_)
        return pd.concat([pd.DataFrame(made, index=frame.index), rest], axis=1)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names out: components, then columns that pass through."""
        check_is_fitted(self, "components_")
        return np.array([*(one.name for one in self.components_), *self.passed_], dtype=object)

    def sources(self) -> dict[str, tuple[str, ...]]:
        """Return for each name out the columns that it is made of."""
        check_is_fitted(self, "components_")
        made = {one.name: one.sources for one in self.components_}
        return {**made, **{name: (name,) for name in self.passed_}}

    def narrowed(self, n_features: int | None) -> Self:
        """Return a copy with another number of components, as if it were fitted on the same."""
        other = type(self)(**{**self.get_params(), "n_features": n_features})
        for name in ("feature_names_in_", "n_features_in_", "found_", "passed_"):
            setattr(other, name, getattr(self, name))
        other.components_ = other._largest(n_features)
        return other

    def restricted_to(self, names: Sequence[str]) -> Self:
        """Return a copy that makes only the columns ``names``, and takes what they need."""
        narrow = type(self)(**self.get_params())
        wanted = set(names)
        narrow.components_ = [one for one in self.components_ if one.name in wanted]
        narrow.found_ = narrow.components_
        narrow.passed_ = [name for name in self.passed_ if name in wanted]
        needed = {name for one in narrow.components_ for name in one.sources} | wanted
        narrow.feature_names_in_ = np.array(
            [name for name in self.feature_names_in_ if name in needed], dtype=object
        )
        narrow.n_features_in_ = len(narrow.feature_names_in_)
        return narrow

    def _check(self) -> None:
        """Refuse settings that mean nothing."""
        if not 0 < self.share <= 1 or not set(self.by) <= set(GROUP_KINDS) or not self.by:
            msg = (
                f"got share={self.share!r}, by={self.by!r}; wanted a share above 0 and at most 1, "
                f"and some of {', '.join(GROUP_KINDS)}"
            )
            raise SettingsError(msg)

    def _of_group(self, frame: pd.DataFrame) -> list[Component]:
        """Return the fewest components that explain enough of a group."""
        values = frame.to_numpy(dtype=np.float64)
        middle = values.mean(axis=0)
        _, sizes, loadings = np.linalg.svd(values - middle, full_matrices=False)
        variances = sizes**2 / max(1, len(values) - 1)
        total = variances.sum()
        if total == 0:
            return []
        shares = variances / total
        reached = np.cumsum(shares) >= self.share * (1 - 1e-12)
        n = int(np.argmax(reached)) + 1 if reached.any() else len(shares)
        names = tuple(str(name) for name in frame.columns)
        first = parse_name(names[0])
        return [
            Component(
                name=self._name(first, i + 1),
                sources=names,
                middle=middle,
                loading=_turned(loadings[i]),
                variance=float(variances[i]),
                share=float(shares[i]),
            )
            for i in range(n)
        ]

    def _name(self, of: Column, number: int) -> str:
        """Return the name of a component of the group that holds column ``of``."""
        by = set(self.by)
        return feature_name(
            of.family if "family" in by else ALL,
            f"PC{number}",
            image=of.image if "image" in by else ALL,
            region=of.region if "region" in by else ALL,
            modality=of.modality if "modality" in by else "",
        )

    def _largest(self, n: int | None) -> list[Component]:
        """Return the ``n`` components that explain most, in the order in which they were found."""
        order = np.argsort([-one.variance for one in self.found_], kind="stable")
        stay = set(order[:n].tolist())
        return [one for i, one in enumerate(self.found_) if i in stay]


def _turned(loading: Array) -> Array:
    """Return a loading with the sign that makes its largest part positive."""
    # Rounded, so that of two parts of one size the first decides, whatever the last bit.
    largest = np.argmax(np.round(np.abs(loading), 9))
    return np.ascontiguousarray(loading * (1.0 if loading[largest] > 0 else -1.0))
