"""The waist: left of it voxels, right of it patients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radpred.lazy import looked_up
from radpred.table.assemble import assemble
from radpred.table.quality import quality

if TYPE_CHECKING:
    from radpred.table.copies import near_copies
    from radpred.table.store import read_table, write_table

__all__ = ["assemble", "near_copies", "quality", "read_table", "write_table"]

# Measuring needs the names of columns, and no Parquet; whoever watches a run looks for no copies.
_HOME = {
    "near_copies": "radpred.table.copies",
    "read_table": "radpred.table.store",
    "write_table": "radpred.table.store",
}

__getattr__ = looked_up(__name__, _HOME)
