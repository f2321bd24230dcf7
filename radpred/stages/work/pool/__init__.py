"""Pieces of work over processes: whatever one piece does to its process, the others are done."""

from radpred.stages.work.pool.dealing import each_answered
from radpred.stages.work.pool.loss import Loss, verdict_on

__all__ = ["Loss", "each_answered", "verdict_on"]
