"""Masks that may be wrong: a case drawn anew with another mask, and noise in its image.

The kinds of perturbation are those of Zwanenburg et al., Sci Rep 2019;9:614: image noise,
translation, rotation, growth and randomisation of the contour by supervoxels. They move image and
mask together before interpolation; here the mask moves against the image, as it does where a
reader, or a registration, puts it wrong.
"""

from radpred.segment.perturb.kinds import Perturbation
from radpred.segment.perturb.perturbed import perturbed

__all__ = ["Perturbation", "perturbed"]
