"""Each check tells what it was told, how that stands, and what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from radpred.stages.cluster.asked import Asked
from radpred.stages.cluster.limits import Limits
from radpred.stages.cluster.slurm import Answer, Cluster
from radpred.stages.doctor.environment import check_packages, check_plugin, check_python
from radpred.stages.doctor.folder import (
    check_folder,
    check_room,
    check_shared,
    check_writing,
    kind_of,
)
from radpred.stages.doctor.machine import (
    check_card,
    check_cores,
    check_local_requests,
    check_memory,
    check_process_limits,
)
from radpred.stages.doctor.scheduler import check_accounts, check_commands, check_memory_of_jobs
from radpred.stages.work.lock import FolderLock

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
tmpfs /home/me/my\\040scratch tmpfs rw 0 0
"""


def limits(**changed):
    """Return the limits of a process that may use all of a small machine."""
    fine = {
        "machine_cores": 8,
        "cores": 8,
        "memory_mb": 16000,
        "open_files": None,
        "address_mb": None,
    }
    return Limits(**{**fine, **changed})


def only(findings):
    """Return the one finding that there is."""
    (finding,) = findings
    return finding


@pytest.mark.parametrize(("version", "verdict"), [("3.11.7", "ok"), ("3.10.2", "problem")])
def test_python_is_held_against_what_the_package_wants(version, verdict):
    assert check_python(version, ">=3.11").verdict == verdict


@pytest.mark.parametrize(
    ("installed", "found"),
    [
        ({"a": "2.0"}, "1 wanted, all there and new enough"),
        ({"a": "0.9"}, "a 0.9, wanted >=1"),
        ({}, "a is missing"),
    ],
)
def test_packages_are_held_against_what_the_package_wants(installed, found):
    wanted = ["a>=1", "b>=1; extra == 'dev'", "c; python_version < '3'"]
    assert only(check_packages(wanted, installed.get)).found == found


def test_a_missing_plugin_says_what_to_install():
    finding = only(check_plugin("slurm", lambda name: None))
    assert (finding.verdict, finding.todo) == ("problem", "pip install 'radpred[slurm]'")


def test_one_machine_needs_no_plugin():
    assert check_plugin("local", lambda name: None) == []


def test_a_share_of_the_cores_is_told():
    assert check_cores(limits(cores=2)).found.startswith("2 core(s) of the machine's 8")


@pytest.mark.parametrize(("memory", "verdict"), [(16000, "ok"), (500, "problem"), (None, "note")])
def test_memory_must_hold_the_main_process(memory, verdict):
    assert check_memory(limits(memory_mb=memory)).verdict == verdict


@pytest.mark.parametrize("tight", [{"open_files": 256}, {"address_mb": 4000}])
def test_a_tight_limit_of_processes_is_a_note(tight):
    assert only(check_process_limits(limits(**tight))).verdict == "note"


def test_a_job_that_reckons_with_more_than_the_machine_has_is_a_note():
    asked = [Asked(rule="extract", memory_mb=20000)]
    assert only(check_local_requests(asked, limits())).verdict == "note"


@pytest.mark.parametrize(
    ("wanted", "is_local", "verdict"),
    [("auto", True, "ok"), ("gpu", True, "problem"), ("gpu", False, "ok"), ("cpu", True, "ok")],
)
def test_a_missing_card_is_a_problem_where_the_jobs_that_demand_it_run(wanted, is_local, verdict):
    found = check_card(wanted, is_local=is_local, name=None, why_not="no CuPy", driver="")
    assert found.verdict == verdict


def test_a_card_that_works_is_named_with_its_driver():
    found = check_card("auto", is_local=True, name="A100", why_not="", driver="A100, 550.1")
    assert found.found == "A100; A100, 550.1"


def test_a_machine_without_slurm_is_a_problem():
    missing = Answer(127, complaint="sbatch: no such command")
    assert only(check_commands(missing, missing)).verdict == "problem"


def test_a_scheduler_that_does_not_answer_is_a_problem():
    silent = Answer(124, complaint="squeue: no answer in 20 s")
    finding = only(check_commands(Answer(0, "slurm 24.05"), silent))
    assert finding.verdict == "problem"
    assert "no answer in 20 s" in finding.found


def test_accounts_that_nobody_tells_are_a_note():
    assert check_accounts(Cluster(nodes=(), accounts=None)).verdict == "note"


@pytest.mark.parametrize(("seconds", "n"), [(300, 0), (30, 1)])
def test_a_scheduler_that_soon_forgets_jobs_is_a_note(seconds, n):
    said = Answer(0, f"MessageTimeout = 10 sec\nMinJobAge               = {seconds} sec\n")
    assert len(check_memory_of_jobs(said)) == n


def test_a_folder_that_can_be_written_is_left_as_it_was(tmp_path):
    assert check_writing(tmp_path).verdict == "ok"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_a_problem(tmp_path):
    assert check_writing(tmp_path / "gone").verdict == "problem"


def test_a_folder_that_is_not_there_yet_is_judged_by_the_one_that_will_hold_it(tmp_path):
    findings = check_folder(tmp_path / "a" / "results", is_shared_wanted=False)
    assert {one.verdict for one in findings} == {"ok"}
    assert not (tmp_path / "a").exists()


@pytest.mark.skipif(os.name == "nt", reason="the lock is POSIX")
def test_a_run_at_work_is_a_note(tmp_path):
    with FolderLock(tmp_path):
        findings = check_folder(tmp_path, is_shared_wanted=False)
    assert any("another run works in" in one.found for one in findings)


def test_room_is_told_in_megabytes(tmp_path):
    assert "MB free" in only(check_room(tmp_path)).found


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/tmp", "ext4"),
        ("/home/me", "nfs4"),
        ("/home/me/my scratch/x", "tmpfs"),
        ("/homes", "ext4"),
    ],
)
def test_a_path_lies_on_the_innermost_file_system(path, kind):
    assert kind_of(Path(path), MOUNTS) == kind


@pytest.mark.parametrize(
    ("kind", "verdict"), [("nfs4", "ok"), ("lustre", "ok"), ("ext4", "note"), (None, "note")]
)
def test_a_file_system_of_one_machine_is_a_note(kind, verdict):
    assert check_shared("results", Path("/data"), kind).verdict == verdict
