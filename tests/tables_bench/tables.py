"""The tables of radMLBench as a study sees them, the cheapest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from radpred.errors import InputError
from radpred.table import read_table
from radpred.table.external import external_features

DATA = Path("radmlbench")


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table: what a model may see of each case, its outcome, and whose it is."""

    name: str
    X: pd.DataFrame
    y: pd.Series

    @property
    def patients(self) -> pd.Series:
        """Return the patient of each case; every row of these tables is one patient."""
        return pd.Series(self.X.index, index=self.X.index, dtype=str)


def names(folder: Path) -> list[str]:
    """Return the tables that are there, the cheapest first.

    Raises
    ------
    InputError
        The folder holds no index, or a table of the index is not there.
    """
    index = folder / "index.csv"
    if not index.is_file():
        msg = f"{index}: no such file; give the folder of radMLBench's tables"
        raise InputError(msg, code="missing_file")
    listed = pd.read_csv(index)
    listed = listed[listed["included"]]
    absent = [name for name in listed["dataset"] if not path_of(folder, name).is_file()]
    if absent:
        msg = f"{folder}: {', '.join(absent)} of index.csv are not there; fetch them"
        raise InputError(msg, code="missing_file")
    cost = (listed["n"] * listed["p"]).to_numpy().argsort(kind="stable")
    return [str(name) for name in listed["dataset"].iloc[cost]]


def path_of(folder: Path, name: str) -> Path:
    """Return where a table lies."""
    return folder / f"{name}.parquet"


def table_of(folder: Path, name: str, *, prefix: str = "", columns: Sequence[str] = ()) -> Table:
    """Return a table, or of its columns those that start with ``prefix``, without it.

    Parameters
    ----------
    folder : Path
        Where the tables lie.
    name : str
        Which one.
    prefix : str
        Of the columns wanted.
    columns : sequence of str
        Their order, as they are called without the prefix; any if empty.
    """
    frame = read_table(path_of(folder, name))[0]
    cases = name + "_" + frame["ID"].astype(str)
    measured = frame.drop(columns=["ID", "Target"])
    kept = measured[[c for c in measured.columns if c.startswith(prefix)]]
    kept = kept.rename(columns=lambda column: column.removeprefix(prefix))
    kept = kept[list(columns) or list(kept.columns)].assign(case_id=cases)
    X = external_features(kept, name="radiomics")
    y = pd.Series(frame["Target"].astype(int).to_numpy(), index=X.index)
    return Table(name=name, X=X, y=y)
