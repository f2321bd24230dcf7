"""Blocks of columns, and how what they say is joined."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt, model_validator

from radpred.config._base import Settings

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
FEWEST = 2


class BlockSettings(Settings):
    """One set of columns: those of regions and modalities, of tables, clinical ones."""

    regions: tuple[str, ...] = Field(
        default=(),
        description="tumour, names of rings and of other regions, or patterns, as ring_*.",
    )
    modalities: tuple[str, ...] = Field(
        default=(), description="As pet of image_pet; with regions: columns that are of both."
    )
    tables: tuple[str, ...] = Field(default=(), description="Names of tables.")
    clinical: bool = Field(default=False, description="All columns of outcome.clinical.")

    @model_validator(mode="after")
    def _holds_something(self) -> BlockSettings:
        if not (self.regions or self.modalities or self.tables or self.clinical):
            msg = (
                "a block of nothing came; name regions, modalities or tables, or set clinical to "
                "true"
            )
            raise ValueError(msg)
        return self


class FusionSettings(Settings):
    """How blocks are joined; nothing is without blocks."""

    kind: Literal["early", "late", "both"] = Field(
        default="late",
        description="A model on the best columns of all blocks; a model for each block, and a "
        "weighted sum of what they say in log-odds; or both, one beside the other.",
    )
    model: Literal["logistic", "elastic_net", "random_forest", "xgboost"] = Field(
        default="logistic",
        description="What is fitted for each block, and after early fusion.",
    )
    method: Literal["logistic", "mean"] = Field(
        default="logistic",
        description="With late: weights learnt on held-out rows, none below 0, or all the same.",
    )
    n_features: PositiveInt | dict[str, PositiveInt] = Field(
        default=10, description="With early: how many columns each block may keep, or some by name."
    )
    pull: Annotated[NonNegativeFloat, Field(allow_inf_nan=False)] = Field(
        default=1.0, description="With late: how strongly weights are drawn to being all the same."
    )


def refuse_blocks(blocks: Mapping[str, BlockSettings], fusion: FusionSettings) -> None:
    """Refuse blocks that cannot be fused.

    Raises
    ------
    ValueError
        One block alone, a name that is none, or bounds of a block that is not there.
    """
    odd = [name for name in blocks if not _NAME.fullmatch(name)]
    if odd:
        msg = f"blocks are called {odd}; use letters, digits, '_', '-' and '.', a letter first"
        raise ValueError(msg)
    if len(blocks) == 1:
        msg = f"one block came, {next(iter(blocks))}, wanted {FEWEST} or more; name another"
        raise ValueError(msg)
    bounds = {} if isinstance(fusion.n_features, int) else fusion.n_features
    foreign = [name for name in bounds if name not in blocks]
    if foreign:
        msg = f"fusion.n_features names {foreign}, and blocks are {list(blocks)}; name these"
        raise ValueError(msg)
    if not blocks and fusion != FusionSettings():
        msg = "learning.fusion came without learning.blocks; name blocks, or leave fusion out"
        raise ValueError(msg)


def refuse_absent(
    blocks: Mapping[str, BlockSettings], *, tables: Mapping[str, object], clinical: object
) -> None:
    """Refuse blocks of tables and clinical columns that a study has not.

    Raises
    ------
    ValueError
        Such a block, by name.
    """
    for name, block in blocks.items():
        absent = [table for table in block.tables if table not in tables]
        if absent:
            msg = f"block {name} names the tables {absent}, and tables hold {list(tables)}"
            raise ValueError(msg)
        if block.clinical and not clinical:
            msg = (
                f"block {name} is of clinical columns, and outcome.clinical is empty; name "
                "columns there, or leave the block out"
            )
            raise ValueError(msg)
