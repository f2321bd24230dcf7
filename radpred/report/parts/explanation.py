"""What moved the answers of a study, and how far that goes with the volume of the tumour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from radpred.report import figures
from radpred.report.parts.patients import answer_words, chosen_cases, moved_by
from radpred.report.parts.sections import Study
from radpred.report.parts.spread import mask_range
from radpred.report.words.names import group_words, plain_name
from radpred.report.words.numbers import counted, number, percent

MOST_SWARM = 250
_N_NAMED = 3


def explanation_section(study: Study, cases: pd.DataFrame) -> dict[str, Any]:
    """Return what moved the answers: over all cases, by group, and case by case."""
    given = study.explanation
    if not given.get("cases") or not given.get("features"):
        return {"swarm": None, "groups": [], "cases": [], "note": "", "volume": ""}
    shown = {**given, "cases": thinned(given["cases"], most=MOST_SWARM)}
    first = [str(plain_name(feature["name"])) for feature in given["features"][:3]]
    unit = "score" if given.get("note") else "log-odds"
    swarm = figures.beeswarm(shown, unit=unit, colours=study.colours)
    return {
        "swarm": study.drawing(swarm, "swarm", f"Contributions; leading: {'; '.join(first)}"),
        "n_shown": len(shown["cases"]),
        "n_cases": len(given["cases"]),
        "n_features": len(given["features"]),
        "model": given.get("model", ""),
        "note": given.get("note", ""),
        "groups": _groups(study),
        "volume": volume_sentences(given.get("volume")),
        "cases": _waterfalls(study, cases),
    }


def thinned(cases: Sequence[Any], *, most: int) -> list[Any]:
    """Return at most ``most`` cases, spread evenly over the list."""
    step = max(1.0, len(cases) / most)
    return [cases[int(place * step)] for place in range(min(len(cases), most))]


def _groups(study: Study) -> list[dict[str, Any]]:
    """Return bars for each way of grouping that has something to compare."""
    titles = {
        "family": "By kind of feature",
        "region": "By region",
        "image": "By image filter",
        "modality": "By modality",
    }
    bars = []
    for kind, title in titles.items():
        groups = study.explanation.get("groups", {}).get(kind) or []
        if len([group for group in groups if group["name"] != "clinical"]) < 2:
            continue
        figure = figures.group_bars(groups, kind=kind, colours=study.colours)
        told = "; ".join(f"{group_words(kind, g['name'])} {percent(g['share'])}" for g in groups)
        bars.append({"title": title, "plot": study.drawing(figure, f"group-{kind}", told)})
    return bars


def _waterfalls(study: Study, cases: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one panel a chosen case: why it was chosen, its answers, its waterfall."""
    explained = {str(case["case_id"]): case for case in study.explanation["cases"]}
    cases = cases[cases.index.astype(str).isin(list(explained))]
    panels = []
    for place, chosen in enumerate(chosen_cases(cases, n=study.n_waterfalls)):
        case, row = explained[chosen.case_id], cases.loc[chosen.case_id].to_dict()
        figure = figures.waterfall(
            case,
            base_value=study.explanation["base_value"],
            is_log_odds=not study.explanation.get("note"),
            colours=study.colours,
        )
        moved = moved_by(case["contributions"])
        panels.append(
            {
                "index": place + 1,
                "case_id": chosen.case_id,
                "reason": chosen.reason,
                "patient_id": row["patient_id"],
                "observed": study.words.of(int(row["y"])),
                "risk": percent(row["risk"]),
                "spread": f"{percent(row['lowest'])} to {percent(row['highest'])}",
                "n_repeats": int(row["n_repeats"]),
                "over_masks": mask_range(row),
                "answer": answer_words(row["answer"], study.words),
                "is_wrong": row["answer"] in {"0", "1"} and row["answer"] != str(int(row["y"])),
                "final": percent(case["probability"]),
                "moved": moved,
                "plot": study.drawing(figure, f"waterfall-{place}", f"{chosen.case_id}. {moved}"),
            }
        )
    return panels


def volume_sentences(record: Mapping[str, Any] | None) -> str:
    """Say how far what the model looks at goes with the volume of the tumour."""
    if not record:
        return (
            "Whether features only carry the volume of the tumour is not known: none was measured."
        )
    limit = number(record["limit"], digits=1)
    strong = [one for one in record["used"] if abs(one["rho"]) >= record["limit"]]
    n_used = counted(len(record["used"]), "feature")
    text = f"Of the {n_used} that the model looks at, {len(strong) or 'none'} "
    text += f"{'goes' if len(strong) == 1 else 'go'} with the volume of the tumour at a rank "
    text += f"correlation of {limit} or more"
    named = [f"{plain_name(one['column'])}, {number(one['rho'])}" for one in record["used"]]
    text += f"; most so: {'; '.join(named[:_N_NAMED])}. " if named else ". "
    if not record["largest"]:
        return text.strip()
    most = record["largest"]
    return (
        f"{text}Of all {counted(record['n_columns'], 'feature')} of intensity and texture that "
        f"were measured, {record['n_strong']} do ({plain_name(most['column'])} the most, "
        f"{number(most['rho'])}). Such a feature may be another name for size: whether the model "
        "is better than volume alone stands under Performance."
    )
