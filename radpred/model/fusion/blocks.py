"""Which columns belong together: a region, a modality, a family, a table of the clinic or lab."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from radpred.errors import InputError
from radpred.table.columns import (
    GROUP_KINDS,
    IMAGE_OF_TABLE,
    Column,
    GroupKind,
    group_of,
    parse_name,
)


@dataclass(frozen=True, kw_only=True)
class Block:
    """A named set of columns.

    Patterns are those of a shell, as in ``ring_*``; capitals count. A column of an image belongs
    to the block where every kind of pattern that is given has one that matches; one of a table of
    others' features also where one of ``tables`` does; a clinical column where one of ``clinical``
    does. A flag of gaps belongs where its column does.

    Parameters
    ----------
    name : str
        What the block is called.
    modality, region, image, family : tuple of str
        Patterns of the parts of a column's name (see `radpred.table.columns`). The modality is
        empty where there is one image. A table of others' features stands where a region does
        (see `radpred.table.external`).
    clinical : tuple of str
        Patterns of columns of the table of patients, without ``clinical__``.
    tables : tuple of str
        Patterns of names of tables of others' features.
    """

    name: str
    modality: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    image: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    clinical: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()

    def holds(self, column: Column) -> bool:
        """Say whether a column belongs to the block, others aside."""
        if column.is_clinical:
            return _matches(column.feature, self.clinical)
        if column.image == IMAGE_OF_TABLE and _matches(column.region, self.tables):
            return True
        given = {kind: getattr(self, kind) for kind in GROUP_KINDS if getattr(self, kind)}
        return bool(given) and all(
            _matches(getattr(column, kind), patterns) for kind, patterns in given.items()
        )


def blocks_of(
    columns: Iterable[str], spec: Sequence[Block] | GroupKind
) -> dict[str, tuple[str, ...]]:
    """Return the columns of each block, in the order of the table.

    Parameters
    ----------
    columns : iterable of str
        Names of the table's columns.
    spec : sequence of Block, or str
        A column goes to the first block that holds it, and is left out where none does. A kind of
        group (``family``, ``image``, ``region`` or ``modality``) makes a block of each of its
        groups, and one of all clinical columns.

    Raises
    ------
    InputError
        ``empty_block``: a block without a column, or no block at all. ``duplicates``: two blocks
        of one name. ``bad_name``: a column whose name cannot be read.

    Examples
    --------
    >>> table = ["tumour__original_glcm_Idm", "ring_0_8mm__original_glcm_Idm", "clinical__age"]
    >>> list(blocks_of(table, "region"))
    ['tumour', 'ring_0_8mm', 'clinical']
    >>> blocks_of(table, [Block(name="rings", region=("ring_*",))])
    {'rings': ('ring_0_8mm__original_glcm_Idm',)}
    """
    found: dict[str, list[str]] = {}
    if isinstance(spec, str):
        for name in columns:
            found.setdefault(group_of(name, by=spec), []).append(name)
    else:
        found = _of_spec(columns, spec)
    empty = [name for name, held in found.items() if not held]
    if empty or not found:
        msg = (
            f"the blocks {empty or list(found)} hold no column; wanted is at least one in each; "
            "correct the patterns, or leave the block out"
        )
        raise InputError(msg, code="empty_block")
    return {name: tuple(held) for name, held in found.items()}


def _of_spec(columns: Iterable[str], spec: Sequence[Block]) -> dict[str, list[str]]:
    """Return the columns of each block of ``spec``."""
    found: dict[str, list[str]] = {block.name: [] for block in spec}
    if len(found) < len(spec):
        msg = f"{len(spec)} blocks have {len(found)} names; give each block its own"
        raise InputError(msg, code="duplicates")
    for name in columns:
        column = parse_name(name)
        home = next((block for block in spec if block.holds(column)), None)
        if home is not None:
            found[home.name].append(name)
    return found


def _matches(word: str, patterns: Sequence[str]) -> bool:
    """Say whether a word fits one of the patterns."""
    return any(fnmatchcase(word, pattern) for pattern in patterns)
