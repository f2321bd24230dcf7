"""Tables of features that others made, such as embeddings, as columns of the study's table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from radpred.errors import InputError
from radpred.table.columns import IMAGE_OF_TABLE, feature_name, parse_name

KEYS = ("case_id", "patient_id")
MISSING_CELLS = frozenset({"", "NA", "NaN", "nan", "?"})
REASON_COLUMNS = ("case_id", "column", "reason")
_FAMILY, _IMAGE = "external", IMAGE_OF_TABLE
_ODD = re.compile(r"[^A-Za-z0-9]")
_WORDS = {"-": "minus", "+": "plus", ".": "point", "_": "under", " ": "space"}


def volume_name(table: str) -> str:
    """Return the name of the column that holds the tumour's volume in a foreign table.

    Examples
    --------
    >>> volume_name("deep")
    'deep__table_shape_MeshVolume'
    """
    return feature_name("shape", "MeshVolume", image=_IMAGE, region=table)


def is_of_tables(columns: Iterable[str]) -> bool:
    """Tell whether all feature columns come from foreign tables, none from an image.

    Examples
    --------
    >>> is_of_tables(["deep__table_external_e0", "clinical__age"])
    True
    """
    measured = [parse_name(name) for name in columns]
    return all(column.image == _IMAGE for column in measured if not column.is_clinical)


def external_features(table: pd.DataFrame, *, name: str, volume: str | None = None) -> pd.DataFrame:
    """Return a foreign table as numbers under names of the study's columns, indexed by its key.

    The key is the column ``case_id``, else ``patient_id``; every other column must hold numbers.
    Characters that a feature's name cannot have are taken out of a column's name; where two columns
    would then read alike, these are spelled out in both: ``a_-1`` is ``aunderminus1``.

    Parameters
    ----------
    table : DataFrame
        One row a case or a patient.
    name : str
        What the study calls the table; it stands where a region does.
    volume : str, optional
        The column that holds the tumour's volume; it is called as `volume_name` says.

    Returns
    -------
    DataFrame
        Columns ``<name>__table_external_<column>``; NaN where a cell is empty or not finite. Its
        index is called ``case_id`` or ``patient_id``.

    Raises
    ------
    InputError
        No key (``missing_column``), a key that is empty (``missing_id``) or comes twice
        (``duplicate_case``), cells that are no numbers (``bad_table``), no columns, or columns
        that cannot be told apart (``bad_name``).

    Examples
    --------
    >>> found = external_features(pd.DataFrame({"case_id": ["A"], "e_0": [1.5]}), name="deep")
    >>> found.loc["A"].to_dict()
    {'deep__table_external_e0': 1.5}
    """
    key = next((column for column in KEYS if column in table.columns), None)
    if key is None:
        there = ", ".join(map(str, list(table.columns)[:5]))
        msg = f"table {name}: wanted is a column case_id or patient_id, found {there}"
        raise InputError(msg, code="missing_column")
    ids = table[key].astype(str).str.strip()
    _refuse_ids(ids, name=name, key=key)
    columns = [column for column in table.columns if column not in KEYS]
    named = _named([str(column) for column in columns], name=name, volume=volume)
    values = {
        full: _numbers(table[column], name=name)
        for full, column in zip(named, columns, strict=True)
    }
    return pd.DataFrame(values, index=pd.Index(ids, name=key), dtype=np.float64)


def joined(
    frame: pd.DataFrame, external: pd.DataFrame, *, patients: pd.Series, name: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the study's table with the columns of a foreign one, and why cells are empty.

    Parameters
    ----------
    frame : DataFrame
        With a column ``case_id``.
    external : DataFrame
        As of `external_features`; rows of other cases are passed over.
    patients : Series
        The patient of each case, by case.
    name : str
        What the study calls the table.

    Returns
    -------
    joined : DataFrame
        ``frame`` with the new columns behind the old.
    reasons : DataFrame
        ``case_id``, ``column``, ``reason``: ``not_in_table`` where the case has no row,
        ``empty_cell`` where its row holds nothing.

    Raises
    ------
    InputError
        Not one case has a row (``unmatched_cases``).
    """
    cases = frame["case_id"].astype(str)
    keys = cases if external.index.name == "case_id" else cases.map(patients).astype(str)
    is_there = keys.isin(external.index).to_numpy()
    if not is_there.any():
        msg = (
            f"table {name}: none of {len(cases)} cases has a row; its {external.index.name} are "
            f"{_some(external.index)}, wanted {_some(keys)}; write them exactly as in the cases"
        )
        raise InputError(msg, code="unmatched_cases")
    found = external.reindex(pd.Index(keys)).set_axis(frame.index)
    rows = [
        (cases.iloc[row], column, "empty_cell" if is_there[row] else "not_in_table")
        for row, column in _empty(found)
    ]
    reasons = pd.DataFrame(rows, columns=list(REASON_COLUMNS), dtype=str)
    return pd.concat([frame, found], axis=1), reasons


