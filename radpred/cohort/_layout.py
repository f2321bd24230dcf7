"""Which columns of the table of cases hold what, told by their names alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from radpred.cohort._cells import missing_column, near_matches, require_columns
from radpred.cohort.prompts import BOX, PROMPTS
from radpred.errors import InputError
from radpred.table.columns import feature_name

_ALIKE = 0.8  # imge and msk mean a file, age and task do not


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Which columns of the table hold what."""

    images: Mapping[str, str]
    masks: Mapping[str, tuple[str, ...]]
    prompts: tuple[str, ...]
    folder: Path
    has_storage: bool = False


def layout_of(frame: pd.DataFrame, *, folder: Path, method: str) -> Layout:
    """Return which columns hold what, none without a method, or refuse a table that lacks one."""
    there = list(frame.columns)
    require_columns(frame, ["case_id", "patient_id"], table="cases")
    if not method:
        return Layout(images={}, masks={}, prompts=(), folder=folder)
    images = _image_columns(there, has_masks=method == "given" and "mask" in there)
    masks = {
        modality: tuple(c for c in dict.fromkeys((f"mask_{modality}", "mask")) if c in there)
        for modality in images
    }
    prompts: tuple[str, ...] = ()
    if method != "given":
        prompts = tuple(name for name in PROMPTS if name in there)
        require_columns(frame, [] if prompts else [BOX], table="cases")
    elif not all(masks.values()):
        lacking = [f"mask_{m}" if m else "mask" for m, columns in masks.items() if not columns]
        wanted = " and ".join(lacking) + (" (or mask for all)" if "" not in images else "")
        raise missing_column(wanted, there, near=[*lacking, "mask"], table="cases")
    return Layout(images=images, masks=masks, prompts=prompts, folder=folder)


def names_files(there: Sequence[str]) -> bool:
    """Tell whether a table names, or means to name, images, masks or prompts."""
    words = [column.casefold().strip() for column in there]
    starts = ("image", "mask", *PROMPTS)
    return any(
        word.startswith(starts) or get_close_matches(word, ("image", "mask"), cutoff=_ALIKE)
        for word in words
    )


def _image_columns(there: Sequence[str], *, has_masks: bool) -> dict[str, str]:
    """Return the image column of each modality, "" where masks stand alone."""
    several = {c.removeprefix("image_"): c for c in there if c.startswith("image_")}
    if "image" in there and several:
        msg = (
            f"the cases table has image and {', '.join(several.values())}: they cannot be told "
            "apart as modalities; name every image column image_<modality>, others otherwise"
        )
        raise InputError(msg, code="bad_column")
    if "image" in there:
        return {"": "image"}
    if not several:
        if has_masks and not near_matches("image", there):
            return {"": ""}
        wanted = "image (or image_<modality> for each)"
        raise missing_column(wanted, there, near=["image"], table="cases")
    for modality, column in several.items():
        _check_modality(modality, column)
    return several


def _check_modality(modality: str, column: str) -> None:
    """Refuse a modality that names of features cannot hold, or whose mask is the label's column."""
    try:
        if modality in ("", "label"):
            msg = f"modality {modality!r} is no name for an image"
            raise InputError(msg)
        feature_name("shape", "Any", image="original", region="tumour", modality=modality)
    except InputError as error:
        msg = f"the cases table has the image column {column!r}, and {error}; rename the column"
        raise InputError(msg, code="bad_column") from error
