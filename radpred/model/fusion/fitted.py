"""Blocks and their fusions through the inner folds, each in the shape of a tuned model.

A block's model is tuned as any other. Late fusion weighs what the inner chains of the blocks say of
rows that they did not see; nothing is fitted for it anew. Early fusion makes each block ready
in every inner fold, and tunes one model on what the blocks keep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from radpred.cohort.split import Split
from radpred.errors import InputError, SettingsError
from radpred.model.assurance import Bench, Refit, bench_of
from radpred.model.ensembles.blend import KeepAsked
from radpred.model.fusion.blocks import blocks_of
from radpred.model.fusion.combine import combine
from radpred.model.fusion.early import EarlyFusion
from radpred.model.fusion.late import LateFusion
from radpred.model.fusion.plan import (
    FUSIONS,
    Fusion,
    block_of,
    fusion_of,
    is_of_fusion,
)
from radpred.model.outcome_kind import inner_score
from radpred.model.prune import pruned
from radpred.model.recipes import chooser, first_steps, recipe_of, space
from radpred.model.rows import Cohort
from radpred.model.score import score_model
from radpred.model.tune import Prepared, Search, Tuned, finish, prepare, tune
from radpred.model.tuning import Params
from radpred.model.tuning import search as search_in
from radpred.table.bags import is_bag
from radpred.table.columns import of_regions

Array = NDArray[np.float64]
Columns = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Fused:
    """A tuned model on blocks, fitted on all rows: where it was made, and how on others."""

    tuned: Tuned
    whole: Pipeline
    bench: Bench
    refit: Refit


def fused(
    names: Sequence[str], cohort: Cohort, splits: list[Split], *, search: Search
) -> dict[str, Fused]:
    """Return those of ``names`` that are blocks, fusions, or fusions that lack a block.

    Parameters
    ----------
    names : sequence of str
        Of all models; others than `radpred.model.fusion.plan` names are passed over.
    cohort : Cohort
        All rows.
    splits : list of Split
        The inner folds.
    search : Search
        How models are tuned, and in ``fusion`` what the blocks are.

    Raises
    ------
    SettingsError
        Such a model is named, and no blocks are given.
    InputError
        ``empty_block``: a block without a column. ``bad_outcome``: late fusion of an outcome of
        another kind than binary.
    """
    wanted = [name for name in names if is_of_fusion(name)]
    if not wanted:
        return {}
    if search.fusion is None:
        msg = f"{', '.join(wanted)}: made of blocks, and there are none; name blocks of columns"
        raise SettingsError(msg)
    offered = of_regions(cohort.X.columns, search.regions)
    blocks = blocks_of(offered, search.fusion.blocks)
    shop = _Shop(cohort=cohort, splits=splits, search=search, plan=search.fusion, blocks=blocks)
    kinds = {FUSIONS.get(fusion_of(name)) for name in wanted}
    members = {} if kinds == {"early"} else {block: shop.alone(block) for block in blocks}
    early = shop.early() if "early" in kinds else None
    made = {}
    for name in wanted:
        if fusion_of(name) == "late_fusion":
            made[name] = _late({b: m for b, m in members.items() if b != block_of(name)}, shop)
        elif fusion_of(name) and early is not None:
            made[name] = shop.tuned_early(early, without=block_of(name))
        else:
            made[name] = members[block_of(name)]
    return made


@dataclass(frozen=True, kw_only=True)
class _Shop:
    """What all models on blocks of a cohort share."""

    cohort: Cohort
    splits: list[Split]
    search: Search
    plan: Fusion
    blocks: Mapping[str, Columns]

    def alone(self, block: str) -> Fused:
        """Return the model on one block, tuned as any other."""
        search = _search_of(self.blocks[block], self.search)
        bench = self._bench(self.blocks[block], first_steps("features", **_first(search)))
        try:
            tuned = tune(self.plan.model, bench.inner, search=search)
        except InputError as error:
            raise InputError(f"block {block}: {error}", code=error.code) from error
        refit = partial(finish, self.plan.model, tuned.params, search=search)
        return Fused(tuned=tuned, whole=refit(bench.whole), bench=bench, refit=refit)

    def early(self) -> Bench:
        """Return the blocks made ready and joined, in each inner training part and on all rows."""
        search = self.search
        searches = {name: _search_of(columns, search) for name, columns in self.blocks.items()}
        joined = EarlyFusion(
            self.blocks,
            preparation=partial(_preparation, searches),
            n_features=self.plan.n_features,
            choice=chooser(search.selection, 1, seed=search.seed, patients=search.patients),
        )
        return self._bench(self._columns(self.blocks), [("fusion", joined)])

    def tuned_early(self, bench: Bench, *, without: str = "") -> Fused:
        """Return the model behind blocks that were joined, all of them or without one."""
        if without:
            less = partial(_less, without=without)
            bench = replace(
                bench, inner=[less(part) for part in bench.inner], whole=less(bench.whole)
            )
        tuned = _tuned_last(self.plan.model, bench.inner, search=self.search)

        def refit(part: Prepared) -> Pipeline:
            """Return the same model on other rows."""
            is_whole = without and without in part.first[-1].kept_
            own = _less(part, without=without) if is_whole else part
            return _with_model(self.plan.model, tuned.params, own, search=self.search)

        return Fused(tuned=tuned, whole=refit(bench.whole), bench=bench, refit=refit)

    def passed(self, blocks: Sequence[str]) -> Bench:
        """Return the columns of some blocks as they came."""
        columns = self._columns(blocks)
        return self._bench(columns, [("columns", KeepAsked(columns))])

    def _columns(self, blocks: Sequence[str] | Mapping[str, Columns]) -> Columns:
        """Return the columns of some blocks, in the order of the table."""
        held = {column for block in blocks for column in self.blocks[block]}
        return tuple(name for name in self.cohort.X.columns if name in held)

    def _bench(self, columns: Columns, steps: Sequence[tuple[str, Any]]) -> Bench:
        """Fit first steps on each inner training part and on all rows."""
        return bench_of(self.cohort, columns, steps, self.splits)


def _late(members: Mapping[str, Fused], shop: _Shop) -> Fused:
    """Return the fusion of models on blocks, by what they said of rows that they did not see.

    Each inner fold is scored by weights that did not see its outcomes.
    """
    if shop.search.kind != "binary":
        msg = (
            f"late fusion adds up log-odds of one event, and the outcome is {shop.search.kind}; "
            "take early fusion"
        )
        raise InputError(msg, code="bad_outcome")
    bench = shop.passed(list(members))
    y = [part.y_held_out for part in bench.inner]
    held = [np.column_stack([m.tuned.scores[k] for m in members.values()]) for k in range(len(y))]
    joined = partial(_joined, members, held=held, y=y, plan=shop.plan)
    parts = [
        joined([m.tuned.chains[k] for m in members.values()], without=k) for k in range(len(y))
    ]
    scores = tuple(chain[-1].joined_scores(said) for chain, said in zip(parts, held, strict=True))
    whole = joined([member.whole for member in members.values()])
    judged = [
        inner_score(shop.search.kind, said, true) for said, true in zip(scores, y, strict=True)
    ]
    tuned = Tuned(
        params=dict(whole[-1].weights_),
        inner_score=float(np.mean(judged)),
        chains=tuple(parts),
        scores=scores,
    )
    refit = partial(_late_again, members, whole[-1])
    return Fused(tuned=tuned, whole=whole, bench=bench, refit=refit)


def _joined(
    members: Mapping[str, Fused],
    chains: Sequence[Pipeline],
    *,
    held: Sequence[Array],
    y: Sequence[NDArray[Any]],
    plan: Fusion,
    without: int | None = None,
) -> Pipeline:
    """Return ``chains`` joined by the held-out scores of all folds, or of all but one."""
    folds = [fold for fold in range(len(y)) if fold != without]
    found = combine(
        np.concatenate([held[fold] for fold in folds]),
        np.concatenate([y[fold] for fold in folds]),
        method=plan.method,
        pull=plan.pull,
    )
    own = {name: pruned(chain) for name, chain in zip(members, chains, strict=True)}
    return _late_chain(LateFusion.of(own, found, method=plan.method, pull=plan.pull))


def _late_again(members: Mapping[str, Fused], model: LateFusion, part: Prepared) -> Pipeline:
    """Return the same sum of the blocks' models, fitted on other rows."""
    everyone = np.arange(len(part.y_train))
    split = Split(repeat=0, fold=0, train=everyone, test=everyone[:0])
    chains = {}
    for name, member in members.items():
        own = part.train.loc[:, list(member.bench.columns)]
        ready = prepare(member.bench.first, own, part.y_train, split=split)
        chains[name] = pruned(member.refit(ready))
    return _late_chain(model.with_chains(chains))


