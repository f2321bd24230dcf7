"""The page of `radpred check`: a card for every case, with pictures of what its mask marks."""

from radpred.report.check.page import MOST_BYTES, check_page
from radpred.report.check.picture import OUTLINES, Picture, picture

__all__ = ["MOST_BYTES", "OUTLINES", "Picture", "check_page", "picture"]
