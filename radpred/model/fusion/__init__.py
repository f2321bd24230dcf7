"""Several blocks of columns in one model: joined before it, or a model each and joined after."""

from radpred.model.fusion.blocks import Block, blocks_of
from radpred.model.fusion.combine import Combination, combine
from radpred.model.fusion.early import EarlyFusion
from radpred.model.fusion.late import LateFusion

__all__ = ["Block", "Combination", "EarlyFusion", "LateFusion", "blocks_of", "combine"]
