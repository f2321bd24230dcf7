"""Two hundred patients on a real Slurm, undisturbed and disturbed: the same tables come out.

Every run holds one case that ends its process. The disturbed runs are compared with the first.
"""

from __future__ import annotations

import json
import os
import signal

import pandas as pd
import pytest

from radpred.stages.work.lock import NAME

from .cluster import TABLES, Run, figures, slurm, small_disk, taken_down, until
from .conftest import ABORTS

pytestmark = pytest.mark.slurm


@pytest.fixture(scope="module")
def disturbed(cluster, cohort, tmp_path_factory) -> Run:
    """Return a study of which one job was cancelled, and one lost its node, midway.

    One case takes more memory than its job has, once: the job ends, and comes back with more.
    """
    hungry = {"P0003_L1": {"memory_mb": 4000, "times": 1}}
    orders = {ABORTS: {"abort": True}, "*": {"seconds": 0.2}, **hungry}
    run = Run(tmp_path_factory.mktemp("disturbed"), orders=orders).written(cohort)
    child = run.started()
    try:
        until(lambda: len(run.kept()) >= 5, child=child)
        running = until(lambda: [j for j in run.jobs() if j["state"] == "RUNNING"], child=child)
        slurm("scancel", running[0]["id"])
        taken_down(until(lambda: _of_another_job(run, running[0]), child=child))
        code = child.wait(timeout=400)
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
            child.wait(timeout=60)
    assert code == 0, run.said()
    return run


def _of_another_job(run: Run, cancelled: dict[str, str]) -> str:
    """Return the node of a job that still measures."""
    nodes = [
        job["node"]
        for job in run.jobs()
        if job["state"] == "RUNNING" and job["id"] != cancelled["id"]
    ]
    return nodes[0] if nodes else ""


@pytest.fixture(scope="module")
def killed(cluster, cohort, tmp_path_factory):
    """Return a study whose main process was killed while its jobs ran, and what it held then."""
    orders = {ABORTS: {"abort": True}, "*": {"seconds": 0.2}}
    run = Run(tmp_path_factory.mktemp("killed"), orders=orders).written(cohort)
    child = run.started()
    until(lambda: len(run.kept()) >= 5, child=child)
    snakemake = int(holder_of(run)["snakemake"])
    os.kill(child.pid, signal.SIGKILL)
    os.killpg(snakemake, signal.SIGKILL)
    child.wait()
    before = run.kept()
    orphans = run.jobs()
    refused = run.ended()
    said = run.said()
    assert run.ended("--wait-for-orphans") == 0, run.said()
    return run, before, orphans, refused, said


def holder_of(run: Run) -> dict[str, str]:
    """Return what the lock of a folder says of its holder."""
    return json.loads((run.results / NAME).read_text())


@pytest.fixture(scope="module")
def filled(cluster, cohort, tmp_path_factory):
    """Return a study whose disk was full for a while: the first exit, and the finished run."""
    if os.geteuid() != 0:
        pytest.skip("only root makes a small disk")
    folder = tmp_path_factory.mktemp("filled")
    orders = {ABORTS: {"abort": True}}
    with small_disk(folder / "disk", size_mb=48) as disk:
        run = Run(folder, orders=orders, out=disk / "results").written(cohort)
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(47 << 20))
        first = run.ended()
        said, halves = run.said(), run.halves()
        ballast.unlink()
        assert run.ended() == 0, run.said()
        tables = {name: run.table(name) for name in TABLES}
        yield first, said, halves, tables, figures(run.results), run.halves()


def test_both_nodes_worked(undisturbed, cluster):
    done = slurm("sacct", "-n", "-X", "-P", "-o", "nodelist,workdir").splitlines()
    nodes = {line.split("|")[0] for line in done if line.endswith(str(undisturbed.results))}
    assert nodes >= set(cluster[:2])


def test_the_undisturbed_study_has_a_model(undisturbed):
    assert (undisturbed.results / "model.radpred").is_file()


def test_a_case_that_ends_its_process_is_rejected_with_its_reason(undisturbed):
    verdicts = undisturbed.table("verdicts.parquet").set_index("case_id")
    rejected = verdicts[verdicts["status"] == "rejected"]
    assert rejected.index.tolist() == [ABORTS]
    assert rejected["code"].tolist() == ["crashed"]


def test_all_other_cases_are_measured(undisturbed, cohort):
    n_rows = len(pd.read_csv(cohort / "cases.csv"))
    assert len(undisturbed.table("features.parquet")) == n_rows - 1


@pytest.mark.parametrize("name", TABLES)
def test_a_disturbed_study_gives_the_same_tables(undisturbed, disturbed, name):
    pd.testing.assert_frame_equal(disturbed.table(name), undisturbed.table(name))


def test_a_disturbed_study_gives_the_same_figures(undisturbed, disturbed):
    assert figures(disturbed.results) == figures(undisturbed.results)


def test_nothing_half_written_is_left_behind(disturbed):
    assert disturbed.halves() == []


def test_a_job_over_its_memory_came_back_with_more(disturbed):
    done = slurm("sacct", "-n", "-X", "-P", "-o", "reqmem,state,workdir").splitlines()
    own = [line.split("|") for line in done if line.endswith(str(disturbed.results))]
    asked = {memory for memory, _, _ in own}
    assert {"2000M", "4000M"} <= asked


def test_jobs_go_on_when_the_main_process_is_killed(killed):
    _, _, orphans, _, _ = killed
    assert orphans


def test_a_run_whose_jobs_still_work_is_not_started_again(killed):
    _, _, orphans, refused, said = killed
    assert refused != 0
    assert any(job["id"] in said for job in orphans)


def test_no_finished_case_is_measured_twice(killed):
    run, before, *_ = killed
    after = run.kept()
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("name", TABLES)
def test_a_killed_study_gives_the_same_tables(undisturbed, killed, name):
    pd.testing.assert_frame_equal(killed[0].table(name), undisturbed.table(name))


def test_a_killed_study_leaves_nothing_half_written(killed):
    assert killed[0].halves() == []


def test_a_killed_study_gives_the_same_figures(undisturbed, killed):
    assert figures(killed[0].results) == figures(undisturbed.results)


def test_a_full_disk_ends_the_run_and_is_named(filled):
    first, said, *_ = filled
    assert first != 0
    assert "No space left" in said


def test_a_full_disk_leaves_nothing_half_written(filled):
    _, _, halves, _, _, after = filled
    assert (halves, after) == ([], [])


@pytest.mark.parametrize("name", TABLES)
def test_a_study_that_found_room_again_gives_the_same_tables(undisturbed, filled, name):
    pd.testing.assert_frame_equal(filled[3][name], undisturbed.table(name))


def test_a_study_that_found_room_again_gives_the_same_figures(undisturbed, filled):
    assert filled[4] == figures(undisturbed.results)
