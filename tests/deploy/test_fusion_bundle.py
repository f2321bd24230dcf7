"""Fusions survive the file and explain their answers; thresholds come with their guarantee."""

import json
import zipfile

import numpy as np
import pandas as pd
import pytest

from radpred.config import StudySettings
from radpred.deploy import Bundle, Predictor, load_predictor, write_bundle
from radpred.deploy.bundle import reference_of
from radpred.pipeline.learning.train import fit_final

N = 60
GUARANTEES = [
    {
        "metric": "sensitivity",
        "at_least": 0.9,
        "confidence": 0.8,
        "threshold": 0.4,
        "n_rows": 30,
        "counted": "events",
    },
    {
        "metric": "npv",
        "at_least": 0.99,
        "confidence": 0.9,
        "threshold": None,
        "n_rows": 60,
        "counted": "rows called no event",
    },
]


@pytest.fixture(scope="module")
def table():
    """Return two blocks of features and a clinical column with gaps, and outcomes."""
    rng = np.random.default_rng(5)
    y = np.arange(N) % 2
    index = pd.Index([f"case_{i:02d}" for i in range(N)], name="case_id")
    names = [f"{m}__tumour__original_glcm_F{i}" for m in ("pet", "t1") for i in range(6)]
    X = pd.DataFrame(rng.normal(size=(N, 12)), columns=names, index=index)
    X.iloc[:, [0, 6]] += y[:, None]
    X["clinical__age"] = np.where(rng.random(N) < 0.2, np.nan, 60 + 5 * rng.normal(size=N) + 4 * y)
    return X, y


@pytest.fixture(scope="module", params=["early", "late"])
def bundle(request, table):
    """Return the bundle of a study whose only candidate is a fusion."""
    X, y = table
    blocks = {
        "pet": {"modalities": ["pet"]},
        "t1": {"modalities": ["t1"]},
        "clinic": {"clinical": True},
    }
    learning = {"inner_folds": 2, "blocks": blocks, "fusion": {"kind": request.param}}
    study = StudySettings.model_validate(
        {
            "name": "made",
            "outcome": {"column": "event", "clinical": ["age"]},
            "learning": {"models": ["logistic"], **learning},
        }
    )
    name = f"{request.param}_fusion"
    patients = [f"patient_{i:02d}" for i in range(N)]
    fitted = fit_final(name, X, y, np.array(patients), design=study.learning)
    return Bundle(
        fitted=fitted,
        study=study,
        modalities=("pet", "t1"),
        reference=reference_of(X[list(fitted.columns)]),
        record={"guarantees": GUARANTEES},
    )


@pytest.fixture(scope="module")
def path(bundle, tmp_path_factory):
    """Return the file of the bundle."""
    path = tmp_path_factory.mktemp("bundle") / "model.radpred"
    write_bundle(bundle, path)
    return path


def test_a_fusion_survives_the_file_to_the_last_bit(bundle, path, table):
    before, after = Predictor(bundle).predict(table[0]), load_predictor(path).predict(table[0])
    pd.testing.assert_frame_equal(before, after, check_exact=True)


def test_the_file_names_no_patient_and_no_case(path):
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            if name.endswith(".skops"):
                (path.parent / name).write_bytes(data)
                with zipfile.ZipFile(path.parent / name) as inner:
                    data = b"".join(inner.read(member) for member in inner.namelist())
            assert b"patient_" not in data, name
            assert b"case_0" not in data, name


def test_parts_of_a_fusion_add_up_to_its_log_odds(path, table):
    record = load_predictor(path).explain(table[0])
    assert record["gap"] < 1e-9
    groups = {group["name"] for group in record["groups"]["modality"]}
    assert {"pet", "t1", "clinical"} <= groups | {"clinical"}


def test_a_case_is_explained_alone_as_among_others(path, table):
    predictor = load_predictor(path)
    together = predictor.explain(table[0])["cases"][7]
    assert predictor.explain(table[0].iloc[[7]])["cases"][0] == together


def test_answers_say_who_reaches_the_threshold_of_a_guarantee(path, table):
    answers = load_predictor(path).predict(table[0])
    acts = answers["acts_sensitivity_90"]
    assert (acts == (answers["probability"] >= 0.4)).all()
    assert "acts_npv_99" not in answers


def test_a_guarantee_is_told_with_its_threshold_and_its_rows(path):
    (one,) = load_predictor(path).guarantees
    assert one.sentence.startswith("acts_sensitivity_90: risk >= 0.4, chosen by 30 events")
    assert "at least 90% with 80% confidence" in one.sentence


def test_weights_of_the_blocks_stand_in_the_file(path, bundle):
    if bundle.fitted.model != "late_fusion":
        pytest.skip("early fusion has no weights")
    with zipfile.ZipFile(path) as archive:
        params = json.loads(archive.read("fitted.json"))["params"]
    assert list(params) == ["pet", "t1", "clinic"]
    assert all(weight >= 0 for weight in params.values())
