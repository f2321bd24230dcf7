"""A plan: stable shards, lesions of a patient together, names that files can bear."""

from __future__ import annotations

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from radpred.config import read_study
from radpred.errors import SettingsError
from radpred.stages.inputs.shards import shard_cases
from radpred.stages.prepare import _number_of_shards, judge, prepare
from radpred.stages.work.files import file_name_of, write_if_changed


def written(folder, patients, cases_per_shard=10):
    """Write a study of patients whose files exist and are never opened; return its file."""
    (folder / "x.nii.gz").write_bytes(b"")
    rows = [(f"{p}_{i}", p, "x.nii.gz", "x.nii.gz") for p in patients for i in (1, 2)]
    columns = ["case_id", "patient_id", "image", "mask"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "cases.csv", index=False)
    outcome = pd.DataFrame({"patient_id": patients, "event": [i % 2 for i in range(len(patients))]})
    outcome.to_csv(folder / "outcome.csv", index=False)
    study = {"name": "s", "outcome": {"column": "event"}, "cases_per_shard": cases_per_shard}
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    return folder / "study.yaml"


def test_a_study_that_asks_for_pyradiomics_needs_it_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr("radpred.config.engines.find_spec", lambda name: None)
    path = written(tmp_path, ["P1", "P2"])
    study = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump({**study, "modalities": {"pet": {"engine": "pyradiomics"}}}))
    with pytest.raises(SettingsError, match=r"pip install 'radpred\[pyradiomics\]'"):
        prepare(path)


def shards_of(plan):
    """Return the content of each shard."""
    folder = plan.out / "shards"
    return {name: (folder / f"{name}.json").read_bytes() for name in plan.shards}


def test_ten_new_patients_touch_at_most_ten_shards(tmp_path):
    patients = [f"P{i}" for i in range(200)]
    before = shards_of(prepare(written(tmp_path, patients)))
    after = shards_of(prepare(written(tmp_path, [*patients, *(f"N{i}" for i in range(10))])))
    assert 0 < sum(after[name] != content for name, content in before.items()) <= 10


def test_a_thousand_cases_in_chunks_of_25_are_at_most_40_shards(tmp_path):
    plan = prepare(written(tmp_path, [f"P{i}" for i in range(500)], cases_per_shard=25))
    assert len(plan.shards) <= 40
    assert plan.n_cases == 1000


@pytest.mark.parametrize(
    ("n_cases", "n_shards"),
    [(1, 1), (50, 1), (51, 2), (12_500, 250), (12_501, 246), (100_000, 250), (10**6, 250)],
)
def test_a_cohort_of_any_size_comes_in_at_most_250_shards(n_cases, n_shards, tmp_path):
    study = read_study(written(tmp_path, ["P1", "P2"], cases_per_shard=None))
    case = judge(study)[0][0]
    assert _number_of_shards(study, [case] * n_cases) == n_shards


def test_the_first_run_fixes_how_many_shards_there_are(tmp_path):
    first = prepare(written(tmp_path, [f"P{i}" for i in range(200)]))
    second = prepare(written(tmp_path, [f"P{i}" for i in range(200)], cases_per_shard=100))
    assert second.shards == first.shards


def test_a_scan_that_changes_changes_the_state_of_its_shard_alone(tmp_path):
    plan = prepare(written(tmp_path, [f"P{i}" for i in range(60)]))
    cases = pd.read_csv(tmp_path / "cases.csv", dtype=str)
    (tmp_path / "own.nii.gz").write_bytes(b"")
    cases.loc[0, "image"] = "own.nii.gz"
    cases.to_csv(tmp_path / "cases.csv", index=False)
    prepare(tmp_path / "study.yaml")
    before = {path: path.read_bytes() for path in (plan.out / "shards" / "state").iterdir()}
    (tmp_path / "own.nii.gz").write_bytes(b"1")
    prepare(tmp_path / "study.yaml")
    assert sum(path.read_bytes() != content for path, content in before.items()) == 1


def test_every_case_is_in_one_shard_and_a_patient_s_lesions_are_together(tmp_path):
    plan = prepare(written(tmp_path, [f"P{i}" for i in range(60)]))
    where = {}
    for name in plan.shards:
        for case in shard_cases(plan.out / "shards" / f"{name}.json"):
            where.setdefault(case.patient_id, []).append(name)
    assert all(len(names) == 2 and len(set(names)) == 1 for names in where.values())
    assert len(where) == 60


def test_an_unchanged_plan_leaves_its_files_alone(tmp_path):
    study = written(tmp_path, [f"P{i}" for i in range(20)])
    plan = prepare(study)
    files = sorted((plan.out / "shards").iterdir())
    before = [path.stat().st_mtime_ns for path in files]
    prepare(study)
    assert [path.stat().st_mtime_ns for path in files] == before


@given(st.lists(st.text(min_size=1, max_size=12), min_size=2, max_size=6, unique=True))
def test_different_ids_have_different_file_names(ids):
    assert len({file_name_of(i) for i in ids}) == len(ids)


@pytest.mark.parametrize("case_id", ["a/b", "..", "a b", "ä", "a__b", "a.b", "con:1"])
def test_any_id_is_one_file_name(case_id, tmp_path):
    (tmp_path / f"{file_name_of(case_id)}.json").write_text("{}")
    assert [p.name for p in tmp_path.iterdir()] == [f"{file_name_of(case_id)}.json"]


def test_a_file_with_the_same_content_is_not_written_again(tmp_path):
    assert write_if_changed(tmp_path / "a", b"1")
    assert not write_if_changed(tmp_path / "a", b"1")
    assert write_if_changed(tmp_path / "a", b"2")
