"""Tables of shards to one file, a shard at a time: memory does not grow with the cases."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from radpred.errors import InputError
from radpred.table.assemble import ID, refuse_other_columns, refuse_repeats
from radpred.table.store import KEY
from radpred.writing import write_whole

CELLS = 4_000_000  # of a group of rows, 32 MB of numbers; a table with fewer is one group
_PANDAS = b"pandas"
_INDEX = "__index_level_"


def cases_of(parts: Sequence[Path]) -> list[str]:
    """Return the cases of tables in order, of which only the column ``case_id`` is read.

    Tables without a row have no say.

    Raises
    ------
    InputError
        A table has other columns than the first (``other_columns``), or a case comes twice
        (``duplicate_case``), by name.
    """
    seen: set[str] = set()
    wanted: list[str] = []
    found: list[str] = []
    for number, part in enumerate(parts, start=1):
        columns = _columns(_opened(part).schema_arrow)
        cases = pq.read_table(part, columns=[ID]).column(ID).to_pylist() if ID in columns else []
        if not cases:
            continue
        wanted = wanted or columns
        refuse_other_columns(columns, wanted, number=number)
        refuse_repeats(cases, seen, number=number)
        found += cases
    return found


def join_tables(
    parts: Sequence[Path | pa.Table],
    path: Path,
    *,
    metadata: dict[str, Any],
    beside: pa.Table | None = None,
    cells: int = CELLS,
) -> None:
    """Write the rows of all parts in order, with the columns of the first that has any.

    The file is the one that `write_table` makes of all rows together, but for one thing: a table
    of more than ``cells`` cells is in several groups of rows.

    Parameters
    ----------
    parts : sequence of path or Table
        Parquet files, of which one is in memory at a time; the rows are numbered anew.
    path : path
        Where to write.
    metadata : dict
        What made the table; anything JSON can hold.
    beside : Table, optional
        Columns to set behind those of the parts, one row for each of all their rows.
    cells : int
        How many cells a group of rows has, about.

    Raises
    ------
    InputError
        A part has a column of another kind (``bad_table``) or lacks one (``other_columns``).
    """
    rows = {place: _n_rows(part) for place, part in enumerate(parts)}
    full = [parts[place] for place, n in rows.items() if n] or list(parts[:1])
    starts = [0, *accumulate(n for n in rows.values() if n)]
    read = _reading(full, beside, starts)
    schema = _schema(full, read, n_rows=starts[-1], path=path)
    note = json.dumps(metadata, sort_keys=True, ensure_ascii=False, allow_nan=False)
    schema = schema.with_metadata({**(schema.metadata or {}), KEY: note.encode()})
    most = max(cells // max(len(schema.names), 1), 1)

    def write(unfinished: Path) -> None:
        with pq.ParquetWriter(unfinished, schema, compression="zstd") as writer:
            for group in _groups((read(place) for place in range(len(full))), schema, most=most):
                writer.write_table(group, row_group_size=max(group.num_rows, 1))

    write_whole(Path(path), write)


def _reading(
    parts: Sequence[Path | pa.Table], beside: pa.Table | None, starts: Sequence[int]
) -> Callable[[int], pa.Table]:
    """Return what reads one of the parts, by its place, with its rows of what stands beside."""

    def read(place: int) -> pa.Table:
        part = parts[place]
        table = part if isinstance(part, pa.Table) else pq.read_table(part)
        table = table.select(_columns(table.schema))
        if beside is not None:
            rows = beside.slice(starts[place], table.num_rows)
            for name in beside.column_names:
                table = table.append_column(name, rows.column(name))
        return table

    return read


def _groups(tables: Iterator[pa.Table], schema: pa.Schema, *, most: int) -> Iterator[pa.Table]:
    """Yield the rows of tables in groups of ``most``; one group at least."""
    held: list[pa.Table] = []
    n_held, n_given = 0, 0
    for table in tables:
        _refuse_other(table.column_names, schema)
        held.append(table.select(schema.names).cast(schema))
        n_held += table.num_rows
        while n_held >= most:
            together = pa.concat_tables(held)
            yield together.slice(0, most).combine_chunks()
            held, n_held, n_given = [together.slice(most)], n_held - most, n_given + 1
    if n_held or not n_given:
        yield pa.concat_tables(held).combine_chunks()


def _schema(
    parts: Sequence[Path | pa.Table],
    read: Callable[[int], pa.Table],
    *,
    n_rows: int,
    path: Path,
) -> pa.Schema:
    """Return the columns of all parts, as pandas would describe them."""
    first = read(0)
    wanted = set(first.column_names)
    unified = first.schema.remove_metadata()
    try:
        for part in parts[1:]:  # one at a time: thousands of schemas take more than the rows
            schema = part.schema if isinstance(part, pa.Table) else _opened(part).schema_arrow
            kinds = pa.schema([field for field in schema if field.name in wanted])
            unified = pa.unify_schemas([unified, kinds], promote_options="permissive")
    except pa.ArrowException as error:
        msg = f"{path}: {error}; write each part with the same version and settings"
        raise InputError(msg, code="bad_table") from error
    sample = first.slice(0, 1).select(unified.names).cast(unified)
    described = pa.Schema.from_pandas(sample.to_pandas().reset_index(drop=True)).metadata or {}
    if _PANDAS in described:
        known = json.loads(described[_PANDAS])
        rows = {"kind": "range", "name": None, "start": 0, "stop": n_rows, "step": 1}
        described = {**described, _PANDAS: json.dumps({**known, "index_columns": [rows]}).encode()}
    return unified.with_metadata(described)


def _refuse_other(names: Sequence[str], schema: pa.Schema) -> None:
    """Refuse a part that lacks a column."""
    absent = [name for name in schema.names if name not in names]
    if absent:
        msg = f"a part lacks the column {absent[0]} ({len(absent)} such); run its step again"
        raise InputError(msg, code="other_columns")


def _opened(path: Path) -> pq.ParquetFile:
    """Return a file of which nothing but its description is read.

    Raises
    ------
    InputError
        It is missing (``missing_file``), or no whole Parquet file (``bad_table``).
    """
    try:
        return pq.ParquetFile(path)
    except FileNotFoundError as error:
        msg = f"{path}: no such table; run the step that makes it"
        raise InputError(msg, code="missing_file") from error
    except pa.ArrowException as error:
        msg = f"{path}: not a whole Parquet table ({error}); remove it and run its step again"
        raise InputError(msg, code="bad_table") from error


def _n_rows(part: Path | pa.Table) -> int:
    """Return how many rows a part has."""
    if isinstance(part, pa.Table):
        return part.num_rows
    return _opened(part).metadata.num_rows


def _columns(schema: pa.Schema) -> list[str]:
    """Return the names of columns, without those of an index that pandas kept."""
    return [name for name in schema.names if not name.startswith(_INDEX)]
