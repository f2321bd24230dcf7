"""Blocks and fusions beside the other models, fitted as they are."""

import joblib
import numpy as np
import pytest
from sklearn.base import clone

from radpred.errors import InputError, SettingsError
from radpred.model import Search, fit_all
from radpred.model.assurance import Assurance
from radpred.model.fusion import Block, LateFusion, blocks_of
from radpred.model.fusion.plan import Fusion, block_name, without_name
from radpred.model.recipes import chain
from radpred.model.score import score_chain

BLOCKS = (
    Block(name="tumour", region=("tumour",)),
    Block(name="ring", region=("ring",)),
    Block(name="clinic", clinical=("*",)),
)
PLAN = Fusion(blocks=BLOCKS, kinds=("early", "late"), n_features={"tumour": 4, "ring": 3})
SEARCH = Search(n_inner_folds=3, n_features=(5,), fusion=PLAN, seed=7)
NAMES = [*PLAN.fusions, *PLAN.alone, *PLAN.without]


@pytest.fixture(scope="module")
def fitted(table):
    """Return every model that blocks give."""
    return fit_all(NAMES, table.X, table.y, groups=table.groups, search=SEARCH)


def test_late_fusion_of_inner_folds_equals_late_fusion_fitted_on_the_same_folds(fitted, table):
    params = {name: fitted[block_name(name)].params for name in ("tumour", "ring", "clinic")}
    own = blocks_of(table.X.columns, BLOCKS)
    whole = LateFusion(
        own,
        lambda name: clone(chain("logistic", params[name], seed=SEARCH.seed)),
        n_inner_folds=3,
        seed=SEARCH.seed,
    )
    whole.fit(table.X, table.y, groups=table.groups)
    found = fitted["late_fusion"].chain[-1]
    # Rows come fold by fold here and in their own order there, so that sums differ in a last bit.
    assert found.slopes_ == pytest.approx(whole.slopes_, rel=1e-9)
    said = fitted["late_fusion"].score(table.X)
    assert said == pytest.approx(whole.decision_function(table.X), abs=1e-9)


def test_a_block_alone_is_the_model_on_its_columns(fitted, table):
    columns = [*blocks_of(table.X.columns, BLOCKS)["ring"]]
    alone = fit_all(
        ["logistic"],
        table.X[columns],
        table.y,
        groups=table.groups,
        search=Search(n_inner_folds=3, n_features=(5,), seed=7),
    )["logistic"]
    own = fitted[block_name("ring")]
    assert own.params == alone.params
    assert np.array_equal(own.probability(table.X), alone.probability(table.X))


def test_early_fusion_bounds_each_block(fitted):
    kept = fitted["early_fusion"].chain.named_steps["fusion"].kept_
    assert {name: len(own) for name, own in kept.items() if name != "clinic"} == {
        "tumour": 4,
        "ring": 3,
    }


@pytest.mark.parametrize("fusion", PLAN.fusions)
def test_a_fusion_without_a_block_looks_at_none_of_its_columns(fusion, fitted, table):
    model = fitted[without_name(fusion, "clinic")]
    clinical = [name for name in table.X.columns if name.startswith("clinical__")]
    spoiled = table.X.drop(columns=clinical)
    assert np.array_equal(model.score(spoiled), model.score(table.X))


def test_early_fusion_without_a_block_keeps_what_the_others_keep(fitted):
    def kept(name):
        return fitted[name].chain.named_steps["fusion"].kept_

    less = kept(without_name("early_fusion", "ring"))
    assert less == {k: v for k, v in kept("early_fusion").items() if k != "ring"}


def test_held_out_scores_of_late_fusion_are_of_chains_that_did_not_see_the_rows(fitted, table):
    model = fitted["late_fusion"]
    held, order = model.held_out, np.argsort(table.X.index)
    for fold, part in enumerate(model.conformal.folds):
        rows = held.rows[held.folds == fold]
        X = table.X.iloc[order[rows]]
        assert np.array_equal(score_chain(part.chain, X), held.scores[held.folds == fold])
        patients = table.groups[order]
        assert not set(patients[rows]) & set(patients[part.fitted_rows])


def test_a_fitted_fusion_names_no_patient_and_no_case(fitted, tmp_path):
    for name in NAMES:
        joblib.dump(fitted[name].chain, tmp_path / "chain")
        data = (tmp_path / "chain").read_bytes()
        assert b"patient_" not in data
        assert b"case_0" not in data


def test_leave_one_patient_out_refits_the_blocks_with_the_same_weights(table):
    some = np.arange(40)
    models = fit_all(
        ["late_fusion", "early_fusion", without_name("early_fusion", "ring")],
        table.X.iloc[some],
        table.y[some],
        groups=table.groups[some],
        search=SEARCH,
        assurance=Assurance(conformal="leave_one_out"),
    )
    for model in models.values():
        assert len(model.conformal.folds) == 20
    late = models["late_fusion"]
    assert {tuple(f.chain[-1].slopes_.items()) for f in late.conformal.folds} == {
        tuple(late.chain[-1].slopes_.items())
    }


def test_a_block_without_columns_is_named(table):
    plan = Fusion(blocks=(*BLOCKS, Block(name="deep", tables=("deep",))))
    with pytest.raises(InputError, match="deep") as error:
        fit_all(
            ["late_fusion"],
            table.X,
            table.y,
            groups=table.groups,
            search=Search(n_inner_folds=3, fusion=plan),
        )
    assert error.value.code == "empty_block"


def test_a_fusion_without_blocks_is_refused(table):
    with pytest.raises(SettingsError, match="name blocks"):
        fit_all(["late_fusion"], table.X, table.y, groups=table.groups, search=Search())
