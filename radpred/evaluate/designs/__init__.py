"""What a design lets one say: by part, out of the bag, of an unseen set, and what it does not."""

from radpred.evaluate.designs.external import (
    ExternalSet,
    Opening,
    frozen_hash,
    log_of,
    records_of,
    refuse_known_patients,
)
from radpred.evaluate.designs.optimism import Optimism, optimism_632
from radpred.evaluate.designs.parts import metrics_by_part
from radpred.evaluate.designs.pooling import (
    leave_one_out_losses,
    leave_pair_out_auroc,
    pooled_auroc,
    refuse_pooled_ranks,
)
from radpred.evaluate.designs.selection_score import SelectionScore, best_of

__all__ = [
    "ExternalSet",
    "Opening",
    "Optimism",
    "SelectionScore",
    "best_of",
    "frozen_hash",
    "leave_one_out_losses",
    "leave_pair_out_auroc",
    "log_of",
    "metrics_by_part",
    "optimism_632",
    "pooled_auroc",
    "records_of",
    "refuse_known_patients",
    "refuse_pooled_ranks",
]
