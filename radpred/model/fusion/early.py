"""Join blocks before the model: each made ready by itself, and bounded in columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from radpred.errors import InputError, SettingsError
from radpred.model.frames import as_frame, columns_of
from radpred.model.preparation import DropConstant, Impute, Standardise
from radpred.model.selection import DropRedundant, KeepRelevant

Factory = Callable[[str], Any]


def ready(block: str) -> Pipeline:
    """Return the steps that make a block ready unless others are given."""
    return Pipeline(
        [
            ("impute", Impute()),
            ("scale", Standardise()),
            ("constant", DropConstant()),
            ("redundancy", DropRedundant()),
        ]
    )


class EarlyFusion(TransformerMixin, BaseEstimator):
    """Make each block of columns ready, keep its best ones, and join them into one table.

    A bound for each block keeps a thousand textures from drowning five clinical columns, which
    one bound for all would let happen. Stands before the model in a chain, in the place of
    imputing, scaling and choosing.

    Parameters
    ----------
    blocks : mapping of str to sequence of str
        The columns of each block, as of `radpred.model.fusion.blocks_of`.
    preparation : estimator or callable, optional
        Steps without a model, or what makes them from a block's name; they are fitted for each
        block on its own columns. By default these are imputed, scaled, and left out where they
        are constant or redundant within the block.
    n_features : int or mapping of str to int, default 10
        How many columns a block may keep, by its name; 10 where a mapping does not name it.
    choice : estimator, optional
        How they are chosen; it must have a parameter ``n_features``. By default `KeepRelevant`.

    Attributes
    ----------
    preparations_, choices_ : dict of str to estimator
        What was fitted for each block.
    kept_ : dict of str to list of str
        The columns that each block keeps, as they are called after its preparation.
    """

    def __init__(
        self,
        blocks: Mapping[str, Sequence[str]],
        *,
        preparation: Any | Factory = ready,
        n_features: int | Mapping[str, int] = 10,
        choice: Any = None,
    ) -> None:
        self.blocks = blocks
        self.preparation = preparation
        self.n_features = n_features
        self.choice = choice

    def fit(self, X: Any, y: Any) -> Self:
        """Learn each block's preparation and its best columns.

        Raises
        ------
        SettingsError
            A bound for a block that does not exist, or below 1.
        InputError
            A block without a usable column, by name.
        """
        self._refuse_bounds()
        frame = as_frame(X)
        self.preparations_, self.choices_, self.kept_ = {}, {}, {}
        for name, columns in self.blocks.items():
            steps = made(self.preparation, name)
            chooser = clone(KeepRelevant() if self.choice is None else self.choice)
            try:
                table = steps.fit(own := columns_of(frame, list(columns)), y).transform(own)
                chooser.set_params(n_features=self._bound(name)).fit(table, y)
            except InputError as error:
                raise InputError(f"block {name}: {error}", code=error.code) from error
            self.preparations_[name], self.choices_[name] = steps, chooser
            self.kept_[name] = chooser.get_feature_names_out().tolist()
        self._refuse_twice()
        self.feature_names_in_ = frame.columns.to_numpy(dtype=object)
        self.n_features_in_ = frame.shape[1]
        return self

    def transform(self, X: Any) -> pd.DataFrame:
        """Return the kept columns of all blocks, beside each other."""
        check_is_fitted(self, "kept_")
        frame = as_frame(X)
        parts = [
            self.choices_[name].transform(
                steps.transform(columns_of(frame, list(self.blocks[name])))
            )
            for name, steps in self.preparations_.items()
        ]
        return pd.concat(parts, axis=1)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the kept columns, block by block."""
        check_is_fitted(self, "kept_")
        return np.array([name for kept in self.kept_.values() for name in kept], dtype=object)

    def sources(self) -> dict[str, str]:
        """Return for each kept column the one that it was made from.

        Raises
        ------
        InputError
            A preparation does not tell, for it has no step ``impute``.
        """
        check_is_fitted(self, "kept_")
        found: dict[str, str] = {}
        for name, steps in self.preparations_.items():
            if "impute" not in getattr(steps, "named_steps", {}):
                msg = f"block {name}: its preparation has no step 'impute' that knows the sources"
                raise InputError(msg)
            known = steps.named_steps["impute"].sources()
            found.update({column: known[column] for column in self.kept_[name]})
        return found

    def before_gaps(self, X: Any) -> pd.DataFrame:
        """Return the columns of all blocks as they are before gaps are filled."""
        check_is_fitted(self, "kept_")
        frame, parts = as_frame(X), []
        for name, steps in self.preparations_.items():
            labels = [label for label, _ in steps.steps]
            first, table = (
                steps[: labels.index("impute")],
                columns_of(frame, list(self.blocks[name])),
            )
            parts.append(first.transform(table) if len(first) else table)
        return pd.concat(parts, axis=1)

    def restricted_to(self, names: Sequence[str]) -> EarlyFusion:
        """Return a copy that knows only what it needs for the columns ``names``, each kept.

        Every step of a preparation must be able to do the same, as radpred's are.
        """
        check_is_fitted(self, "kept_")
        wanted = set(names)
        kept = {block: [c for c in held if c in wanted] for block, held in self.kept_.items()}
        kept = {block: held for block, held in kept.items() if held}
        steps = {
            block: Pipeline(
                [(k, s.restricted_to(held)) for k, s in self.preparations_[block].steps]
            )
            for block, held in kept.items()
        }
        blocks = {block: tuple(pipe[0].feature_names_in_) for block, pipe in steps.items()}
        # What it was made with stays behind: it is fitted, and its steps are what counts.
        narrow = EarlyFusion(blocks)
        narrow.preparations_, narrow.kept_ = steps, kept
        narrow.choices_ = {b: self.choices_[b].restricted_to(held) for b, held in kept.items()}
        narrow.feature_names_in_ = np.array([c for own in blocks.values() for c in own], object)
        narrow.n_features_in_ = len(narrow.feature_names_in_)
        return narrow

    def _bound(self, name: str) -> int:
        """Return how many columns a block may keep."""
        return (
            self.n_features if isinstance(self.n_features, int) else self.n_features.get(name, 10)
        )

    def _refuse_bounds(self) -> None:
        """Refuse bounds that belong to no block, or leave none of its columns."""
        named = [] if isinstance(self.n_features, int) else list(self.n_features)
        foreign = [name for name in named if name not in self.blocks]
        low = [name for name in self.blocks if self._bound(name) < 1]
        if foreign or low or not self.blocks:
            msg = (
                f"bounds {self.n_features!r} for the blocks {list(self.blocks)}; wanted is at "
                "least one block, and at least 1 for blocks among these"
            )
            raise SettingsError(msg)

    def _refuse_twice(self) -> None:
        """Refuse a column that two blocks keep."""
        names = pd.Index(self.get_feature_names_out())
        if not names.is_unique:
            twice = names[names.duplicated()].tolist()
            msg = f"several blocks keep {twice[:3]}; let each column belong to one block"
            raise InputError(msg, code="duplicate_columns")


def made(prototype: Any, block: str) -> Any:
    """Return an unfitted estimator for a block: a copy, or what a factory makes of its name."""
    is_estimator = hasattr(prototype, "fit") and not isinstance(prototype, type)
    return clone(prototype) if is_estimator else prototype(block)
