"""A study says where it measures, and nothing but the time depends on it."""

from __future__ import annotations

from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest
from typer.testing import CliRunner

from radpred.backends import to_device
from radpred.cli import app
from radpred.config import StudySettings
from radpred.errors import DeviceError
from radpred.pipeline.demo import make_cohort
from radpred.stages import extract as stage
from radpred.stages.commands import features
from radpred.stages.extract import Work, answer, answered, write_shard
from radpred.stages.plan import WorkflowPlan
from radpred.stages.work.pool import dealing, worker
from radpred.table import read_table

CARD = "Made-up card"
STUDY = StudySettings.model_validate(
    {"name": "s", "outcome": {"column": "event"}, "extraction": {"families": ["firstorder"]}}
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a made cohort."""
    folder = tmp_path_factory.mktemp("cohort")
    make_cohort(folder, n_patients=4, seed=6)
    return folder


@pytest.fixture
def works(folder, tmp_path):
    """Return four cases to be measured."""
    found = []
    for number in range(1, 5):
        image, mask = f"images/P000{number}.nii.gz", f"masks/P000{number}_L1.nii.gz"
        case = replace(features.lesion(folder / image, folder / mask), case_id=f"P{number}")
        found.append(Work(case, (), STUDY, tmp_path))
    return found


@pytest.fixture(autouse=True)
def _locks(tmp_path, monkeypatch):
    """Keep locks of cards in a folder of their own."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    stage.owned_device.__globals__["_held"].cache_clear()


def with_device(work: Work, device: str) -> Work:
    """Return work that is to be done on a device."""
    return replace(work, study=work.study.model_copy(update={"device": device}))


def devices(found) -> set[str]:
    """Return where an answer's rows were measured."""
    return {row["device"] for row in found.measured.sizes}


def test_every_row_says_where_it_was_measured(works, device, tmp_path):
    answers = [answer(works[0]), answer(with_device(works[1], "cpu"))]
    write_shard(answers, STUDY, tmp_path / "0000.parquet")
    sizes, _ = read_table(tmp_path / "0000.sizes.parquet")
    assert dict(zip(sizes["case_id"], sizes["device"], strict=True)) == {"P1": CARD, "P2": "cpu"}


def test_a_study_that_asks_for_the_cpu_gets_it(works, device):
    assert devices(answer(with_device(works[0], "cpu"))) == {"cpu"}


def test_another_device_measures_no_case_again(works, device, monkeypatch):
    first = answer(works[0])
    monkeypatch.setattr(stage, "measure", lambda *_, **__: pytest.fail("measured twice"))
    again = answer(with_device(works[0], "cpu"))
    assert again.measured == first.measured


def test_another_device_changes_no_step_that_the_workflow_compares(works):
    plan = WorkflowPlan(STUDY, ("0000",))
    other = WorkflowPlan(STUDY.model_copy(update={"device": "gpu"}), ("0000",))
    sections = ("regions", "extraction", "modalities")
    assert plan.relevant(*sections) == other.relevant(*sections)
    assert (plan.gpus, other.gpus) == (0, 1)


def test_four_cases_are_measured_by_two_processes_after_a_card_was_used(works, device):
    to_device(np.zeros(3))
    answers = list(answered(works, threads=2))
    assert len(answers) == 4
    assert {each.verdict.status for each in answers} <= {"accepted", "noted"}
    assert all(devices(each) == {"cpu"} for each in answers)  # they have no stand-in


def test_no_process_is_forked_where_a_card_may_be_used(works, monkeypatch):
    asked = []

    def context(method):
        asked.append(method)
        return get_context(method)

    monkeypatch.setattr(worker, "get_context", context)
    list(answered(works[:1], threads=1))
    list(answered([with_device(works[0], "cpu")], threads=1))
    assert asked == ["spawn", worker._FORKED]


def test_a_demanded_card_that_is_missing_fails_the_step_and_blames_no_case(works):
    with pytest.raises(DeviceError, match="device: gpu: CuPy"):
        list(answered([with_device(work, "gpu") for work in works], threads=2))


def test_one_process_measures_where_a_card_is_demanded(works, monkeypatch):
    asked = []

    class Counted(dealing.Worker):
        def __init__(self, *args, **kwargs):
            asked.append(1)
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(dealing, "Worker", Counted)
    with pytest.raises(DeviceError):
        list(answered([with_device(work, "gpu") for work in works], threads=2))
    assert asked == [1]


def test_a_study_s_device_does_not_travel_with_its_model():
    assert STUDY.model_copy(update={"device": "gpu"}).portable().device == "auto"


def test_the_command_line_measures_where_it_is_told(folder, device, tmp_path):
    for wanted, found in (("auto", CARD), ("cpu", "cpu")):
        output = tmp_path / f"{wanted}.parquet"
        line = ["extract", str(folder / "images" / "P0001.nii.gz")]
        line += [str(folder / "masks" / "P0001_L1.nii.gz"), "-o", str(output), "--device", wanted]
        assert CliRunner().invoke(app, line).exit_code == 0
        sizes, _ = read_table(tmp_path / f"{wanted}.sizes.parquet")
        assert set(sizes["device"]) == {found}


def test_the_command_line_refuses_a_card_that_is_missing(folder, device):
    device.remove()
    line = ["extract", str(folder / "images" / "P0001.nii.gz")]
    line += [str(folder / "masks" / "P0001_L1.nii.gz"), "--device", "gpu"]
    assert isinstance(CliRunner().invoke(app, line).exception, DeviceError)
