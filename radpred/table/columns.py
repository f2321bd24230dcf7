"""The names of the table's columns: made here, and read here, and nowhere else.

``[modality__]region__image_family_Feature`` for features, ``clinical__column`` for what else is
known of a patient, and ``__missing`` at the end of either for the column that says where the
value was missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from radpred.errors import InputError

CLINICAL = "clinical"
MISSING = "missing"
SITE = "site"  # where a case was scanned: a baseline looks at it, and nothing else
_BETWEEN = "__"
_WORD = r"[A-Za-z0-9.-]+"
_PLACE = re.compile(rf"{_WORD}(_{_WORD})*")  # a region or modality: single underscores inside
_IMAGE = re.compile(_WORD)
_FAMILY = re.compile(r"[a-z][A-Za-z0-9]*")
_FEATURE = re.compile(r"[A-Za-z0-9]+")

GroupKind = Literal["family", "image", "region", "modality"]
IMAGE_OF_TABLE = "table"  # stands where an image does, in columns of tables of others' features
GROUP_KINDS: tuple[GroupKind, ...] = ("family", "image", "region", "modality")


@dataclass(frozen=True, kw_only=True)
class Column:
    """What a column holds; ``name`` is the inverse of ``parse_name``.

    Parameters
    ----------
    modality : str
        Which of several images; empty where there is one, and for clinical columns.
    region : str
        Where it was measured; empty for clinical columns.
    image : str
        The image as it came (``original``) or a filter's response; empty for clinical columns.
    family : str
        The feature's family; ``clinical`` for clinical columns.
    feature : str
        The feature, or the clinical column.
    is_missing : bool
        Whether the column only says where another one, ``of_value``, has no value.
    """

    modality: str = ""
    region: str = ""
    image: str = ""
    family: str
    feature: str
    is_missing: bool = False

    @property
    def is_clinical(self) -> bool:
        """Tell whether the column comes from the table of patients, not from an image."""
        return self.family == CLINICAL

    @property
    def of_value(self) -> Column:
        """Return the column whose values this one belongs to: itself, unless it marks gaps."""
        return replace(self, is_missing=False)

    @property
    def name(self) -> str:
        """Return the name in the table."""
        if self.is_clinical:
            name = clinical_name(self.feature)
        else:
            name = feature_name(
                self.family,
                self.feature,
                image=self.image,
                region=self.region,
                modality=self.modality,
            )
        return missing_name(name) if self.is_missing else name


def feature_name(family: str, feature: str, *, image: str, region: str, modality: str = "") -> str:
    """Return the name of a feature's column.

    Raises
    ------
    InputError
        A part that could not be told from its neighbours when the name is read.

    Examples
    --------
    >>> feature_name("glcm", "JointEntropy", image="original", region="ring_0_8mm")
    'ring_0_8mm__original_glcm_JointEntropy'
    >>> feature_name("shape", "Sphericity", image="original", region="tumour", modality="pet")
    'pet__tumour__original_shape_Sphericity'
    """
    _check("feature", feature, _FEATURE, "letters and digits")
    _check("family", family, _FAMILY, "letters and digits, a small one first")
    _check("image", image, _IMAGE, "letters, digits, '-' and '.'")
    places = [region] if modality == "" else [modality, region]
    for kind, place in zip(("region", "modality"), reversed(places), strict=False):
        _check(kind, place, _PLACE, "letters, digits, '-', '.' and single '_' between them")
    return _BETWEEN.join([*places, f"{image}_{family}_{feature}"])


def clinical_name(column: str) -> str:
    """Return the name of a clinical column.

    Raises
    ------
    InputError
        The column has no name, or one that says that it marks gaps.

    Examples
    --------
    >>> clinical_name("age")
    'clinical__age'
    """
    if not column or column.endswith(_BETWEEN + MISSING):
        msg = f"clinical column {column!r}: it must have a name that does not end in '__missing'"
        raise InputError(msg, code="bad_name")
    return f"{CLINICAL}{_BETWEEN}{column}"


def missing_name(name: str) -> str:
    """Return the name of the column that says where column ``name`` has no value.

    Raises
    ------
    InputError
        ``name`` is such a column itself.

    Examples
    --------
    >>> missing_name("clinical__age")
    'clinical__age__missing'
    """
    if name.endswith(_BETWEEN + MISSING):
        msg = f"column {name!r} says where values are missing; there is no such column of it"
        raise InputError(msg, code="bad_name")
    return f"{name}{_BETWEEN}{MISSING}"


def parse_name(name: str) -> Column:
    """Return what the column of this name holds.

    Raises
    ------
    InputError
        The name is not one that this module makes.

    Examples
    --------
    >>> parse_name("tumour__wavelet-LLH_glszm_ZoneEntropy").image
    'wavelet-LLH'
    >>> parse_name("clinical__age__missing").of_value.name
    'clinical__age'
    """
    rest, is_missing = name, False
    if name.endswith(_BETWEEN + MISSING):
        rest, is_missing = name.removesuffix(_BETWEEN + MISSING), True
    first, _, column = rest.partition(_BETWEEN)
    try:
        if first == CLINICAL:
            parsed = Column(family=CLINICAL, feature=column, is_missing=is_missing)
        else:
            *places, tail = rest.split(_BETWEEN)
            modality, region = places if len(places) == 2 else ("", *places)
            image, family, feature = tail.split("_")
            parsed = Column(
                modality=modality,
                region=region,
                image=image,
                family=family,
                feature=feature,
                is_missing=is_missing,
            )
        is_ours = parsed.name == name
    except (ValueError, InputError) as error:
        raise InputError(_not_ours(name), code="bad_name") from error
    if not is_ours:
        raise InputError(_not_ours(name), code="bad_name")
    return parsed


def region_of(name: str) -> str:
    """Return the region of a column, ``clinical`` of a clinical one.

    Raises
    ------
    InputError
        The name is not a column's.

    Examples
    --------
    >>> region_of("ring_0_8mm__original_glcm_Idm"), region_of("clinical__age")
    ('ring_0_8mm', 'clinical')
    """
    return group_of(name, by="region")


def of_regions(columns: Iterable[str], regions: Sequence[str] | None) -> tuple[str, ...]:
    """Return the columns of these regions, in the order of the table; of None all but the site.

    Raises
    ------
    InputError
        A region has no column; those that have.
    """
    columns = tuple(column for column in columns if column != SITE)
    if regions is None:
        return columns
    places = [region_of(column) for column in columns]
    absent = [region for region in regions if region not in places]
    if absent:
        there = ", ".join(dict.fromkeys(places))
        msg = (
            f"learning.regions names {', '.join(absent)}, and no column is of it; columns are of "
            f"{there}"
        )
        raise InputError(msg, code="no_columns")
    return tuple(c for c, place in zip(columns, places, strict=True) if place in regions)


def group_of(name: str, *, by: GroupKind) -> str:
    """Return the group in which a column's share of an answer is summed.

    Clinical columns form one group, ``clinical``, whatever features are grouped by. Where there
    is one modality, its name is empty.

    Raises
    ------
    InputError
        The name is not a column's, or there is no such way to group.

    Examples
    --------
    >>> group_of("ring_0_8mm__original_glcm_Idm", by="region")
    'ring_0_8mm'
    >>> group_of("clinical__age", by="image")
    'clinical'
    """
    if by not in GROUP_KINDS:
        msg = f"got by={by!r}; columns are grouped by {', '.join(GROUP_KINDS)}"
        raise InputError(msg)
    column = parse_name(name)
    return CLINICAL if column.is_clinical else str(getattr(column, by))


@lru_cache(maxsize=1024)  # a table has thousands of names, made of few words
def _check(kind: str, word: str, allowed: re.Pattern[str], wanted: str) -> None:
    """Raise unless ``word`` is made of what is allowed, and is not kept for another use."""
    if not allowed.fullmatch(word) or word in (CLINICAL, MISSING):
        msg = f"{kind} {word!r} cannot be part of a column's name; use {wanted}, not a kept word"
        raise InputError(msg, code="bad_name")


def _not_ours(name: str) -> str:
    """Return what is wrong with a name that cannot be read."""
    return (
        f"column {name!r} cannot be read; wanted [modality__]region__image_family_Feature, "
        "clinical__column, or one of these with __missing"
    )
