"""A case whose given masks are replaced by worse ones, for studies of what that costs."""

from __future__ import annotations

from radpred.cohort import Case
from radpred.config import StudySettings
from radpred.image import Mask
from radpred.pipeline.lesions.drawn import image_of, tumour_of
from radpred.pipeline.variants.perturb import variant_rng
from radpred.segment.perturb import Perturbation, perturbed

# Variants of a perturbed study count from 1: what replaces the mask itself is none of them.
_ITSELF = 0


def redrawn_masks(case: Case, study: StudySettings) -> dict[str, Mask]:
    """Return the mask of a case on each of its images, drawn anew with the wanted Dice coefficient.

    The case's name alone seeds the draw, so that its company changes nothing; all its images
    start from the same draw.

    Parameters
    ----------
    case : Case
        One lesion, with a mask.
    study : StudySettings
        With ``segmentation.redrawn_dice``.

    Returns
    -------
    dict of str to Mask
        By modality, on the grid of its image.

    Raises
    ------
    InputError
        A file that cannot be read, or an image and a mask that do not belong together.
    RegionError
        ``too_small_to_perturb``: with so few voxels no mask has that Dice coefficient.
    """
    how = Perturbation(wanted_dice=study.segmentation.redrawn_dice)
    found = {}
    for modality in case.images:
        image = image_of(case, study, modality)
        tumour = tumour_of(case, study, modality, image)
        rng = variant_rng(case.case_id, seed=0, variant=_ITSELF)
        _, found[modality] = perturbed(image, tumour, how, rng=rng)
    return found
