"""Tables and pictures of the study, put into its page between marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from radpred.pipeline.evidence.sweep import compare_variants
from radpred.report.sweep import sweep_picture, sweep_table
from radpred.report.words.numbers import bounds, number, read_interval
from radpred.stages.commands.sweep import said_in
from radpred.stages.work.files import read_json

PAGE = "peritumoral.md"
MODELS = ("logistic", "svm", "random_forest", "xgboost")
METHODS = ("given", "otsu", "fcm", "gmm", "knn")
SWEEPS = ("nodules_expanded", "nodules_rings", "made_rings", "made_shells")


def write_page(folder: Path, docs: Path) -> Iterator[Path]:
    """Write the pictures, and the tables into the page; yield what was written."""
    tables = {}
    found = segmentations(folder / "nodules" / "segmentation")
    tables["segmentation"] = "\n".join(_pairs(found))
    yield _picture(found, docs / "peritumoral-segmentation.svg")
    for name in SWEEPS:
        cohort = "made" if name.startswith("made") else "nodules"
        sweep = read_json(folder / cohort / name / "sweep.json")
        tables[name] = "\n".join(sweep_table(sweep))
        yield _picture(sweep, docs / f"peritumoral-{name.replace('_', '-')}.svg")
    page = docs / PAGE
    text = page.read_text(encoding="utf-8")
    for name, table in tables.items():
        text = _between(text, name, table)
    page.write_text(text, encoding="utf-8")
    yield page


def segmentations(folder: Path) -> dict[str, Any]:
    """Return every pair of segmentation and model as a variant, compared with the best."""
    said = {}
    for method in METHODS:
        table = said_in(folder / method)
        for model in MODELS:
            one = table[table["model"] == model].assign(model="selected")
            said[f"{method} {model}"] = one
    first = compare_variants(said, reference=next(iter(said)))
    best = max(first, key=lambda row: row["auroc"]["value"])["variant"]
    rows = compare_variants(said, reference=best)
    for row in rows:
        method, model = row["variant"].split(" ")
        row |= {"place": {"segmentation": method, "classifier": model}, "at": None}
    return {"reference": best, "label": "", "variants": rows}


def _pairs(found: dict[str, Any]) -> list[str]:
    """Return the table of segmentations and classifiers, in Markdown."""
    cells = {}
    for row in found["variants"]:
        area = read_interval(row["auroc"])
        star = "**" if row["variant"] == found["reference"] else ""
        place = (row["place"]["segmentation"], row["place"]["classifier"])
        cells[place] = f"{star}{number(area.value)}{star} ({bounds(area)})"
    methods = list(dict.fromkeys(method for method, _ in cells))
    lines = [f"| | {' | '.join(MODELS)} |", "|---" * (len(MODELS) + 1) + "|"]
    lines += [f"| {m} | {' | '.join(cells[m, model] for model in MODELS)} |" for m in methods]
    others = [row for row in found["variants"] if row["variant"] != found["reference"]]
    least = min(others, key=lambda row: row["p_holm"])
    lines += [
        "",
        f"Smallest p against {found['reference']}: {least['p']:.3f} ({least['variant']}), "
        f"{least['p_holm']:.2f} by Holm over {len(others)} comparisons.",
    ]
    return lines


def _picture(found: dict[str, Any], path: Path) -> Path:
    """Write a sweep as a picture and return its path."""
    path.write_bytes(sweep_picture(found, kind="svg"))
    return path


def _between(text: str, name: str, table: str) -> str:
    """Return a page with a table between the marks of its name."""
    pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
    return re.sub(pattern, lambda found: f"{found[1]}{table}\n{found[2]}", text, flags=re.DOTALL)
