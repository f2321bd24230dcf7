"""One column of each cluster stays."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.cluster import AgglomerativeClustering

from radpred.errors import SettingsError
from radpred.model.selection.clustered import KeepOfClusters


@pytest.fixture
def blurred(rng):
    """Return 60 columns that are noisy, partly coarse copies of 15."""
    base = rng.normal(size=(40, 15))
    values = base[:, rng.integers(0, 15, 60)] + 0.25 * rng.normal(size=(40, 60))
    values[:, ::4] = np.round(values[:, ::4])
    return pd.DataFrame(values, columns=[f"f{i}" for i in range(60)])


@pytest.mark.parametrize("limit", [0.5, 0.8])
@pytest.mark.parametrize("linkage", ["average", "complete", "single"])
def test_clusters_are_those_of_scikit_learn(blurred, linkage, limit):
    apart = 1 - blurred.corr(method="spearman").abs().to_numpy()
    theirs = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage=linkage, distance_threshold=1 - limit
    ).fit(apart)
    ours = KeepOfClusters(limit, linkage).fit(blurred).cluster_
    pairs = set(zip(ours, theirs.labels_, strict=True))
    assert len(pairs) == len(set(ours)) == theirs.n_clusters_


def test_all_pairs_of_a_complete_cluster_reach_the_limit(blurred):
    rho = blurred.corr(method="spearman").abs().to_numpy()
    cluster = KeepOfClusters(0.7, "complete").fit(blurred).cluster_
    assert (rho[cluster[:, None] == cluster] >= 0.7 - 1e-12).all()


def test_the_column_nearest_to_the_others_of_its_cluster_speaks_for_it(blurred):
    rho = blurred.corr(method="spearman").abs()
    step = KeepOfClusters(0.6).fit(blurred)
    for name in step.kept_:
        members = blurred.columns[step.cluster_ == step.cluster_[blurred.columns.get_loc(name)]]
        if len(members) > 2:
            assert rho.loc[members, members].sum().idxmax() == name


def test_the_first_may_speak_instead(blurred):
    step = KeepOfClusters(0.6, speaker="first").fit(blurred)
    firsts = [blurred.columns[step.cluster_ == i][0] for i in range(step.cluster_.max() + 1)]
    assert step.kept_ == sorted(firsts, key=lambda name: int(name[1:]))


def test_of_two_alike_the_first_stays_and_an_opposite_is_alike(rng):
    x = rng.normal(size=30)
    table = pd.DataFrame({"plain": x, "derived": -np.exp(x), "other": rng.normal(size=30)})
    assert KeepOfClusters(0.9).fit(table).kept_ == ["plain", "other"]


def test_a_constant_column_is_a_cluster_of_its_own(rng):
    table = pd.DataFrame({"a": rng.normal(size=30), "flat": 1.0, "even": 2.0})
    assert KeepOfClusters(0.9).fit(table).kept_ == ["a", "flat", "even"]


@pytest.mark.parametrize("p", [1, 2])
def test_one_or_two_columns_do(rng, p):
    table = pd.DataFrame(rng.normal(size=(30, p)))
    assert len(KeepOfClusters(0.9).fit(table).kept_) == p


def test_the_order_of_rows_and_the_outcome_decide_nothing(blurred, rng):
    expected = KeepOfClusters(0.6).fit(blurred).kept_
    for _ in range(3):
        order = rng.permutation(40)
        assert KeepOfClusters(0.6).fit(blurred.iloc[order], order % 2).kept_ == expected


def test_the_step_can_be_cloned_and_names_its_columns(blurred):
    step = clone(KeepOfClusters(0.4)).fit(blurred)
    assert step.transform(blurred).columns.tolist() == step.get_feature_names_out().tolist()


@pytest.mark.parametrize("options", [{"linkage": "ward"}, {"speaker": "last"}])
def test_an_unknown_way_is_refused(blurred, options):
    with pytest.raises(SettingsError, match="average, complete, single and medoid, first"):
        KeepOfClusters(**options).fit(blurred)
