"""``python -m tables_bench.calibrators``, in ``tests/``: calibrations on the same held-out scores.

Each table is learnt once; every calibration is fitted on what the inner chains said, and judged on
what the outer folds hold out. `shrunk_sigmoid` looks at all settings that were tried: for it each
table is learnt once more. Results are kept as CSV, a table a file, and the means are printed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from radpred.evaluate import auroc, brier, calibrated, calibration_slope, log_loss
from radpred.model.calibrators import METHODS
from radpred.model.rows import cohort_of
from radpred.pipeline.learning.held_out import comparable
from radpred.pipeline.learning.selected import select_by_inner_score
from radpred.pipeline.learning.train import judge
from tables_bench.judged import design_of
from tables_bench.tables import DATA, Table, names, table_of

ROOT = Path(__file__).resolve().parents[2]
MEASURED = {"slope": calibration_slope, "log_loss": log_loss, "brier": brier, "auroc": auroc}
SHRUNK = "shrunk_sigmoid"
FITTED = [method for method in METHODS if method != "none"]


def compared(table: Table, *, preset: str, models: Sequence[str] = ()) -> pd.DataFrame:
    """Return a row a calibration: what the selected model's risks are worth on one table.

    Candidates are ``models``, by default those of the preset.
    """
    design = design_of(preset)
    if models:
        design = design.model_copy(update={"models": tuple(models)})
    cohort = cohort_of(table.X, table.y, table.patients)
    found = judge(design.models, cohort, design=design)
    selected, _ = select_by_inner_score(found.predictions)
    rows = comparable(found.held_out, selected)
    everyone = np.ones(len(rows.y))
    lines = []
    for method in FITTED:
        if method == SHRUNK:
            again = design.model_copy(update={"calibration": method})
            anew = judge(design.models, cohort, design=again).predictions
            chosen, _ = select_by_inner_score(anew)
            # Columns are in the order of the cases' names, as the held-out rows are.
            risks = chosen.pivot(index="repeat", columns="case_id", values="probability").to_numpy()
        else:
            risks, _ = calibrated(method, rows.parts, rows.y)
        values = {
            name: float(np.mean([metric(rows.y, risk, everyone) for risk in risks]))
            for name, metric in MEASURED.items()
        }
        lines.append({"table": table.name, "method": method, **values})
    return pd.DataFrame(lines)


def summary(found: pd.DataFrame, *, able: set[str]) -> pd.DataFrame:
    """Return a row a calibration: medians of slopes, and mean losses beside the plain sigmoid's.

    Parameters
    ----------
    found : DataFrame
        Rows of `compared` of all tables.
    able : set of str
        Tables on which something is shown to be known.
    """
    wide = found.pivot(index="table", columns="method")
    lines = []
    for method in FITTED:
        gain = wide["log_loss"][method] - wide["log_loss"]["sigmoid"]
        slope = wide["slope"][method].replace([np.inf, -np.inf], np.nan)
        lines.append(
            {
                "method": method,
                "median slope": slope.median(),
                "median slope, able": slope[slope.index.isin(able)].median(),
                "slopes undefined": int(slope.isna().sum()),
                "log loss": wide["log_loss"][method].mean(),
                "less sigmoid's": gain.mean(),
                "standard error": gain.std(ddof=1) / np.sqrt(len(gain)),
                "tables better": int((gain < 0).sum()),
                "Brier": wide["brier"][method].mean(),
                "AUROC": wide["auroc"][method].mean(),
            }
        )
    return pd.DataFrame(lines).set_index("method")


def main() -> None:
    """Compare calibrations on the tables that are named, or on all, and print the means."""
    parser = argparse.ArgumentParser(prog="python -m tables_bench.calibrators")
    parser.add_argument("tables", nargs="*")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--models", nargs="*", default=[], help="candidates, if not the preset's")
    parser.add_argument("--able", nargs="*", default=[], help="tables on which something is known")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "calibrators")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / DATA)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    ending = ".".join([given.preset, *given.models, "csv"])
    for name in given.tables or names(given.data):
        path = given.folder / f"{name}.{ending}"
        if not path.is_file():
            table = table_of(given.data, name)
            found = compared(table, preset=given.preset, models=given.models)
            found.to_csv(path, index=False)
    files = sorted(given.folder.glob(f"*.{ending}"))
    means = summary(pd.concat(map(pd.read_csv, files)), able=set(given.able))
    sys.stdout.write(means.round(4).to_string() + "\n")


if __name__ == "__main__":
    main()
