"""Tables and pictures of the study, put into its page between marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radpred.pipeline.evidence.sweep import compare_variants
from radpred.report.sweep import sweep_table
from radpred.report.words.names import plain_name
from radpred.report.words.numbers import bounds, number, read_interval, signed
from radpred.stages.commands.sweep import said_in
from radpred.stages.work.files import read_json
from radpred.table.columns import region_of

from .figures import areas_by_dice, importance_by_stability, written
from .importance import MODEL, alike, features_of, importance, rank_correlation, stability

PAGE = "segmentation-variability.md"
TITLES = {"sarcomas": "Sarcomas", "made": "Made lesions"}
DICE = (0.95, 0.9, 0.8, 0.7)
SERIES = {"": "tumour", "_ring": "tumour and ring"}
SHOWN = 0.8  # Dice of the picture
GOOD = 0.75
N_TOP = 8
# What was planted in made lesions, and columns that can follow it.
PLANTED = {
    "entropy of the tumour and its texture": ("tumour__original_firstorder_Entropy", "texture"),
    "10th percentile of the tumour and the halo": (
        "tumour__original_firstorder_10Percentile",
        "halo",
    ),
    "10th percentile of the ring and the halo": (
        "ring_0_5mm__original_firstorder_10Percentile",
        "halo",
    ),
}


@dataclass(frozen=True)
class Found:
    """What the sweep of one cohort found."""

    folder: Path

    def run(self, dice: float, ending: str = "_ring") -> Path:
        """Return the folder of a variant; Dice 1 stands for masks as given."""
        return self.folder / (f"{'given' if dice == 1 else f'{dice:g}'}{ending}")

    def compared(self, ending: str) -> list[dict[str, Any]]:
        """Return the variants of a series against its given masks."""
        said = {self.run(d, ending).name: said_in(self.run(d, ending)) for d in (1, *DICE)}
        rows = compare_variants(said, reference=f"given{ending}", model=MODEL)
        for row, dice in zip(rows, (1, *DICE), strict=True):
            row["at"] = dice
        return rows

    @cached_property
    def with_ring(self) -> dict[str, Any]:
        """Return the given masks with the ring against those without."""
        said = {e: said_in(self.run(1, e)) for e in SERIES}
        return compare_variants(said, reference="", model=MODEL)[1]

    @cached_property
    def columns(self) -> pd.DataFrame:
        """Return a row for each column: its region, importance, and reliability at each Dice."""
        runs = [self.run(dice) for dice in (1, *DICE)]
        table = importance(runs)
        for dice in (1, DICE[-1]):
            table[f"mean_abs {dice:g}"] = importance([self.run(dice)])["mean_abs"]
        table["region"] = ["tumour" if region_of(c) == "tumour" else "ring" for c in table.index]
        redrawn = {dice: self.run(dice) for dice in DICE}
        for statistic in ("icc_1_1", "pearson"):
            found = stability(self.run(1), redrawn, statistic)
            for dice, one in found.groupby("size"):
                table[f"{statistic} {dice:g}"] = one.set_index("column")["estimate"]
        given = features_of(self.run(1), variant=0)
        table["group"] = alike(given.loc[:, table.index])
        return table


def write_page(folder: Path, docs: Path) -> Iterator[Path]:
    """Write the pictures, and the tables into the page; yield what was written."""
    cohorts = {name: Found(folder / name / f"{name}_masks") for name in TITLES}
    text = (docs / PAGE).read_text(encoding="utf-8")
    areas: dict[str, dict[str, Any]] = {}
    for name, found in cohorts.items():
        series = {title: found.compared(ending) for ending, title in SERIES.items()}
        areas[name] = series
        for ending, rows in zip(SERIES, series.values(), strict=True):
            table = sweep_table({"reference": f"given{ending}", "variants": rows})
            text = between(text, f"{name}{ending}", "\n".join(table))
        text = between(text, f"{name}_importance", "\n".join(_importance(found)))
        text = between(text, f"{name}_top", "\n".join(_top(found)))
    text = between(text, "made_planted", "\n".join(_planted(cohorts["made"])))
    text = between(text, "beside", "\n".join(_beside(cohorts, areas)))
    titled = {TITLES[name]: series for name, series in areas.items()}
    yield written(areas_by_dice(titled), docs / "segmentation-variability-areas.svg")
    points = {
        TITLES[name]: found.columns.rename(columns={f"icc_1_1 {SHOWN:g}": "estimate"})
        for name, found in cohorts.items()
    }
    figure = importance_by_stability(points, label=f"ICC(1,1) at Dice {SHOWN:g}")
    yield written(figure, docs / "segmentation-variability-importance.svg")
    (docs / PAGE).write_text(text, encoding="utf-8")
    yield docs / PAGE


def _importance(found: Found) -> list[str]:
    """Return how reliability falls, and how it goes with importance, in Markdown."""
    table = found.columns
    kept = table["n_kept"] > 0
    lines = [
        "| Dice | median ICC, tumour | median ICC, ring | columns of ICC 0.75 or more | of those "
        "that a model keeps: median ICC | median Pearson | rank correlation of ICC and mean "
        "\\|SHAP\\| | of ICC and how often kept | of groups: ICC and mean \\|SHAP\\| |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for dice in DICE:
        icc, pearson = table[f"icc_1_1 {dice:g}"], table[f"pearson {dice:g}"]
        cells = [f"{icc[table['region'] == region].median():.2f}" for region in ("tumour", "ring")]
        cells += [f"{(icc >= GOOD).mean():.0%}", f"{icc[kept].median():.2f}"]
        cells += [f"{pearson[kept].median():.2f}"]
        cells += [_rank(table, icc, key) for key in ("mean_abs", "n_kept")]
        cells += [_rank_of_groups(table, icc)]
        lines.append(f"| {dice:g} | {' | '.join(cells)} |")
    n_groups = table["group"].nunique()
    return [
        *lines,
        "",
        f"{len(table)} columns in {n_groups} groups that are alike; {int(kept.sum())} columns are "
        f"kept by one of {int(table['n_models'].iloc[0])} models or more.",
    ]


def _rank(table: pd.DataFrame, icc: pd.Series, key: str) -> str:
    """Return a rank correlation with its interval."""
    rng = np.random.default_rng(0)
    value, low, high = rank_correlation(icc, table[key], table["group"], rng=rng)
    return f"{signed(value)} ({number(low)} to {number(high)})"


def _rank_of_groups(table: pd.DataFrame, icc: pd.Series) -> str:
    """Return the rank correlation of the median ICC of groups with what they add together."""
    by_group = table.assign(icc=icc).groupby("group")
    whole = by_group.agg(icc=("icc", "median"), mean_abs=("mean_abs", "sum"))
    return _rank(whole.assign(group=whole.index), whole["icc"], "mean_abs")


def _top(found: Found) -> list[str]:
    """Return the columns that move the models most, in Markdown."""
    table = found.columns.sort_values("mean_abs", ascending=False).head(N_TOP)
    lines = [
        "| | mean \\|SHAP\\| | given masks | Dice 0.7 | kept by | ICC at 0.9 | 0.8 | 0.7 "
        "| Pearson at 0.7 |",
        "|---" * 9 + "|",
    ]
    for column, row in table.iterrows():
        name = plain_name(str(column))
        cells = [f"{row[key]:.2f}" for key in ("mean_abs", "mean_abs 1", "mean_abs 0.7")]
        cells += [f"{row['n_kept']:.0f} of {row['n_models']:.0f}"]
        cells += [number(row[f"icc_1_1 {dice:g}"]) for dice in DICE[1:]]
        cells += [number(row["pearson 0.7"])]
        lines.append(f"| {name.what}, {row['region']} | {' | '.join(cells)} |")
    return lines


def _planted(found: Found) -> list[str]:
    """Return how closely columns follow what was planted in made lesions, in Markdown."""
    told = read_json(found.folder.parent / "truth.json")["hidden"]
    hidden = pd.DataFrame.from_dict(told, orient="index")
    lines = ["| masks | " + " | ".join(PLANTED) + " |", "|---" * (len(PLANTED) + 1) + "|"]
    for dice in (1, *DICE):
        table = features_of(found.run(dice), variant=0).droplevel("variant")
        patients = [str(case).partition("_")[0] for case in table.index]
        cells = [
            signed(table[column].corr(own[cause], method="spearman"))
            for own in [hidden.loc[patients].set_axis(table.index)]
            for column, cause in PLANTED.values()
        ]
        lines.append(f"| {'given' if dice == 1 else f'{dice:g}'} | {' | '.join(cells)} |")
    return lines


def _beside(cohorts: Mapping[str, Found], areas: Mapping[str, Any]) -> list[str]:
    """Return the published claims beside what was found, in Markdown."""
    rows = {
        "cases": "244 breast MR, triple-negative or not",
        "AUROC, masks as given, tumour alone": "not in the abstract",
        "from the given masks to Dice 0.7": "no significant difference",
        "smallest p of any redrawn mask, by Holm": "not in the abstract",
        "the ring's addition, masks as given": "does not diminish prediction",
        f"median ICC at Dice {SHOWN:g}, tumour and ring": "the ring may reduce it",
        "columns kept by models: median ICC at 0.95, at 0.7": "falls with the masks",
        "and their median Pearson at 0.7": "high where the ICC is low",
        f"rank correlation of ICC at Dice {SHOWN:g} and mean \\|SHAP\\|": "selection is not tied "
        "to stability",
        "and of groups of columns that are alike": "not asked",
    }
    ours = [_ours(found, areas[name]) for name, found in cohorts.items()]
    lines = [f"| | published | {' | '.join(TITLES.values())} |", "|---" * (2 + len(ours)) + "|"]
    for (name, published), *cells in zip(rows.items(), *ours, strict=True):
        lines.append(f"| {name} | {published} | {' | '.join(cells)} |")
    return lines


def _ours(found: Found, areas: Mapping[str, Any]) -> list[str]:
    """Return what was found in a cohort, a cell for each published claim."""
    first, table = areas["tumour"], found.columns
    kept = table["n_kept"] > 0
    least = min(row["p_holm"] for rows in areas.values() for row in rows if "p_holm" in row)
    icc = {dice: table[f"icc_1_1 {dice:g}"] for dice in DICE}
    by_region = icc[SHOWN].groupby(table["region"]).median()
    return [
        f"{first[0]['n_patients']} patients, {first[0]['n_events']} events",
        _interval(first[0]["auroc"]),
        _interval(first[-1]["difference"], is_signed=True),
        f"{least:.2f}",
        _interval(found.with_ring["difference"], is_signed=True),
        f"{by_region['tumour']:.2f}, {by_region['ring']:.2f}",
        f"{icc[0.95][kept].median():.2f}, {icc[0.7][kept].median():.2f}",
        f"{table.loc[kept, 'pearson 0.7'].median():.2f}",
        _rank(table, icc[SHOWN], "mean_abs"),
        _rank_of_groups(table, icc[SHOWN]),
    ]


def _interval(given: Mapping[str, Any], *, is_signed: bool = False) -> str:
    """Return a value with its interval."""
    one = read_interval(given)
    return f"{(signed if is_signed else number)(one.value)} ({bounds(one)})"


def between(text: str, name: str, table: str) -> str:
    """Return a page with a table between the marks of its name."""
    pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
    return re.sub(pattern, lambda found: f"{found[1]}{table}\n{found[2]}", text, flags=re.DOTALL)
