"""The journal of a run, its costs, its version, and its end by a signal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pandas as pd
import pytest
from typer.testing import CliRunner

from radpred.cli import app
from radpred.report.words.costs import cost_rows
from radpred.stages.watching.costs import costs_of
from radpred.stages.watching.ending import Terminated
from radpred.stages.watching.journal import JOURNAL, Journal, read_journal
from radpred.stages.watching.rerun import made_by, refuse_other_version, version_words
from radpred.stages.watching.state import Status
from radpred.table import write_table
from radpred.version import __version__

HEAD = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


def test_a_journal_begins_with_the_run_and_ends_with_its_end(tmp_path):
    with Journal(tmp_path, tmp_path / "study.yaml") as journal:
        journal.told(Status("extract", 1, 2, 3.0))
        assert [line["event"] for line in read_journal(tmp_path)] == ["run", "step"]
    lines = read_journal(tmp_path)
    assert lines[0]["version"] == __version__
    assert lines[-1]["status"] == "finished"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError("no"), "failed"),
        (KeyboardInterrupt(), "interrupted"),
        (Terminated(signal.SIGTERM), "interrupted"),
    ],
)
def test_a_journal_says_how_a_run_ended(tmp_path, error, status):
    with pytest.raises(type(error)), Journal(tmp_path, tmp_path / "study.yaml"):
        raise error
    assert read_journal(tmp_path)[-1]["status"] == status


def test_a_step_that_says_nothing_new_is_no_line(tmp_path):
    heard: list[dict] = []
    with Journal(tmp_path, tmp_path / "s.yaml", each_line=heard.append) as journal:
        for seconds in (1.0, 2.0, 3.0):
            journal.told(Status("extract", 2, 2, seconds))
    assert [line["event"] for line in heard] == ["run", "step", "end"]


def test_a_dry_run_leaves_the_journal_of_the_last_one(tmp_path):
    with Journal(tmp_path, tmp_path / "s.yaml", is_kept=False):
        pass
    assert not (tmp_path / JOURNAL).exists()


def test_a_line_cut_short_by_a_kill_is_left_out(tmp_path):
    with Journal(tmp_path, tmp_path / "s.yaml"):
        pass
    with (tmp_path / JOURNAL).open("a") as file:
        file.write('{"event": "st')
    assert len(read_journal(tmp_path)) == 2


def test_costs_of_jobs_are_added_up_and_the_peak_is_the_largest(tmp_path):
    folder = tmp_path / "benchmarks" / "train"
    folder.mkdir(parents=True)
    (folder / "0.tsv").write_text(HEAD + "10.5\t0:00:10\t100\t1\t1\t1\t0\t0\t90\t20.0\n")
    (folder / "1.tsv").write_text(HEAD + "0.5\t0:00:00\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\n")
    (folder / "2.tsv").write_text(HEAD + "4.0\t0:00:04\t300\t1\t1\t1\t0\t0\t90\t2.5\n")
    [cost] = costs_of(tmp_path)
    assert (cost.step, cost.n_jobs, cost.seconds) == ("train", 3, 15.0)
    assert (cost.cpu_seconds, cost.peak_mb, cost.cases_per_second) == (22.5, 300.0, None)


def test_a_run_without_benchmarks_has_no_costs(tmp_path):
    assert costs_of(tmp_path) == []
    assert cost_rows([]) == []


def test_the_version_that_measured_is_in_the_table_of_features(tmp_path):
    assert made_by(tmp_path) is None
    write_table(pd.DataFrame({"a": [1]}), tmp_path / "features.parquet", metadata={"version": "9"})
    assert made_by(tmp_path) == "9"


def test_what_this_version_made_is_not_asked_about(tmp_path):
    metadata = {"version": __version__}
    write_table(pd.DataFrame({"a": [1]}), tmp_path / "features.parquet", metadata=metadata)
    refuse_other_version(["no such command"], tmp_path)


def test_another_version_names_the_steps_that_would_run(tmp_path):
    words = version_words(tmp_path, "0.0.9", {"extract": 12, "train": 1})
    assert "made by radpred 0.0.9" in words
    assert "extract (12 jobs), train (1 job)" in words
    assert "--accept-version" in words


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_a_process_that_is_told_to_end_ends_what_it_began():
    code = (
        "import time\nfrom radpred.stages.watching.ending import *\n"
        "try:\n    with ending_in_order():\n        print('begun', flush=True)\n"
        "        time.sleep(60)\nexcept KeyboardInterrupt as end:\n"
        "    print('in order', end.number, flush=True)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "begun\n"
    child.send_signal(signal.SIGTERM)
    assert child.communicate()[0] == f"in order {int(signal.SIGTERM)}\n"


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_what_a_run_in_the_background_starts_can_be_interrupted():
    inner = "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
    code = (
        "import subprocess, sys\nfrom radpred.stages.watching.ending import *\n"
        f"with ending_in_order():\n    subprocess.run([sys.executable, '-c', {inner!r}])\n"
    )
    line = ["sh", "-c", 'trap \'\' INT; exec "$0" -c "$1"', sys.executable, code]
    assert subprocess.run(line, capture_output=True, text=True, check=False).stdout == "False\n"


def test_a_folder_without_a_run_has_no_status(tmp_path):
    said = CliRunner().invoke(app, ["status", str(tmp_path)])
    assert "no run has begun there" in str(said.exception)


def test_lines_for_machines_are_ascii_and_whole(capsys):
    from radpred.cli.watching.show import say_line

    say_line({"case": "a\u2028b\nc [bold]"})
    [line] = capsys.readouterr().out.split("\n")[:-1]
    assert json.loads(line)["case"] == "a\u2028b\nc [bold]"
