"""Pieces over processes: what one does to its process takes none of the others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from radpred.config.study import LimitSettings
from radpred.stages.work.pool import each_answered, memory
from radpred.stages.work.pool.dealing import allotment
from radpred.stages.work.pool.memory import Allotment
from radpred.stages.work.pool.worker import tell

ROOT = Path(__file__).resolve().parents[3]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory is watched on Linux alone")


def worked(piece):
    """Do what a piece says: end somehow, hang, hold memory, raise, or give its number back."""
    kind, number = piece
    return DEEDS[kind](number)


def raised(number):
    raise ValueError(number)


def held(_):
    """Hold 600 MB for a long time."""
    return np.ones(600 * 2**17), time.sleep(600)


def counted_threads(_):
    """Return how many threads there are after work that may use several."""
    np.linalg.svd(np.ones((400, 400)))
    status = Path("/proc/self/status").read_text()
    return int(status.partition("Threads:")[2].split()[0])


def crash_once(path):
    """Crash, but not the second time."""
    if not path.exists():
        path.touch()
        os.abort()
    return "second"


DEEDS = {
    "give": lambda number: number,
    "abort": lambda _: os.abort(),
    "exit": lambda _: os._exit(3),
    "killed": lambda _: os.kill(os.getpid(), signal.SIGKILL),
    "hang": lambda _: (tell("key"), time.sleep(600)),
    "hold": held,
    "raise": raised,
    "once": lambda path: crash_once(Path(path)),
    "threads": counted_threads,
}


def answers(pieces, *, threads=2, **limits):
    """Return the answer or the loss of each piece, by its place."""
    works = [(kind, i) if isinstance(kind, str) else kind for i, kind in enumerate(pieces)]
    found = each_answered(
        works,
        worked,
        lost=lambda piece, loss: (piece[1], loss),
        limits=LimitSettings(**limits),
        device="cpu",
        threads=threads,
    )
    return list(found)


def losses(found):
    """Return the losses by the number of their piece."""
    return dict(one for one in found if isinstance(one, tuple))


@pytest.mark.parametrize(("kind", "told"), [("abort", "SIGABRT"), ("exit", "status 3")])
def test_a_crash_in_piece_7_of_20_leaves_19_answers_and_one_loss(kind, told):
    found = answers([kind if i == 7 else "give" for i in range(20)])
    lost = losses(found)
    assert sorted(one for one in found if isinstance(one, int)) == [i for i in range(20) if i != 7]
    assert (list(lost), lost[7].code) == ([7], "crashed")
    assert told in lost[7].came


def test_a_piece_that_hangs_is_ended_at_its_limit_and_the_others_are_done():
    found = answers(["give", "hang", "give", "give"], seconds_per_case=1)
    assert sorted(one for one in found if isinstance(one, int)) == [0, 2, 3]
    loss = losses(found)[1]
    assert (loss.code, loss.limit) == ("timed_out", 1)
    assert loss.seconds >= 1
    assert loss.key == "key"


@LINUX
def test_a_piece_that_holds_too_much_is_ended_and_the_others_are_done():
    found = answers(["give", "hold", "give"], memory_mb_per_case=500)
    assert sorted(one for one in found if isinstance(one, int)) == [0, 2]
    loss = losses(found)[1]
    assert loss.code == "out_of_memory"
    assert loss.peak_mb > 500
    assert not loss.is_of_job


@LINUX
def test_before_the_job_is_out_of_memory_its_largest_process_is_ended(monkeypatch):
    monkeypatch.setattr("radpred.stages.work.pool.dealing.resident_mb", lambda pid: 0.0)
    monkeypatch.setattr(
        "radpred.stages.work.pool.dealing.allotment", lambda: Allotment(mb=900, by="job")
    )
    found = answers(["give", "hold", "give"], threads=1)
    loss = losses(found)[1]
    assert (loss.code, loss.is_of_job) == ("out_of_memory", True)
    assert "what the job has" in loss.wanted


def test_a_process_that_the_system_ended_ran_out_of_memory():
    loss = losses(answers(["killed"]))[0]
    assert (loss.code, loss.is_of_job) == ("out_of_memory", True)


def test_what_crashed_once_is_tried_once_more(tmp_path):
    assert answers([("once", str(tmp_path / "crashed"))]) == ["second"]


def test_an_error_that_nobody_caught_is_raised_where_the_piece_came_from():
    with pytest.raises(ValueError, match="1"):
        answers(["give", "raise"])


@LINUX
def test_inner_threads_are_pinned_to_one_a_process():
    few = answers(["threads"] * 4)
    assert max(few) <= 3  # its own, the one that watches its parent, and one to spare


def test_a_machine_s_memory_is_an_allotment():
    found = allotment()
    assert found is None or found.mb > 256


def test_slurm_s_memory_of_a_job_is_its_allotment(monkeypatch):
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "128")
    memory.allotment.cache_clear()
    try:
        assert memory.allotment() == Allotment(128.0, "job")
    finally:
        memory.allotment.cache_clear()


@LINUX
def test_the_peak_is_that_of_one_piece_and_not_of_those_before():
    large = np.ones(400 * 2**17)
    memory.forget_peak()
    before = memory.peak_mb()
    del large
    memory.forget_peak()
    assert memory.peak_mb() < before - 200


ENDED = """
import os, signal, sys, time
from pathlib import Path
from radpred.config.study import LimitSettings
from radpred.stages.work.ending import orderly
from radpred.stages.work.pool import each_answered

def worked(path):
    path.with_suffix(".new").write_text(str(os.getpid()))
    path.with_suffix(".new").replace(path)
    time.sleep(600)

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests may run in the background
    with orderly():
        list(each_answered([Path(sys.argv[1])], worked, lost=lambda *_: None,
                           limits=LimitSettings(), device="cpu", threads=1))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
@LINUX
def test_a_step_that_is_ended_leaves_no_process_behind(number, tmp_path):
    script = tmp_path / "step.py"
    script.write_text(ENDED)
    step = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "begun")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    until(lambda: (tmp_path / "begun").exists())
    worker = int((tmp_path / "begun").read_text())
    assert is_alive(worker)
    step.send_signal(number)
    status = step.wait(30)
    assert status == {signal.SIGTERM: 143, signal.SIGINT: -2, signal.SIGKILL: -9}[number]
    until(lambda: not is_alive(worker))


def is_alive(pid):
    """Tell whether a process runs; one that nobody has taken leave of does not."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    return "State:\tZ" not in status


def until(is_so, *, seconds=60):
    """Wait for something; fail if it never comes."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            pytest.fail("waited in vain")
        time.sleep(0.05)
