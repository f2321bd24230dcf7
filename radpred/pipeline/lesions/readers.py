"""Several readers' masks of one lesion: the one they agree on, and how well they agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np

from radpred.config.study import ReaderSettings
from radpred.errors import RegionError
from radpred.image import Mask
from radpred.segment.agreement import agreement
from radpred.segment.consensus import majority, staple

CONSENSUS = "consensus"
MEASURES = ("dice", "hd95_mm", "asd_mm", "kappa", "sensitivity", "specificity")
COLUMNS = ("case_id", "modality", "first", "second", *MEASURES)


@dataclass(frozen=True, kw_only=True, eq=False)
class Agreed:
    """What readers agree on.

    Parameters
    ----------
    mask : Mask
        Their consensus.
    qualities : dict of str to (float, float)
        By STAPLE: each reader's sensitivity and specificity.
    """

    mask: Mask
    qualities: dict[str, tuple[float, float]] = field(default_factory=dict)


def agreed(masks: Mapping[str, Mask], settings: ReaderSettings) -> Agreed:
    """Return what readers agree on.

    Parameters
    ----------
    masks : dict of str to Mask
        By reader, on one grid.
    settings : ReaderSettings
        By which rule.

    Raises
    ------
    RegionError
        ``no_consensus``: they agree on no voxel.
    """
    drawn = list(masks.values())
    if settings.consensus == "staple":
        found = staple(drawn)
        qualities = zip(found.sensitivity, found.specificity, strict=True)
        result = Agreed(mask=found.mask, qualities=dict(zip(masks, qualities, strict=True)))
    else:
        result = Agreed(mask=majority(drawn, ties=settings.ties))
    if result.mask.box is None:
        sizes = ", ".join(f"{reader} {mask.n_voxels}" for reader, mask in masks.items())
        msg = (
            f"the readers agree on no voxel (they marked: {sizes}; consensus by "
            f"{settings.consensus}, ties are {settings.ties}); leave the case out, or change the "
            "settings readers"
        )
        raise RegionError(msg, code="no_consensus")
    # What had to be mended on the way; that a consensus was made is no surprise.
    own = tuple(dict.fromkeys(step for mask in drawn for step in mask.steps))
    return replace(result, mask=replace(result.mask, steps=own))


def agreement_rows(
    case_id: str, modality: str, masks: Mapping[str, Mask], found: Agreed
) -> list[dict[str, Any]]:
    """Return how well each two readers agree, and each of them with the consensus.

    Parameters
    ----------
    case_id, modality : str
        Which lesion, on which image.
    masks : dict of str to Mask
        By reader, on one grid.
    found : Agreed
        Their consensus.

    Returns
    -------
    list of dict
        Keys as in `COLUMNS`: NaN where a measure is not defined.
    """
    pairs = [(a, b, masks[b]) for a, b in combinations(masks, 2)]
    pairs += [(reader, CONSENSUS, found.mask) for reader in masks]
    rows = []
    for first, second, mask in pairs:
        names = {"case_id": case_id, "modality": modality, "first": first, "second": second}
        quality = found.qualities.get(first) if second == CONSENSUS else None
        sensitivity, specificity = quality or (np.nan, np.nan)
        qualities = {"sensitivity": sensitivity, "specificity": specificity}
        rows.append(names | asdict(agreement(masks[first], mask)) | qualities)
    return rows
