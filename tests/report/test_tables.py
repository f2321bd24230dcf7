"""The flow of cases and the tables."""

import pandas as pd

from radpred.report.parts.tables import (
    conformal_rows,
    flow_of_cases,
    model_rows,
    notes_on,
    ring_rows,
    verdict_rows,
)


def verdicts(*rows):
    columns = ["case_id", "stage", "status", "code"]
    frame = pd.DataFrame([row.split("|") for row in rows], columns=columns)
    return frame.assign(patient_id="p", came="x", wanted="y", todo="z")


def test_a_case_with_several_verdicts_is_counted_once_by_the_worst():
    flow = flow_of_cases(
        verdicts("a|cases|accepted|", "a|extract|rejected|flat", "b|cases|noted|mended",
                 "b|extract|accepted|", "c|cases|accepted|")
    )  # fmt: skip
    assert (flow.n_listed, flow.n_used, flow.n_rejected, flow.n_noted) == (3, 2, 1, 1)


def test_a_note_on_a_case_that_was_rejected_later_is_not_counted():
    flow = flow_of_cases(verdicts("a|cases|noted|mended", "a|extract|rejected|flat"))
    assert flow.noted == ()


def test_rejections_are_counted_by_stage_and_code():
    flow = flow_of_cases(
        verdicts("a|cases|rejected|no_file", "b|cases|rejected|no_file", "c|extract|rejected|flat")
    )
    assert [(r.stage, r.n, r.codes) for r in flow.rejected] == [
        ("cases", 2, (("no_file", 2),)),
        ("extract", 1, (("flat", 1),)),
    ]


def test_rows_without_an_id_count_where_they_were_rejected():
    flow = flow_of_cases(
        verdicts("|cases|rejected|no_id", "|cases|rejected|no_id", "a|x|accepted|")
    )
    assert (flow.n_listed, flow.n_rejected) == (3, 2)


def test_a_patient_without_a_case_is_no_listed_case():
    flow = flow_of_cases(verdicts("a|cases|accepted|", "|outcome|noted|orphan_outcome"))
    assert (flow.n_listed, flow.n_noted) == (1, 0)


def test_no_verdicts_make_an_empty_flow():
    assert flow_of_cases(verdicts()).n_listed == 0


def test_a_rejection_says_what_came_what_was_wanted_and_what_to_do():
    (row,) = verdict_rows(verdicts("a|cases|rejected|no_file"), status="rejected", limit=9)
    assert row.cells == ("a", "p", "cases", "no_file", "x", "y", "z")


def test_the_selected_model_leads_and_baselines_close_the_table():
    models = [
        {"label": name, "kind": kind, "metrics": {}}
        for name, kind in (("v", "baseline"), ("c", "candidate"), ("s", "selected"))
    ]
    rows = model_rows(models)
    assert [row.cells[0] for row in rows] == ["s", "c", "v"]
    assert rows[0].cells[1].value == "not available"


def test_notes_of_the_evaluation_are_passed_on_by_model_and_metric():
    metrics = {"log_loss": {"value": 1.0, "low": None, "high": None, "note": "infinite in 3 draws"}}
    models = [{"label": "Forest", "kind": "candidate", "metrics": metrics}]
    assert notes_on(models) == ["Forest, Log loss: infinite in 3 draws"]


def test_all_cases_come_after_the_classes_of_their_level():
    rows = [
        {"level": level, "class": c, "n": 9, "coverage": {"value": 0.9}, "singleton": 0.5}
        for c in ("all", 1, 0)
        for level in (0.9, 0.8)
    ]
    shown = [row.cells[:2] for row in conformal_rows(rows, {0: "no", 1: "yes", "all": "all"})]
    eighty, ninety = "80\u00a0%", "90\u00a0%"
    assert shown == [(eighty, c) for c in ("no", "yes", "all")] + [
        (ninety, c) for c in ("no", "yes", "all")
    ]


def test_the_table_of_rings_leaves_out_the_tumour_and_keeps_modalities_apart():
    kept = pd.DataFrame(
        {
            "modality": ["pet", "t1", "pet"],
            "region": ["ring_0_4mm", "ring_0_4mm", "tumour"],
            "kept_fraction": [0.4, 0.8, 1.0],
        }
    )
    assert [row.cells for row in ring_rows(kept)] == [
        ("PET ring 0\u20134 mm", "1", "40\u00a0%", "40\u00a0%", "1"),
        ("T1 ring 0\u20134 mm", "1", "80\u00a0%", "80\u00a0%", "0"),
    ]


def test_a_study_without_rings_has_no_table_of_rings():
    assert ring_rows(None) == []
