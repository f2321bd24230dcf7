"""What ITK leaves out of NIfTI files: whether they are whole, gaps, and where voxels lie."""

from radpred.io.nifti.forms import is_nifti, placed, without_forms
from radpred.io.nifti.gaps import with_gaps
from radpred.io.nifti.whole import check_whole

__all__ = ["check_whole", "is_nifti", "placed", "with_gaps", "without_forms"]
