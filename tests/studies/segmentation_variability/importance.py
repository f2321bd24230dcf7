"""How well each feature bears worse masks, and how much it moves the models: are they related?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from scipy.stats import rankdata, spearmanr

from radpred.cohort.split import outer_folds
from radpred.explain import explain
from radpred.model.fitted import Fitted
from radpred.model.rows import cohort_of
from radpred.pipeline.learning.train import fit_fold
from radpred.stages.inputs.shards import planned
from radpred.stages.train import learnable
from radpred.table import read_table
from radpred.table.reliability import Statistic, reliability_by_size

MODEL = "logistic"
DRAWS = 2000
ALIKE = 0.7  # columns whose ranks are closer than this on average are drawn together


def importance(folders: Iterable[Path]) -> pd.DataFrame:
    """Return how much each column moves the models of the outer folds of several runs.

    The models are those of the runs: fitted again, with the same folds and seeds, since a run
    keeps only what they said.

    Returns
    -------
    DataFrame
        Indexed by column: ``mean_abs`` SHAP value on held-out cases, in calibrated log-odds, the
        mean over all models (0 where a model does not keep the column); ``n_kept``, how many do;
        ``n_models``.
    """
    parts, columns = [], []
    for folder in folders:
        for fitted, held_out in fold_models(folder):
            found = explain(fitted, held_out)
            moved = np.abs(found.shap).mean(axis=0)
            parts.append(pd.Series(moved, index=list(found.features)))
            columns = list(fitted.columns)
    table = pd.DataFrame(parts).reindex(columns=columns)
    return pd.DataFrame(
        {
            "mean_abs": table.fillna(0.0).mean(),
            "n_kept": table.notna().sum(),
            "n_models": len(table),
        }
    )


def fold_models(folder: Path) -> Iterator[tuple[Fitted, pd.DataFrame]]:
    """Yield the model of each outer fold of a run, and the cases that it was not fitted on."""
    design = planned(folder / "study.json").learning
    data = learnable(folder / "features.parquet", folder / "cohort.parquet")
    cohort = cohort_of(data.X, data.y, data.groups)
    splits = outer_folds(
        cohort.y,
        cohort.groups,
        n_folds=design.outer_folds,
        repeats=design.n_repeats,
        seed=design.seed,
    )
    for split in splits:
        yield (
            fit_fold([MODEL], cohort, split, design=design)[MODEL],
            cohort.X.iloc[split.test],
        )


def stability(
    given: Path, redrawn: Mapping[float, Path], statistic: Statistic = "icc_1_1"
) -> pd.DataFrame:
    """Return how well each column on redrawn masks repeats that on given ones, by Dice.

    Returns
    -------
    DataFrame
        As of `radpred.table.reliability.reliability_by_size`.
    """
    frames = {
        size: pd.concat([features_of(given, variant=0), features_of(folder, variant=1)])
        for size, folder in redrawn.items()
    }
    return reliability_by_size(frames, statistic)


def features_of(folder: Path, *, variant: int) -> pd.DataFrame:
    """Return the features of a run, indexed by case and variant."""
    table = read_table(folder / "features.parquet")[0]
    return table.assign(variant=variant).set_index(["case_id", "variant"])


def rank_correlation(
    one: pd.Series, two: pd.Series, groups: pd.Series, *, rng: np.random.Generator
) -> tuple[float, float, float]:
    """Return Spearman's coefficient of two numbers a column, with a 95 % interval.

    The interval is of percentiles over draws of groups of columns: columns that say the same are
    not counted as several.
    """
    known = one.notna() & two.notna()
    x, y = rankdata(one[known]), rankdata(two[known])
    places = [np.flatnonzero(groups[known] == group) for group in groups[known].unique()]
    drawn = []
    for _ in range(DRAWS):
        picked = rng.integers(len(places), size=len(places))
        rows = np.concatenate([places[i] for i in picked])
        if np.ptp(y[rows]) > 0 and np.ptp(x[rows]) > 0:
            drawn.append(spearmanr(x[rows], y[rows]).statistic)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(spearmanr(x, y).statistic), float(low), float(high)


def alike(features: pd.DataFrame) -> pd.Series:
    """Return a group for each column: those whose ranks over the cases are close.

    Average linkage of 1 - |Spearman's coefficient|, cut where columns are on average closer than
    0.7. Constant columns stand alone.
    """
    ranks = features.rank().corr().abs().fillna(0.0).to_numpy()
    apart = np.clip(1 - (ranks + ranks.T) / 2, 0, 1)
    np.fill_diagonal(apart, 0.0)
    tree = linkage(squareform(apart, checks=False), method="average")
    return pd.Series(fcluster(tree, 1 - ALIKE, criterion="distance"), index=features.columns)
