"""Tables on disk: Parquet, whole or not at all, with what made them in the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from radpred.errors import InputError
from radpred.writing import write_whole

KEY = b"radpred"


def write_table(frame: pd.DataFrame, path: str | Path, *, metadata: dict[str, Any]) -> None:
    """Write ``frame`` as Parquet so that ``path`` holds either the old table or all of the new.

    The bytes go to a temporary name in the same folder, are forced to the disk, and take the
    place of ``path`` in one step. Equal tables give equal bytes.

    Parameters
    ----------
    frame : DataFrame
        With its index, unless that only numbers the rows.
    path : path
        Where to write; missing folders are made.
    metadata : dict
        What made the table; anything JSON can hold.

    Raises
    ------
    InputError
        A column's values have no common type, two columns have one name, or the metadata do not
        fit JSON.
    """
    path = Path(path)
    try:
        note = json.dumps(metadata, sort_keys=True, ensure_ascii=False, allow_nan=False)
        table = pa.Table.from_pandas(frame)
    except (TypeError, ValueError) as error:  # pyarrow's own errors are of these kinds
        msg = f"{path}: {error}; give columns of one type and names of their own, JSON metadata"
        raise InputError(msg, code="bad_table") from error
    known = table.schema.metadata or {}
    table = table.replace_schema_metadata({**known, KEY: note.encode()})
    write_whole(path, lambda unfinished: pq.write_table(table, unfinished, compression="zstd"))


def read_table(path: str | Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the table in a Parquet file and its metadata, {} where radpred did not write it.

    Raises
    ------
    InputError
        The file is missing (``missing_file``), or is no whole Parquet file (``bad_table``).
    """
    path = Path(path)
    if not path.is_file():
        msg = f"{path}: no such table; name an existing Parquet file, or run the step that makes it"
        raise InputError(msg, code="missing_file")
    try:
        with path.open("rb") as file:
            table = pq.read_table(file)
        note = (table.schema.metadata or {}).get(KEY, b"{}")
        return table.to_pandas(), json.loads(note)
    except (pa.ArrowException, ValueError) as error:
        msg = f"{path}: not a whole Parquet table ({error}); remove it and run its step again"
        raise InputError(msg, code="bad_table") from error


def read_metadata(path: str | Path) -> dict[str, Any]:
    """Return the metadata of a Parquet file, {} where there are none or the file is not whole."""
    try:
        note = (pq.read_schema(path).metadata or {}).get(KEY, b"{}")
        found = json.loads(note)
    except (pa.ArrowException, OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
