"""A bundle gives back what was put in, runs nothing foreign, and refuses other columns."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.pipeline import Pipeline

from radpred.config import StudySettings
from radpred.deploy import Bundle, Predictor, load_predictor, read_bundle, write_bundle
from radpred.deploy.bundle import read_fitted, reference_of, write_fitted
from radpred.errors import BundleError
from radpred.model import CANDIDATES, Search, fit_all
from radpred.model.calibrators import METHODS, fit_calibrator

STUDY = {"name": "made", "outcome": {"column": "event", "clinical": ["grade"]}}


class Foreign:
    """A step that a radpred model never has."""

    def fit(self, X, y=None):
        return self


@pytest.fixture(scope="module")
def table() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return features with a gap and a word, outcomes and patients."""
    rng = np.random.default_rng(8)
    y = np.arange(50) % 2
    names = [f"tumour__original_glcm_Feature{i}" for i in range(12)]
    index = pd.Index([f"c{i}" for i in range(50)], name="case_id")
    X = pd.DataFrame(rng.normal(size=(50, 12)), columns=names, index=index)
    X.iloc[:, 0] += 1.5 * y
    X.iloc[3, 1] = np.nan
    X["clinical__grade"] = np.where(rng.random(50) < 0.3 + 0.4 * y, "high", "low").astype(object)
    return X, y, np.array([f"p{i}" for i in range(50)])


@pytest.fixture(scope="module")
def models(table):
    """Return every candidate, fitted."""
    X, y, groups = table
    return fit_all(CANDIDATES, X, y, groups=groups, search=Search(n_inner_folds=3, n_features=(4,)))


@pytest.fixture(params=CANDIDATES)
def bundle(request, models, table) -> Bundle:
    """Return a bundle of one candidate after the other."""
    return Bundle(
        fitted=models[request.param],
        study=StudySettings.model_validate(STUDY),
        modalities=("",),
        reference=reference_of(table[0]),
        record={"versions": {}},
    )


@pytest.fixture
def path(bundle, tmp_path):
    """Return the bundle as a file."""
    write_bundle(bundle, tmp_path / "model.radpred")
    return tmp_path / "model.radpred"


@pytest.fixture
def lr_path(models, table, tmp_path):
    """Return a bundle of the elastic net as a file."""
    bundle = Bundle(
        fitted=models["elastic_net"],
        study=StudySettings.model_validate(STUDY),
        modalities=("",),
        reference=reference_of(table[0]),
        record={},
    )
    write_bundle(bundle, tmp_path / "model.radpred")
    return tmp_path / "model.radpred"


def rewritten(path, **members: bytes):
    """Replace members of a zip."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**content, **members}.items():
            archive.writestr(name, data)


def test_answers_survive_the_file_to_the_last_bit(path, bundle, table):
    before, after = Predictor(bundle).predict(table[0]), load_predictor(path).predict(table[0])
    pd.testing.assert_frame_equal(before, after, check_exact=True)


@pytest.mark.parametrize("method", METHODS)
def test_every_calibrator_survives_the_file(method, models, table, tmp_path):
    scores = models["elastic_net"].score(table[0])
    calibrator = fit_calibrator(method, scores, table[1], folds=np.arange(len(scores)) % 3)
    fitted = replace(models["elastic_net"], calibrator=calibrator)
    write_fitted(fitted, tmp_path / "fitted.zip")
    back = read_fitted(tmp_path / "fitted.zip")
    assert back.calibrator == calibrator
    assert np.array_equal(back.probability(table[0]), fitted.probability(table[0]))


def test_a_case_alone_gets_what_it_gets_in_company(path, table):
    predictor = load_predictor(path)
    together = predictor.predict(table[0])
    alone = pd.concat([predictor.predict(table[0].iloc[[i]]) for i in range(10)])
    pd.testing.assert_frame_equal(together.iloc[:10], alone, check_exact=True)


def test_a_case_alone_is_explained_as_in_company(path, table):
    predictor = load_predictor(path)
    together = predictor.explain(table[0])["cases"][4]
    assert predictor.explain(table[0].iloc[[4]])["cases"][0] == together


def test_the_order_of_columns_does_not_matter(lr_path, table):
    predictor = load_predictor(lr_path)
    turned = table[0][list(table[0].columns)[::-1]]
    pd.testing.assert_frame_equal(predictor.predict(table[0]), predictor.predict(turned))


def test_no_member_is_a_pickle(path):
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with pytest.raises(
                (pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError)
            ):
                pickle.loads(archive.read(name))


def test_a_changed_member_is_refused(lr_path):
    rewritten(lr_path, **{"fitted.json": b"{}"})
    with pytest.raises(BundleError, match=r"fitted\.json is missing or was changed"):
        read_bundle(lr_path)


def test_a_foreign_type_is_refused_even_with_the_right_hash(lr_path):
    import hashlib

    chain = skops.io.dumps(Pipeline([("model", Foreign())]))
    with zipfile.ZipFile(lr_path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    manifest["sha256"]["chain.skops"] = hashlib.sha256(chain).hexdigest()
    members = {"chain.skops": chain, "manifest.json": json.dumps(manifest).encode()}
    rewritten(lr_path, **members)
    with pytest.raises(BundleError, match="types that a radpred model never has"):
        read_bundle(lr_path)


def test_a_file_cut_short_is_refused(lr_path):
    lr_path.write_bytes(lr_path.read_bytes()[:500])
    with pytest.raises(BundleError, match="cut short"):
        read_bundle(lr_path)


def test_a_later_format_asks_for_a_later_radpred(lr_path):
    with zipfile.ZipFile(lr_path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    rewritten(lr_path, **{"manifest.json": json.dumps({**manifest, "format": 99}).encode()})
    with pytest.raises(BundleError, match="update radpred"):
        read_bundle(lr_path)


def test_a_table_without_a_column_is_refused(lr_path, table):
    with pytest.raises(BundleError, match="1 missing"):
        load_predictor(lr_path).predict(table[0].drop(columns=table[0].columns[2]))


def test_a_table_from_other_settings_is_refused(lr_path, table):
    other = table[0].assign(**{"ring_0_9mm__original_glcm_Feature1": 0.0})
    with pytest.raises(BundleError, match="1 unknown"):
        load_predictor(lr_path).predict(other)


def test_a_case_far_from_training_is_warned_about(lr_path, table):
    far = table[0].iloc[[0]].copy()
    far.iloc[0, :12] = 1e4
    assert "outside the training range" in load_predictor(lr_path).predict(far)["warnings"].iloc[0]


def test_a_training_case_is_not_warned_about(lr_path, table):
    assert (load_predictor(lr_path).predict(table[0])["warnings"] == "").all()


def test_a_value_that_no_training_case_lacked_is_warned_about(lr_path, table):
    gap = table[0].iloc[[0]].copy()
    gap.iloc[0, 5] = np.nan
    assert "1 columns are missing" in load_predictor(lr_path).predict(gap)["warnings"].iloc[0]


def test_something_else_is_not_a_model(tmp_path):
    path = tmp_path / "model.radpred"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", io.BytesIO(b"x").getvalue())
    with pytest.raises(BundleError, match="holds no manifest"):
        read_bundle(path)
