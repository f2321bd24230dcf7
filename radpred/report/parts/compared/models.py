"""Models side by side, part by part, by draws, and what imaging adds: rows of text to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from radpred.report.parts.tables import Measure, Row
from radpred.report.words.names import OutcomeWords
from radpred.report.words.numbers import (
    NOT_AVAILABLE,
    known,
    number,
    percent,
    read_interval,
    signed,
)

REFERENCES = {"volume": "tumour volume alone", "clinical": "clinical data alone"}
_ADDED = {
    "likelihood_ratio": "Likelihood ratio of the imaging score",
    "coefficient": "Its coefficient beside the clinical score",
    "auroc": "AUROC",
    "log_loss": "Log loss (below 0 is better)",
    "brier": "Brier score (below 0 is better)",
    "nri_events": "Reclassified upwards, with the event",
    "nri_others": "Reclassified downwards, without it",
    "nri_total": "Net reclassification between categories",
    "continuous_nri_events": "Risk moved upwards, with the event",
    "continuous_nri_others": "Risk moved downwards, without it",
    "continuous_nri_total": "Net reclassification without categories",
    "idi": "Integrated discrimination improvement",
}
_CAVEATED = ("nri_", "continuous_nri_", "idi")
_NEEDS = {
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "ppv": "Positive predictive value",
    "npv": "Negative predictive value",
    "positive": "Called positive",
}
_PARTS = {"sites": "Site", "date": "Tested", "external": "Tested"}
_BY_DRAWS = {"auroc": "AUROC", "brier": "Brier score", "log_loss": "Log loss"}


def differences(comparison: Mapping[str, Any]) -> dict[str, tuple[Measure, str]]:
    """Return each model's difference in AUROC to the reference, and its p-value, by name."""
    if not comparison.get("reference"):
        return {}
    found = {}
    for row in comparison["rows"]:
        if row["metric"] != "auroc":
            continue
        if row["model"] == comparison["reference"]:
            found[row["model"]] = (Measure(value="reference", bounds=""), "")
            continue
        ends = {"value": row["difference"], "low": row["difference_low"]}
        ci = read_interval(ends | {"high": row["difference_high"]})
        inside = f"({signed(ci.low)} to {signed(ci.high)})" if ci.has_bounds else ""
        shown = signed(ci.value) if ci.is_known else NOT_AVAILABLE
        found[row["model"]] = (Measure(value=shown, bounds=inside), _p(row["p_holm"]))
    return found


def added_rows(added: Sequence[Mapping[str, Any]]) -> tuple[list[Row], list[Row]]:
    """Return what imaging adds, and apart from it the measures that come with a caveat."""
    rows = {
        row["measure"]: Row(cells=(_measure_name(row["measure"]), _signed(row), _p(row["p"])))
        for row in added
    }
    caveated = [row for name, row in rows.items() if name.startswith(_CAVEATED)]
    return [row for name, row in rows.items() if not name.startswith(_CAVEATED)], caveated


