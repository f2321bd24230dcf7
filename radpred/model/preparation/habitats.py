"""Sub-regions that look alike, learnt from the tumours of the training rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from radpred.errors import InputError
from radpred.model.frames import as_frame, columns_of
from radpred.model.preparation.clusters import drawn, fitted, kinds_of
from radpred.model.preparation.composition import composition, composition_names
from radpred.table.bags import Bag, is_bag
from radpred.table.columns import missing_name, parse_name

Array = NDArray[Any]


class Habitats(TransformerMixin, BaseEstimator):
    """Replace the column of bags by columns of numbers: what habitats each tumour is made of.

    Habitats are numbered by the first map of their centres, from low to high, so that habitat 1
    is the same for everyone, and there are as many for everyone; a tumour may lack some. Each
    training case has the same weight, whatever its size. Other columns pass through, and so does
    a table without bags.

    Parameters
    ----------
    n : int
        How many habitats.
    method : {"kmeans", "gmm"}
        k-means, or a mixture of Gaussians.
    maps : tuple of str
        The images that the pieces of a bag were described by.
    scaling : {"cohort", "case"}
        Maps are brought to mean 0 and standard deviation 1 over the training cases, or over the
        voxels of each case by itself, where intensities have no unit.
    seed : int
        Where the clustering's starts are drawn from.

    Attributes
    ----------
    bag_ : str
        The column of bags.
    middle_, spread_ : array of shape (n_maps,)
        What is subtracted from the maps, and what they are divided by.
    centres_, factors_, weights_ : array of shape (n, n_maps), (n, n_maps, n_maps), (n,)
        The habitats on that scale: centres, Cholesky factors of precisions, shares.
    made_ : list of str
        The columns of numbers that go out.
    """

    def __init__(
        self,
        n: int = 3,
        *,
        method: str = "kmeans",
        maps: Sequence[str] = ("original",),
        scaling: str = "cohort",
        seed: int = 0,
    ) -> None:
        self.n = n
        self.method = method
        self.maps = maps
        self.scaling = scaling
        self.seed = seed

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the habitats of the tumours of ``X``; ``y`` is not looked at.

        Raises
        ------
        InputError
            ``no_habitats``: no case has a bag, or pieces take fewer values than there are to be
            habitats.
        """
        frame = as_frame(X)
        self.feature_names_in_ = frame.columns.to_numpy(dtype=object)
        self.n_features_in_ = frame.shape[1]
        self.bag_ = next((name for name in frame.columns if is_bag(name)), "")
        self.all_made_: list[str] = []
        if self.bag_:  # else the table was asked for without
            self._fit_bags([bag for bag in frame[self.bag_] if isinstance(bag, Bag)])
            modality = parse_name(self.bag_).modality
            self.all_made_ = list(composition_names(self.n, self.maps, modality=modality))
        self.made_ = self.all_made_
        return self

    def _fit_bags(self, bags: Sequence[Bag]) -> None:
        """Learn scale and habitats from bags."""
        if not bags:
            msg = (
                "habitats are found in the voxels of training cases, and none of them could be "
                "measured; look at the reasons of their verdicts"
            )
            raise InputError(msg, code="no_habitats")
        if self.scaling == "case":
            bags_scale = [_moments(bag) for bag in bags]
            points = np.concatenate(
                [(p - m) / s for p, (m, s) in zip(drawn(bags), bags_scale, strict=True)]
            )
            self.middle_, self.spread_ = np.zeros(points.shape[1]), np.ones(points.shape[1])
        else:
            points = np.concatenate(drawn(bags))
            # Summed in ascending order, so that the order of cases cannot change the last bit.
            ordered = np.sort(points, axis=0)
            self.middle_ = ordered.mean(axis=0)
            spread = ordered.std(axis=0)
            noise = 10 * np.finfo(np.float64).eps * len(points) * np.abs(self.middle_)
            self.spread_ = np.where(spread > noise, spread, 1.0)
            points = (points - self.middle_) / self.spread_
        self.centres_, self.factors_, self.weights_ = fitted(
            points, method=self.method, n=self.n, seed=self.seed
        )

    def kinds(self, bag: Bag) -> Array:
        """Return the habitat of each piece of a bag, counted from 1, shape (n_items,)."""
        check_is_fitted(self, "centres_")
        middle, spread = _moments(bag) if self.scaling == "case" else (self.middle_, self.spread_)
        points = (bag.values.astype(np.float64) - middle) / spread
        return 1 + kinds_of(points, self.centres_, self.factors_, self.weights_)

    def numbers(self, bag: Bag) -> dict[str, float]:
        """Return what habitats one tumour is made of, by column."""
        values = composition(bag, self.kinds(bag) - 1, n=self.n)
        return dict(zip(self.all_made_, values, strict=True))

    def transform(self, X: Any) -> pd.DataFrame:
        """Return ``X`` without bags and with habitats; NaN for a case without a bag."""
        check_is_fitted(self, "made_")
        frame = as_frame(X)
        rest = frame.loc[:, [not is_bag(name) for name in frame.columns]]
        if not self.made_:
            return rest
        bags = columns_of(frame, [self.bag_]).iloc[:, 0]
        rows = [self.numbers(bag) if isinstance(bag, Bag) else {} for bag in bags]
        made = pd.DataFrame(rows, index=frame.index, columns=self.made_, dtype=np.float64)
        return pd.concat([rest, made], axis=1)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names out: columns that pass through, then habitats."""
        check_is_fitted(self, "made_")
        passed = [name for name in self.feature_names_in_ if not is_bag(name)]
        return np.array([*passed, *self.made_], dtype=object)

    def restricted_to(self, names: Sequence[str]) -> Habitats:
        """Return a copy that makes only those columns, or whose gaps, are among ``names``.

        It still knows its habitats, so that they can be mapped.
        """
        narrow = type(self)(**self.get_params())
        for name, value in vars(self).items():
            if name.endswith("_"):
                setattr(narrow, name, value)
        wanted = set(names)
        narrow.made_ = [c for c in self.made_ if c in wanted or missing_name(c) in wanted]
        passed = [
            c
            for c in self.feature_names_in_
            if not is_bag(c) and any(name == c or name.startswith(f"{c}=") for name in wanted)
        ]
        bags = [self.bag_] if narrow.made_ else []
        narrow.feature_names_in_ = np.array([*passed, *bags], dtype=object)
        narrow.n_features_in_ = len(narrow.feature_names_in_)
        return narrow


def _moments(bag: Bag) -> tuple[Array, Array]:
    """Return mean and standard deviation of each map over the voxels of a bag."""
    # In an order of their own, so that how pieces are numbered cannot change the last bit.
    order = np.lexsort((bag.n_voxels, *bag.values.T[::-1]))
    values, weights = bag.values[order].astype(np.float64), bag.n_voxels[order]
    middle = np.average(values, axis=0, weights=weights)
    spread = np.sqrt(np.average((values - middle) ** 2, axis=0, weights=weights))
    noise = 1e-6 * np.abs(middle)  # values are of single precision
    return middle, np.where(spread > noise, spread, 1.0)