def _empty(found: pd.DataFrame) -> list[tuple[int, str]]:
    """Return the place of each cell without a value: its row's number and its column."""
    places = np.argwhere(found.isna().to_numpy()).tolist()
    return [(row, str(found.columns[column])) for row, column in places]


def _refuse_ids(ids: pd.Series, *, name: str, key: str) -> None:
    """Refuse a table with a row of no case, or with two rows of one."""
    empty = ids.isin(MISSING_CELLS)
    if empty.any():
        msg = f"table {name}: row {int(empty.to_numpy().argmax()) + 1} has no {key}; name its {key}"
        raise InputError(msg, code="missing_id")
    twice = ids[ids.duplicated()].unique().tolist()
    if twice:
        msg = f"table {name}: {key} {twice[0]} has several rows ({len(twice)} such); leave one each"
        raise InputError(msg, code="duplicate_case")


def _named(columns: Sequence[str], *, name: str, volume: str | None) -> list[str]:
    """Return the names of columns in the study's table, one to one."""
    if not columns:
        msg = f"table {name}: holds no column beside its ids; give columns of numbers"
        raise InputError(msg, code="bad_table")
    known: dict[str, str] = {}
    words = [re.sub(_ODD, "", column) for column in columns]
    counts = Counter(words)
    for column, word in zip(columns, words, strict=True):
        plain = _spelled(column) if counts[word] > 1 else word
        if not plain or plain in known:
            like = f"reads like {known[plain]!r}" if plain else "has no letter or digit"
            msg = f"table {name}: column {column!r} {like} as a feature's name; rename it"
            raise InputError(msg, code="bad_name")
        known[plain] = column
    return [
        volume_name(name)
        if column == volume
        else feature_name(_FAMILY, plain, image=_IMAGE, region=name)
        for plain, column in known.items()
    ]


def _spelled(column: str) -> str:
    """Return a column's name with words for the characters that a feature's name cannot have."""
    return re.sub(_ODD, lambda found: _WORDS.get(found[0], f"u{ord(found[0]):04x}"), column)


def _numbers(values: pd.Series, *, name: str) -> np.ndarray:
    """Return a column as numbers, shape (n,); NaN where a cell is empty or infinite."""
    if values.dtype.kind not in "biuf":
        text = values.astype(object).where(values.notna(), "").astype(str).str.strip()
        values = text.mask(text.isin(MISSING_CELLS))
        numbers = pd.to_numeric(values, errors="coerce")
        odd = values[numbers.isna() & values.notna()]
        if len(odd):
            msg = (
                f"table {name}: column {values.name} holds {odd.iloc[0]!r}, wanted a number; "
                "leave the column out, or write numbers for words"
            )
            raise InputError(msg, code="bad_table")
        values = numbers
    plain = values.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(plain), plain, np.nan)


def _some(ids: pd.Series | pd.Index) -> str:
    """Return the first few ids in words."""
    return ", ".join(str(one) for one in list(ids)[:3]) + (", ..." if len(ids) > 3 else "")