def _late_chain(model: LateFusion) -> Pipeline:
    """Return the chain of a late fusion: the columns that its blocks take, and their sum."""
    keep = KeepAsked().restricted_to(model.feature_names_in_.tolist())
    return Pipeline([("columns", keep), ("model", model)])


def _search_of(columns: Columns, search: Search) -> Search:
    """Return how a block's model is tuned: steps that make habitats only where it holds them."""
    return search if any(is_bag(name) for name in columns) else replace(search, before=())


def _first(search: Search) -> dict[str, Any]:
    """Return what the first steps take of a search."""
    names = ("correlation_limit", "before", "stable", "harmonise", "selection")
    return {name: getattr(search, name) for name in names}


def _preparation(searches: Mapping[str, Search], block: str) -> Pipeline:
    """Return the unfitted steps that make a block ready."""
    steps = first_steps("features", **_first(searches[block]))
    return Pipeline([(label, clone(step)) for label, step in steps])


def _less(part: Prepared, *, without: str) -> Prepared:
    """Return joined blocks without one of them; each was made ready by itself."""
    fusion = part.first[-1]
    kept = [name for block, own in fusion.kept_.items() if block != without for name in own]
    return replace(
        part,
        first=Pipeline([("fusion", fusion.restricted_to(kept))]),
        train=part.train.loc[:, kept],
        held_out=part.held_out.loc[:, kept],
    )


