"""What a tumour is made of, as a value in a table: one bag of pieces a case.

A bag says what pieces look like and which of them touch, not where they lie. Sub-regions that
look alike are learnt from the bags of training cases, inside the folds.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.errors import InputError
from radpred.table.columns import feature_name, parse_name

Array = NDArray[Any]
FAMILY, FEATURE = "habitat", "Bag"
HABITATS = "habitats"  # the region of what concerns all habitats of a tumour together


@dataclass(frozen=True, kw_only=True, eq=False)
class Bag:
    """The pieces of one tumour.

    Parameters
    ----------
    values : array of float32, shape (n_items, n_maps)
        What each piece looks like on each map.
    n_voxels : array of int32, shape (n_items,)
        How many voxels each has.
    pairs : array of int32, shape (n_pairs, 2)
        Which pieces touch.
    shared_mm2 : array of float32, shape (n_pairs,)
        The area that they share.
    within_mm2, surface_mm2 : array of float32, shape (n_items,)
        The area of faces between voxels of one piece, and at the tumour's surface.
    voxel_mm3 : float
        The volume of a voxel.
    """

    values: Array
    n_voxels: Array
    pairs: Array
    shared_mm2: Array
    within_mm2: Array
    surface_mm2: Array
    voxel_mm3: float

    def plain(self) -> dict[str, Any]:
        """Return the bag as JSON holds it, to the last bit."""
        held = {name: getattr(self, name) for name in _TYPES}
        arrays = {
            name: base64.b64encode(np.asarray(held[name], dtype=dtype).tobytes()).decode()
            for name, dtype in _TYPES.items()
        }
        return {"voxel_mm3": self.voxel_mm3, "n_maps": self.values.shape[1], **arrays}

    @classmethod
    def from_plain(cls, content: Mapping[str, Any]) -> Bag:
        """Return the bag of which ``plain`` is the other form."""
        arrays = {
            name: np.frombuffer(base64.b64decode(content[name]), dtype=dtype)
            for name, dtype in _TYPES.items()
        }
        return cls.from_flat(arrays, n_maps=content["n_maps"], voxel_mm3=content["voxel_mm3"])

    @classmethod
    def from_flat(cls, arrays: Mapping[str, Array], *, n_maps: int, voxel_mm3: float) -> Bag:
        """Return a bag whose arrays are all of one axis."""
        flat: dict[str, Any] = {
            name: np.ascontiguousarray(arrays[name]).astype(dtype) for name, dtype in _TYPES.items()
        }
        flat["values"] = flat["values"].reshape(-1, n_maps)
        flat["pairs"] = flat["pairs"].reshape(-1, 2)
        return cls(**flat, voxel_mm3=float(voxel_mm3))


# Little-endian, so that a file means the same on every machine.
_TYPES = {
    "values": "<f4",
    "n_voxels": "<i4",
    "pairs": "<i4",
    "shared_mm2": "<f4",
    "within_mm2": "<f4",
    "surface_mm2": "<f4",
}


def bag_name(modality: str = "") -> str:
    """Return the name of the column of bags.

    Examples
    --------
    >>> bag_name("pet")
    'pet__habitats__original_habitat_Bag'
    """
    return feature_name(FAMILY, FEATURE, image="original", region=HABITATS, modality=modality)


def is_bag(column: str) -> bool:
    """Say whether a column holds bags.

    Examples
    --------
    >>> is_bag(bag_name()), is_bag("age")
    (True, False)
    """
    try:
        name = parse_name(column)
    except InputError:  # a foreign column
        return False
    return (name.family, name.feature) == (FAMILY, FEATURE)


def bags_frame(bags: Mapping[str, Bag], *, modality: str = "") -> pd.DataFrame:
    """Return bags by case as a table of lists that Parquet can hold, one row a case."""
    rows = [
        {
            "case_id": case_id,
            "column": bag_name(modality),
            "n_maps": bag.values.shape[1],
            "voxel_mm3": bag.voxel_mm3,
            **{name: getattr(bag, name).ravel() for name in _TYPES},
        }
        for case_id, bag in bags.items()
    ]
    columns = ["case_id", "column", "n_maps", "voxel_mm3", *_TYPES]
    return pd.DataFrame(rows, columns=columns)


def with_bags(X: pd.DataFrame, bags: pd.DataFrame) -> pd.DataFrame:
    """Return a table with one more column, that of bags; None where a case has none.

    Parameters
    ----------
    X : DataFrame
        Indexed by case.
    bags : DataFrame
        As ``bags_frame`` returns it.
    """
    rows: list[Any] = bags.to_dict("records")
    found = {
        row["case_id"]: Bag.from_flat(row, n_maps=int(row["n_maps"]), voxel_mm3=row["voxel_mm3"])
        for row in rows
    }
    modality = parse_name(rows[0]["column"]).modality if rows else ""
    return with_column(X, found, modality=modality)


def with_column(X: pd.DataFrame, bags: Mapping[str, Bag], *, modality: str = "") -> pd.DataFrame:
    """Return ``with_bags`` of bags by case."""
    values: list[Any] = [bags.get(str(case_id)) for case_id in X.index]
    column = pd.Series(values, index=X.index, dtype=object, name=bag_name(modality))
    return pd.concat([X, column], axis=1)
