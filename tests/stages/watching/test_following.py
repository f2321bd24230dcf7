"""Steps say what is done; whoever watches reads pace, time left and reasons."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from radpred.cohort import Verdict, to_frame
from radpred.config import StudySettings
from radpred.progress import failure_lines
from radpred.stages.watching.failures import Failures
from radpred.stages.watching.snakelog import LOG, parsed
from radpred.stages.watching.state import Status, Watch, pace
from radpred.stages.work.progress import FOLDER, Part, Piece, Progress
from radpred.table import write_table

HOSTILE = ("a\nb", "a\u2028b", "a\x85b", "a\x0bb", "a b", "a.b", "a__b", "_", "..", "ä患", "\ud800")


def watch(out, *, n_cases, n_shards=2):
    settings = StudySettings.model_validate(
        {"name": "a", "cases": "c.csv", "outcome": {"column": "y"}}
    )
    return Watch(out, settings, n_cases=n_cases, n_shards=n_shards)


def say(out, step, part, *cases, total=None, code=""):
    with Progress(out, step, part, total=len(cases) if total is None else total) as progress:
        for case in cases:
            progress.done(case, code=code)


@pytest.mark.parametrize("case_id", HOSTILE)
def test_an_id_with_any_character_is_one_piece(tmp_path, case_id):
    say(tmp_path, "extract", "0000", case_id, total=3, code="flat")
    part = Part(tmp_path / FOLDER / "extract.0000")
    part.update()
    assert [(piece.case, piece.code) for piece in part.pieces] == [(case_id, "flat")]
    assert (part.total, part.name) == (3, "0000")


def test_a_piece_is_read_once_however_often_one_looks(tmp_path):
    with Progress(tmp_path, "extract", "0000", total=2) as progress:
        part = Part(progress.path)
        progress.done("a")
        part.update()
        part.update()
        progress.done("b")
        part.update()
    assert [piece.case for piece in part.pieces] == ["a", "b"]


def test_a_line_that_is_half_written_waits_for_its_other_half(tmp_path):
    with Progress(tmp_path, "extract", "0000", total=1) as progress:
        part = Part(progress.path)
        line = json.dumps({"case": "a", "at": 1.0}) + "\n"
        with progress.path.open("a") as file:
            file.write(line[:9])
        part.update()
        assert part.pieces == []
        with progress.path.open("a") as file:
            file.write(line[9:])
        part.update()
    assert [piece.case for piece in part.pieces] == ["a"]


def test_a_part_that_begins_anew_counts_from_nothing(tmp_path):
    say(tmp_path, "extract", "0000", "a", "b")
    part = Part(tmp_path / FOLDER / "extract.0000")
    part.update()
    say(tmp_path, "extract", "0000", "a")
    part.update()
    assert [piece.case for piece in part.pieces] == ["a"]


def test_a_case_that_a_verdict_rejects_is_told_with_its_reason(tmp_path):
    verdicts = [
        Verdict.noted("a", "p", stage="extract", code="mended", came="x"),
        Verdict.rejected("b", "p", stage="extract", error=OSError("gone")),
    ]
    with Progress(tmp_path, "extract", "0000", total=2) as progress:
        progress.judged("a", verdicts)
        progress.judged("b", verdicts)
    part = Part(progress.path)
    part.update()
    assert [piece.code for piece in part.pieces] == ["", "unreadable_file"]


def test_the_pace_is_that_of_the_last_minute():
    # 100 cases kept by an earlier run came at once; of the others one came every two seconds.
    times = [0.0] * 100 + [2.0 * n for n in range(1, 101)]
    assert pace(times, began=0.0, now=200.0) == pytest.approx(0.5, rel=0.02)


def test_the_pace_of_slow_cases_is_that_of_the_last_twenty():
    times = [300.0 * n for n in range(1, 31)]
    assert pace(times, began=0.0, now=9000.0) == pytest.approx(1 / 300)


def test_without_a_piece_there_is_no_pace():
    assert pace([], began=0.0, now=9.0) is None
    assert Status("extract", 0, 9, 5.0).seconds_left is None


def test_time_left_follows_the_pace():
    assert Status("extract", 10, 30, 99.0, rate=2.0).seconds_left == 10


def test_shards_that_a_run_leaves_alone_are_done(tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / LOG).write_text("Job stats:\njob  count\n---  ---\nextract  1\ntotal  1\n\n")
    say(tmp_path, "extract", "0001", "a", total=4)
    seen = watch(tmp_path, n_cases=10)
    seen.update()
    [status] = seen.statuses()
    assert (status.done, status.kept, status.total) == (7, 6, 10)


def test_the_log_of_snakemake_tells_jobs_planned_begun_done_and_lost():
    log = parsed(
        "Job stats:\njob      count\n-----  -----\nextract  3\ntotal    3\n\n"
        "[Sat Nov 28 17:09:58 2026]\nlocalrule extract:\n    input: rule train:\n"
        "rule extract:\nFinished jobid: 4 (Rule: extract)\nError in rule extract:\n"
    )
    assert log.planned == {"extract": 3}
    assert (log.begun["extract"], log.done["extract"], log.lost["extract"]) == (2, 1, 1)
    assert log.begun["train"] == 0


def test_three_bad_cases_of_twenty_for_two_reasons_are_two_lines_top_reason_first():
    pieces = [Piece(f"p{n}", float(n)) for n in range(17)]
    pieces += [Piece("a", 18.0, "label_missing", "label 9\nis not there")]
    pieces += [Piece("b", 19.0, "unreadable_file", "ends"), Piece("c", 20.0, "unreadable_file")]
    failures = Failures()
    failures.of_pieces(pieces)
    assert failure_lines(failures.summary()) == [
        "2 unreadable_file, for example b: ends",
        "1 label_missing, for example a: label 9 is not there",
    ]


def test_a_case_that_fails_in_two_steps_is_one_case():
    failures = Failures()
    failures.of_pieces([Piece("a", 1.0, "flat"), Piece("a", 2.0, "crashed")])
    assert [(one.code, one.n) for one in failures.summary()] == [("flat", 1)]


def test_rows_rejected_before_any_work_and_kept_shards_count_too(tmp_path):
    def table(name, *verdicts):
        write_table(to_frame(verdicts), tmp_path / name, metadata={})

    lost = {"stage": "extract", "error": OSError("gone")}
    table("cases/verdicts.parquet", Verdict.rejected("a", "", stage="check", error=KeyError("x")))
    table("features/0000.verdicts.parquet", Verdict.rejected("b", "", **lost))
    table("features/0001.verdicts.parquet", Verdict.rejected("c", "", **lost))
    say(tmp_path, "extract", "0001", "c")  # measured anew, and good this time
    seen = watch(tmp_path, n_cases=2)
    seen.update()
    assert [(one.code, one.n, one.case) for one in seen.failures()] == [
        ("unexpected_error", 1, "a"),
        ("unreadable_file", 1, "b"),
    ]


def test_a_step_says_its_state_with_plain_numbers(tmp_path):
    say(tmp_path, "extract", "0000", "a", code="flat", total=2)
    seen = watch(tmp_path, n_cases=2, n_shards=1)
    seen.update()
    plain = json.loads(json.dumps(seen.statuses()[0].plain()))
    assert plain["failures"] == [{"code": "flat", "n": 1, "case": "a", "came": ""}]
    assert pd.Series(plain).index.tolist() == [
        *("step", "done", "total", "kept", "seconds", "rate", "seconds_left", "failures")
    ]