def _tuned_last(name: str, parts: Sequence[Prepared], *, search: Search) -> Tuned:
    """Return the best parameters of a model behind columns that are chosen already."""
    best: list[Tuned] = []

    def objective(params: Params) -> float:
        """Return the mean inner score of one point, and keep the best."""
        chains = tuple(_with_model(name, params, part, search=search) for part in parts)
        both = list(zip(chains, parts, strict=True))
        scores = tuple(score_model(chain[-1], part.held_out) for chain, part in both)
        judged = [
            inner_score(search.kind, said, part.y_held_out)
            for said, part in zip(scores, parts, strict=True)
        ]
        found = Tuned(
            params=params, inner_score=float(np.mean(judged)), chains=chains, scores=scores
        )
        if not best or found.inner_score > best[0].inner_score:
            best[:] = [found]
        return found.inner_score

    axes = dict(space(name, n_features=(1,), kind=search.kind, method=search.method))
    del axes["n_features"]  # each block has its bound
    search_in(axes, objective, budget=search.budget, seed=search.seed, method=search.method)
    return best[0]


def _with_model(name: str, params: Params, part: Prepared, *, search: Search) -> Pipeline:
    """Return the whole chain of a model behind columns that are chosen already."""
    model = recipe_of(name).maker(search.kind).make(search.seed, **params)
    return Pipeline([*part.first.steps, ("model", model.fit(part.train, part.y_train))])
