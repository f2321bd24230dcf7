"""What is fused and how, and what its models are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from radpred.model.fusion.blocks import Block
from radpred.model.fusion.combine import Method

Kind = Literal["early", "late"]
FUSIONS: Mapping[str, Kind] = {"early_fusion": "early", "late_fusion": "late"}
_LABELS = {"early_fusion": "Early fusion", "late_fusion": "Late fusion"}
_BLOCK, _WITHOUT = "block:", ":without:"


@dataclass(frozen=True, kw_only=True)
class Fusion:
    """Which columns belong together, and how what they say is joined.

    Attributes
    ----------
    blocks : tuple of Block
        A column goes to the first that holds it; those of no block are left out.
    kinds : tuple of {"early", "late"}
        Joined before one model, or after a model each; or both, one beside the other.
    model : str
        The recipe on features that makes each block's model, and the one after early fusion.
    method, pull
        Of late fusion, as in `radpred.model.fusion.combine`.
    n_features : int or mapping of str to int
        Of early fusion: how many columns each block may keep.
    """

    blocks: tuple[Block, ...]
    kinds: tuple[Kind, ...] = ("late",)
    model: str = "logistic"
    method: Method = "logistic"
    n_features: int | Mapping[str, int] = 10
    pull: float = 1.0

    @property
    def fusions(self) -> tuple[str, ...]:
        """Return the names of the fused models."""
        return tuple(name for name, kind in FUSIONS.items() if kind in self.kinds)

    @property
    def alone(self) -> tuple[str, ...]:
        """Return the names of the models on one block each."""
        return tuple(block_name(block.name) for block in self.blocks)

    @property
    def without(self) -> tuple[str, ...]:
        """Return the names of the fused models that lack one block each."""
        names = [block.name for block in self.blocks]
        return tuple(without_name(fusion, block) for fusion in self.fusions for block in names)


def block_name(block: str) -> str:
    """Return the name of the model on one block alone."""
    return f"{_BLOCK}{block}"


def without_name(fusion: str, block: str) -> str:
    """Return the name of a fused model that lacks one block."""
    return f"{fusion}{_WITHOUT}{block}"


def block_of(name: str) -> str:
    """Return the block that a model is made of, or lacks; of another model nothing."""
    return name.removeprefix(_BLOCK) if name.startswith(_BLOCK) else name.partition(_WITHOUT)[2]


def fusion_of(name: str) -> str:
    """Return the fused model that a name is about, itself or without a block; else nothing."""
    fusion = name.partition(_WITHOUT)[0]
    return fusion if fusion in FUSIONS else ""


def is_part(name: str) -> bool:
    """Say whether a model only tells what blocks are worth, and is no candidate itself.

    Examples
    --------
    >>> [is_part(name) for name in ("block:pet", "late_fusion:without:pet", "late_fusion", "svm")]
    [True, True, False, False]
    """
    return bool(block_of(name))


def is_of_fusion(name: str) -> bool:
    """Say whether a model is fused, or belongs to what is."""
    return is_part(name) or name in FUSIONS


def fusion_label(name: str) -> str:
    """Return the name of such a model for readers.

    Examples
    --------
    >>> fusion_label("block:pet"), fusion_label("early_fusion:without:pet")
    ('Block pet alone', 'Early fusion without pet')
    """
    fusion = _LABELS.get(fusion_of(name), "")
    if not is_part(name):
        return fusion
    return f"{fusion} without {block_of(name)}" if fusion else f"Block {block_of(name)} alone"
