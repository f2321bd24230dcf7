"""The waist: left of it voxels, right of it patients."""

from radpred.table.assemble import assemble
from radpred.table.quality import quality
from radpred.table.store import read_table, write_table

__all__ = ["assemble", "quality", "read_table", "write_table"]