def caveats(added: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the caveats of the measures that need one, each once."""
    notes = (row["note"] for row in added if row["measure"].startswith(_CAVEATED))
    return list(dict.fromkeys(part for note in notes for part in note.split("; ") if part))


def added_sentence(added: Sequence[Mapping[str, Any]]) -> str:
    """Say whether the scores of the model with images tell what the clinical score does not."""
    rows = {row["measure"]: row for row in added}
    test, area = rows.get("likelihood_ratio"), rows.get("auroc")
    if test is None or area is None or not known(test["p"]):
        return f"Whether imaging adds to clinical data is {NOT_AVAILABLE}."
    whether = "tells" if test["p"] < 0.05 else "is not shown to tell"
    ci = read_interval(area)
    gain = f"{signed(ci.value)} ({signed(ci.low)} to {signed(ci.high)})"
    zero = "excludes 0" if ci.has_bounds and ci.excludes(0.0) else "does not exclude 0"
    return (
        f"The held-out score of the selected model {whether} of the outcome what that of clinical "
        f"data alone does not ({_p(test['p'])}, likelihood ratio). The AUROC differs by {gain}: "
        f"its interval {zero}."
    )


def part_rows(parts: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return what the selected model is worth in each part of a design."""
    return [
        Row(
            cells=(
                row["label"],
                f"{row['n_rows']}",
                f"{row['n_patients']}",
                f"{row['n_events']}",
                *(number(row[key]) for key in ("auroc", "brier", "log_loss")),
                row["note"],
            )
        )
        for row in parts
    ]


def part_heading(design: Mapping[str, Any]) -> str:
    """Return what the parts of a design are called."""
    return _PARTS.get(design.get("kind", ""), "Part")


def draw_rows(optimism: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> list[Row]:
    """Return apparent, out-of-bag, .632 and .632+ values of each model and metric."""
    keys = ("apparent", "out_of_bag", "value_632", "value_632_plus", "overfitting")
    return [
        Row(
            cells=(
                labels.get(row["model"], row["model"]),
                _BY_DRAWS[row["metric"]],
                *(number(row[key]) for key in keys),
                f"{number(row['draws_low'])} to {number(row['draws_high'])}",
            ),
            kind="selected" if row["model"] == "selected" else "",
        )
        for row in optimism
    ]


def draw_sentence(optimism: Sequence[Mapping[str, Any]]) -> str:
    """Say what the selected model is worth by .632+, and how far its apparent value flatters."""
    row = next((r for r in optimism if (r["model"], r["metric"]) == ("selected", "auroc")), None)
    if row is None:
        return ""
    return (
        f"By .632+ over {row['n_draws']} bootstrap draws of patients the AUROC is "
        f"{number(row['value_632_plus'])}: {number(row['apparent'])} on the cases that the model "
        f"was fitted on, {number(row['out_of_bag'])} on cases out of the bag. It has no interval."
    )


def operating_rows(points: Sequence[Mapping[str, Any]], words: OutcomeWords) -> list[Row]:
    """Return one row a need: what was wanted, the threshold, and what it does; or why not."""
    rows = []
    for point in points:
        ends = [percent(at) for at in point["thresholds"]]
        between = f" ({ends[0]} to {ends[2]})" if ends and ends[0] != ends[2] else ""
        by_name = {row["metric"]: _share(row) for row in point["rows"]}
        cells = [by_name.get(name, Measure(value="", bounds="")) for name in _NEEDS]
        at = f"{ends[1]}{between}" if ends else point["note"]
        rows.append(Row(cells=(_wanted(point), at, *cells), kind="" if ends else "none"))
    return rows


def operating_headings() -> list[str]:
    """Return the names of what a threshold is judged by."""
    return list(_NEEDS.values())


def _wanted(point: Mapping[str, Any]) -> str:
    """Return what a threshold must reach, in words."""
    if point["need"] == "harm_odds":
        return f"{number(point['wanted'], digits=0)} needless actions weigh one missed event"
    return f"{_NEEDS[point['need']]} of {percent(point['wanted'])}"


def _share(row: Mapping[str, Any]) -> Measure:
    """Return a share with its interval."""
    ci = read_interval(row)
    low = number(100 * ci.low, digits=0) if ci.has_bounds else ""
    inside = f"({low} to {percent(ci.high)})" if low else ""
    return Measure(value=percent(ci.value), bounds=inside)


def _signed(row: Mapping[str, Any]) -> Measure:
    """Return a change with its interval; a test statistic has no sign."""
    ci = read_interval(row)
    if row["measure"] == "likelihood_ratio":
        return Measure(value=number(ci.value), bounds="")
    digits = 3 if row["measure"].startswith("net_benefit") else 2
    write = (lambda x: signed(x)) if digits == 2 else (lambda x: number(x, digits=3))
    inside = f"({write(ci.low)} to {write(ci.high)})" if ci.has_bounds else ""
    return Measure(value=write(ci.value) if ci.is_known else NOT_AVAILABLE, bounds=inside)


def _measure_name(measure: str) -> str:
    """Return a measure's name for readers."""
    stem, _, at = measure.rpartition("_")
    if stem == "net_benefit":
        return f"Net benefit at {percent(float(at))}"
    return _ADDED.get(measure, measure.replace("_", " "))


def _p(p: Any) -> str:
    """Return a p-value as text, nothing where there is none."""
    if not known(p):
        return ""
    return "p < 0.001" if p < 0.001 else f"p = {number(p, digits=3)}"
