"""Every calibrator and every kind of prediction set survives the file, and answers say why."""

import json
import zipfile

import numpy as np
import pandas as pd
import pytest

from radpred.config import StudySettings
from radpred.deploy import Bundle, Predictor, load_predictor, read_bundle, write_bundle
from radpred.deploy.bundle import reference_of
from radpred.errors import BundleError
from radpred.model import Search, fit
from radpred.model.assurance import Assurance
from radpred.model.calibrators import METHODS
from radpred.model.conformal import METHODS as FOLDS
from radpred.model.conformal import TAXONOMIES
from radpred.pipeline.learning.assurance import assurance_of, strata_of

N = 48
SEARCH = Search(n_inner_folds=2, n_features=(3,))


@pytest.fixture(scope="module")
def table():
    """Return features with a clinical column, outcomes, and the site of each case."""
    rng = np.random.default_rng(5)
    y = np.arange(N) % 2
    index = pd.Index([f"c{i:02d}" for i in range(N)], name="case_id")
    names = [f"tumour__original_glcm_F{i}" for i in range(5)]
    X = pd.DataFrame(rng.normal(size=(N, 5)), columns=names, index=index)
    X.iloc[:, 0] += 1.5 * y
    X["clinical__sex"] = np.where(np.arange(N) % 4 < 2, 1.0, 2.0)
    return X, y, pd.Series(np.where(np.arange(N) % 6 < 3, "A", "B"), index=index)


def bundled(table, **learning) -> Bundle:
    """Return a bundle of a study with these settings."""
    X, y, site = table
    study = StudySettings.model_validate(
        {
            "name": "made",
            "outcome": {"column": "event", "clinical": ["sex"]},
            "learning": {"models": ["elastic_net"], **learning},
        }
    )
    fitted = fit(
        "elastic_net",
        X,
        y,
        groups=np.arange(N).astype(str),
        search=SEARCH,
        assurance=assurance_of(study.learning),
        strata=strata_of(study.learning.conformal, X, site),
    )
    return Bundle(
        fitted=fitted, study=study, modalities=("",), reference=reference_of(X), record={}
    )


def again(bundle: Bundle, folder) -> Predictor:
    """Return what comes back from the file."""
    write_bundle(bundle, folder / "model.radpred")
    return load_predictor(folder / "model.radpred")


@pytest.mark.parametrize("calibration", METHODS)
def test_every_calibration_survives_the_file_to_the_last_bit(calibration, table, tmp_path):
    bundle = bundled(table, calibration=calibration)
    before = Predictor(bundle).predict(table[0])
    pd.testing.assert_frame_equal(
        before, again(bundle, tmp_path).predict(table[0]), check_exact=True
    )


@pytest.mark.parametrize("by", TAXONOMIES)
@pytest.mark.parametrize("method", FOLDS)
def test_every_kind_of_set_survives_the_file_to_the_last_bit(by, method, table, tmp_path):
    X, _, site = table
    bundle = bundled(table, conformal={"by": by, "method": method})
    before = Predictor(bundle).predict(X, site=site)
    after = again(bundle, tmp_path).predict(X, site=site)
    pd.testing.assert_frame_equal(before, after, check_exact=True)


@pytest.mark.parametrize("calibration", ["venn_abers", "cross_venn_abers"])
def test_venn_abers_tells_how_far_one_more_patient_could_move_the_risk(calibration, table):
    answers = Predictor(bundled(table, calibration=calibration)).predict(table[0])
    assert (answers["calibration_low"] <= answers["probability"]).all()
    assert (answers["probability"] <= answers["calibration_high"]).all()


def test_other_calibrations_tell_no_such_interval(table):
    answers = Predictor(bundled(table, calibration="beta")).predict(table[0])
    assert not {"calibration_low", "unseen_group"} & set(answers.columns)


def test_a_case_of_an_unknown_site_is_flagged_and_answered_as_all(table):
    X, _, site = table
    predictor = Predictor(bundled(table, conformal={"by": "site"}))
    known = predictor.predict(X, site=site)
    assert not known["unseen_group"].any()
    elsewhere = predictor.predict(X, site=pd.Series("Z", index=X.index))
    assert elsewhere["unseen_group"].all()
    assert elsewhere["warnings"].str.contains("of the site or group 'Z'").all()
    assert elsewhere["set_reason"].str.contains("compared with 'all'").all()


def test_without_a_site_a_case_counts_as_unknown(table):
    predictor = Predictor(bundled(table, conformal={"by": "site", "unknown": "full"}))
    answers = predictor.predict(table[0])
    assert answers["unseen_group"].all()
    assert (answers["set_80"] == "0 1").all()


def test_a_group_is_a_clinical_column_of_the_case(table):
    X = table[0]
    predictor = Predictor(bundled(table, conformal={"by": "group_class", "group": "sex"}))
    assert not predictor.predict(X)["unseen_group"].any()
    other = predictor.predict(X.assign(clinical__sex=3.0))
    assert other["unseen_group"].all()


def test_a_set_that_too_few_rows_keep_full_says_so_with_the_levels(table):
    answers = Predictor(bundled(table, confidence_levels=[0.8, 0.99])).predict(table[0])
    assert (answers["set_99"] == "0 1").all()
    first = answers["set_reason"].iloc[0]
    assert first.startswith("99 %: calibration set too small: 24 rows in 'class=0', 99 needed")
    assert "80 %" not in first


def test_sets_of_higher_levels_hold_those_of_lower_ones(table):
    X, _, site = table
    answers = Predictor(bundled(table, conformal={"by": "site"})).predict(X, site=site)
    lower, higher = (answers[name].str.split().map(set) for name in ("set_80", "set_95"))
    assert all(low <= high for low, high in zip(lower, higher, strict=True))


def test_a_case_alone_gets_what_it_gets_in_company(table):
    X, _, site = table
    predictor = Predictor(bundled(table, conformal={"by": "site"}, calibration="isotonic"))
    together = predictor.predict(X, site=site)
    alone = pd.concat([predictor.predict(X.iloc[[i]], site=site) for i in range(5)])
    pd.testing.assert_frame_equal(together.iloc[:5], alone, check_exact=True)


@pytest.mark.parametrize("calibration", ["isotonic", "cross_venn_abers"])
def test_a_model_calibrated_by_a_curve_is_explained_on_its_own_score(calibration, table):
    predictor = Predictor(bundled(table, calibration=calibration))
    record = predictor.explain(table[0])
    assert record["scale"] == "score of the model before calibration"
    assert "before calibration" in record["note"]


def test_a_model_of_the_first_format_is_refused_by_name(table, tmp_path):
    path = tmp_path / "old.radpred"
    write_bundle(bundled(table), path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = {**json.loads(members["manifest.json"]), "format": 1, "radpred": "0.4.0"}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**members, "manifest.json": json.dumps(manifest)}.items():
            archive.writestr(name, data)
    with pytest.raises(BundleError, match=r"format 1.*train it again.*radpred 0\.4\.0") as caught:
        read_bundle(path)
    assert caught.value.code == "old_format"


def test_what_a_bundle_does_not_keep_is_not_there_when_it_comes_back(table, tmp_path):
    bundle = bundled(table)
    assert bundle.fitted.held_out is not None
    assert again(bundle, tmp_path).bundle.fitted.held_out is None
    assert Assurance() == Assurance(calibration="sigmoid", conformal="cross")
