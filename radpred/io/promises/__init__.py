"""What a header promises, held against the file: ITK believes it, and takes memory or crashes.

A volume takes 64 MiB at most, or 1100 times the size of the file that holds its voxels; voxels
that lie unpacked beside their header take as many bytes as that file has. Headers are trusted
with nothing else: voxels lie in the file itself or in one file beside it.
"""

from radpred.io.promises.headers import refuse_broken_header
from radpred.io.promises.meta import refuse_unended
from radpred.io.promises.sizes import refuse_swollen

__all__ = ["refuse_broken_header", "refuse_swollen", "refuse_unended"]
