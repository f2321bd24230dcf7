"""Every model is made, tuned and scored as its entry says."""

import joblib
import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor

from radpred.errors import SettingsError
from radpred.model.calibrators import scale_of
from radpred.model.estimators import MODELS, NAIVE, make, model_of, models_for, space_of
from radpred.model.outcome_kind import inner_score
from radpred.model.score import score_model
from radpred.model.tuning import Choice, search
from radpred.model.tuning.at_random import draw
from radpred.model.tuning.grid import points

from .conftest import KINDS, NAMES, PAIRS, made


def test_the_register_holds_every_model_that_is_promised():
    assert set(MODELS) == {
        *("logistic_plain", "logistic", "lasso", "elastic_net", "svm", "svm_linear", "svm_rbf"),
        *("tree", "random_forest", "extra_trees", "knn", "lda", "naive_bayes", "mlp", "xgboost"),
    }


def test_models_of_classes_only_are_not_offered_for_numbers():
    assert set(MODELS) - set(models_for("continuous")) == {"lda", "naive_bayes"}
    assert models_for("binary") == models_for("multiclass") == tuple(MODELS)


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_a_model_is_of_the_kind_of_its_outcome(name, kind):
    assert (is_regressor if kind == "continuous" else is_classifier)(make(name, kind=kind))


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_every_point_of_the_grid_fits_without_a_warning(name, kind):
    X, y = made(kind, n=45)
    for params in points(space_of(name, kind=kind)):
        assert np.isfinite(score_model(make(name, kind=kind, **params).fit(X, y), X)).all()


@pytest.mark.parametrize(("name", "kind"), PAIRS)
@pytest.mark.parametrize("strength", [0.0, 6.0])
def test_points_at_random_fit_noise_and_separated_outcomes_without_a_warning(name, kind, strength):
    X, y = made(kind, n=45, p=20, strength=strength)
    for params in draw(space_of(name, kind=kind, method="tpe"), 3, seed=1) or [{}]:
        assert np.isfinite(score_model(make(name, kind=kind, **params).fit(X, y), X)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_more_columns_than_rows_are_no_trouble(kind):
    X, y = made(kind, n=24, p=40)
    for name in NAMES:
        if kind in model_of(name).outcomes:
            assert np.isfinite(score_model(make(name, kind=kind).fit(X, y), X)).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_scale_of_the_score_is_the_one_of_the_entry(name, fitted):
    assert scale_of(fitted[name, "binary"]) == model_of(name).scale


@pytest.mark.parametrize("name", [n for n in NAMES if not model_of(n).needs_scaling])
def test_a_model_that_needs_no_scaling_splits_alike_on_doubled_columns(name):
    X, y = made("binary")
    one, other = (make(name, 1).fit(table, y) for table in (X, 2.0 * X))
    assert np.array_equal(score_model(one, X), score_model(other, 2.0 * X))


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_the_same_seed_twice_is_identical(name, kind):
    X, y = made(kind)
    one, other = (make(name, 5, kind=kind).fit(X, y) for _ in range(2))
    assert joblib.hash(one) == joblib.hash(other)


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_a_clone_is_the_same_model(name, kind):
    first = make(name, 5, kind=kind)
    assert joblib.hash(clone(first)) == joblib.hash(first)


@pytest.mark.parametrize("name", MODELS)
def test_values_of_the_grid_are_plain(name):
    for params in points(space_of(name)):
        assert all(isinstance(value, int | float | str) for value in params.values())


@pytest.mark.parametrize("name", ["logistic", "xgboost", "mlp"])
def test_tuning_by_tpe_twice_finds_the_same(name):
    X, y = made("binary", n=60)

    def objective(params):
        model = make(name, 0, **params).fit(X.iloc[:40], y[:40])
        return inner_score("binary", score_model(model, X.iloc[40:]), y[40:])

    space = space_of(name, method="tpe")
    one, other = (search(space, objective, method="tpe", budget=8, seed=2) for _ in range(2))
    assert one == other


def test_the_model_without_a_penalty_is_maximum_likelihood():
    sm = pytest.importorskip("statsmodels.api")
    X, y = made("binary", n=120, p=5)
    reference = sm.Logit(y, sm.add_constant(X.to_numpy())).fit(disp=0)
    model = make("logistic_plain").fit(X, y)
    found = [*model.intercept_, *model.coef_[0]]
    np.testing.assert_allclose(found, reference.params, rtol=3e-4, atol=1e-4)


def test_the_lasso_leaves_columns_out_and_the_ridge_does_not():
    X, y = made("binary", n=120)
    kept = {n: np.count_nonzero(make(n, C=0.05).fit(X, y).coef_) for n in ("lasso", "logistic")}
    assert kept["lasso"] < kept["logistic"] == X.shape[1]


def test_boosting_is_the_same_in_every_version():
    model = make("xgboost", 7)
    assert (model.tree_method, model.n_jobs, model.random_state) == ("exact", 1, 7)


def test_the_unit_of_a_number_does_not_change_what_is_learnt():
    X, y = made("continuous")
    for name in models_for("continuous"):
        params = points(space_of(name, kind="continuous"))[-1]
        cm, mm = (make(name, 2, kind="continuous", **params).fit(X, u * y) for u in (1.0, 8.0))
        np.testing.assert_allclose(score_model(mm, X), 8.0 * score_model(cm, X), rtol=1e-3)


def test_the_naive_model_says_prevalence_and_mean():
    for kind, expected in (("binary", 0.5), ("continuous", made("continuous")[1].mean())):
        X, y = made(kind)
        said = score_model(make(NAIVE.name, kind=kind).fit(X.iloc[:, :0], y), X.iloc[:, :0])
        assert said == pytest.approx(expected)


def test_ranges_are_where_the_grid_is():
    for name in MODELS:
        wide = space_of(name, method="tpe")
        for axis, values in space_of(name).items():
            if not isinstance(wide[axis], Choice):
                numbers = [v for v in values.values if not isinstance(v, str)]
                assert wide[axis].low <= min(numbers) <= max(numbers) <= wide[axis].high


def test_an_unknown_model_is_refused_with_the_known_names():
    with pytest.raises(SettingsError, match=r"'cnn'; known are elastic_net"):
        make("cnn")


def test_a_model_of_classes_is_refused_for_numbers():
    with pytest.raises(SettingsError, match="the model lda predicts classes"):
        make("lda", kind="continuous")
