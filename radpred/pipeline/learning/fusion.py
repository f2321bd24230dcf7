"""From a study's blocks to the fusion of its models."""

from __future__ import annotations

from radpred.config.study import BlockSettings, LearningSettings
from radpred.model.fusion import Block
from radpred.model.fusion.plan import Fusion, Kind

_KINDS: dict[str, tuple[Kind, ...]] = {
    "early": ("early",),
    "late": ("late",),
    "both": ("early", "late"),
}


def fusion_of(design: LearningSettings) -> Fusion | None:
    """Return what a study fuses and how, or None where it has no blocks."""
    if not design.blocks:
        return None
    asked = design.fusion
    return Fusion(
        blocks=tuple(_block(name, block) for name, block in design.blocks.items()),
        kinds=_KINDS[asked.kind],
        model=asked.model,
        method=asked.method,
        n_features=asked.n_features,
        pull=asked.pull,
    )


def candidates_of(design: LearningSettings) -> tuple[str, ...]:
    """Return the models of a study that may be chosen: those it names, and those it fuses."""
    fusion = fusion_of(design)
    return (*design.models, *(() if fusion is None else fusion.fusions))


def parts_of_fusion(design: LearningSettings) -> tuple[str, ...]:
    """Return the models that tell what blocks are worth: each alone, and all but each.

    Bootstrap draws tell of blocks alone.
    """
    fusion = fusion_of(design)
    if fusion is None:
        return ()
    return (*fusion.alone, *(() if design.design.kind == "bootstrap" else fusion.without))


def _block(name: str, given: BlockSettings) -> Block:
    """Return the patterns of a block."""
    return Block(
        name=name,
        region=given.regions,
        modality=given.modalities,
        tables=given.tables,
        clinical=("*",) if given.clinical else (),
    )
