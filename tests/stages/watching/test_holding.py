"""Who works in a folder: the lock, other machines, orphaned processes and Slurm jobs."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time

import psutil
import pytest

from radpred.stages.cluster.profiles import executor_of
from radpred.stages.cluster.queued import job_prefix
from radpred.stages.watching.orphans import (
    ON_SLURM,
    OrphansError,
    clear_of_orphans,
    mark_of,
    orphans_of,
)
from radpred.stages.work.lock import NAME, SILENCE_S, FolderBusyError, FolderLock, holder_of

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the lock and signals are POSIX")


def taken(folder, *, silent_s=0.0, **facts):
    """Write a lock as a run that did not let go leaves it."""
    path = folder / NAME
    path.write_text(json.dumps({"pid": 7, "host": "elsewhere", "since": "then", **facts}))
    os.utime(path, (time.time() - silent_s,) * 2)


@pytest.fixture
def orphan(tmp_path):
    """Return a process that belongs to a run in the folder."""
    line = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"]
    child = subprocess.Popen(line, env={**os.environ, **mark_of(tmp_path)}, stdout=subprocess.PIPE)
    child.stdout.readline()
    yield child
    child.kill()
    child.communicate()


def test_a_run_on_another_machine_that_was_heard_of_holds_its_folder(tmp_path):
    taken(tmp_path, silent_s=SILENCE_S / 2)
    with pytest.raises(FolderBusyError, match=r'"pid": 7.*on elsewhere'):
        FolderLock(tmp_path).__enter__()


def test_a_run_on_another_machine_that_is_silent_holds_nobody_up(tmp_path):
    taken(tmp_path, silent_s=2 * SILENCE_S)
    with FolderLock(tmp_path):
        assert holder_of(tmp_path).pid == os.getpid()


def test_a_process_that_took_the_number_of_a_dead_run_is_not_that_run(tmp_path):
    taken(tmp_path, host=platform.node(), pid=os.getpid(), born=psutil.boot_time())
    assert not holder_of(tmp_path).is_alive
    with FolderLock(tmp_path):
        assert holder_of(tmp_path).is_alive


def test_a_run_that_let_go_holds_nothing(tmp_path):
    with FolderLock(tmp_path):
        pass
    assert holder_of(tmp_path) is None


def test_a_process_of_a_killed_run_is_found_and_named(tmp_path, orphan):
    with pytest.raises(OrphansError, match=f"process {orphan.pid}.*`kill {orphan.pid}`"):
        clear_of_orphans(tmp_path)


def test_a_process_of_another_folder_is_no_orphan(tmp_path, orphan):
    (tmp_path / "other").mkdir()
    assert orphans_of(tmp_path / "other") == []
    clear_of_orphans(tmp_path / "other")


def test_orphans_are_waited_for_where_that_is_asked(tmp_path, orphan):
    heard = []

    def told(found):
        heard.append([one.id for one in found])
        orphan.kill()

    clear_of_orphans(tmp_path, waits=True, told=told)
    assert heard == [[str(orphan.pid)]]


def test_a_slurm_job_of_a_killed_run_is_found_by_its_name(tmp_path, monkeypatch):
    prefix = job_prefix(tmp_path)
    rows = f"12|{prefix}_0b1c|RUNNING\n13_4|{prefix}_0b1c|PENDING\n14|radpred_other|RUNNING"
    (tmp_path / ON_SLURM).mkdir(parents=True)
    tool = tmp_path / "squeue"
    tool.write_text(f"#!/bin/sh\necho '{rows}'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert [(one.kind, one.id) for one in orphans_of(tmp_path)] == [
        ("slurm", "12"),
        ("slurm", "13_4"),
    ]
    with pytest.raises(OrphansError, match="`scancel 12 13_4`"):
        clear_of_orphans(tmp_path)


def test_the_names_of_slurm_jobs_follow_from_the_folder(tmp_path):
    assert job_prefix(tmp_path) == job_prefix(tmp_path / "x" / "..")
    assert job_prefix(tmp_path) != job_prefix(tmp_path / "x")


@pytest.mark.parametrize("extra", [["--executor", "slurm"], ["--executor=slurm"], ["-e", "slurm"]])
def test_an_executor_on_the_command_line_is_the_stronger(tmp_path, extra):
    (tmp_path / "profile.yaml").write_text("executor: local\n")
    assert executor_of(str(tmp_path), extra) == "slurm"
