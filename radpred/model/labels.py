"""One word of each case that is no column of the table: where it was scanned, whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from radpred.errors import InputError


class CaseLabels:
    """The site, or the patient, of each case by its id.

    Copies, such as those that scikit-learn makes of a step, share it.

    Parameters
    ----------
    words : mapping or Series
        From case to word. A case without a word, or with an empty one, is one that is not known.

    Examples
    --------
    >>> CaseLabels({"a": "Leeds", "b": None}).of(["a", "b", "c"]).tolist()
    ['Leeds', '', '']
    """

    def __init__(self, words: Mapping[Any, Any] | pd.Series) -> None:
        known = {str(case): word for case, word in words.items() if not pd.isna(word)}
        self.words = {case: text for case, word in known.items() if (text := str(word).strip())}

    def __deepcopy__(self, memo: Any) -> CaseLabels:
        """Return itself: nothing changes it."""
        return self

    def __repr__(self) -> str:
        """Return how much it holds, and no id."""
        return f"<{len(set(self.words.values()))} labels of {len(self.words)} cases>"

    def of(self, cases: Iterable[Any]) -> NDArray[np.object_]:
        """Return the word of each case, "" where none is known, shape (n_cases,)."""
        return np.array([self.words.get(str(case), "") for case in cases], dtype=object)


def labels_of(
    cases: pd.Index, given: ArrayLike | None, known: CaseLabels | None, *, what: str
) -> NDArray[np.object_]:
    """Return one word a row: as ``given`` with the rows, else as ``known`` by case.

    Parameters
    ----------
    cases : Index of length n
        The cases of the rows.
    given : array of shape (n,), optional
        By position.
    known : CaseLabels, optional
        By case.
    what : str
        What the words are, for errors.

    Raises
    ------
    InputError
        ``no_labels``: neither is there. ``unmatched_cases``: not one word a row.
    """
    if given is None:
        if known is None:
            msg = (
                f"no {what} of the {len(cases)} rows is known; give {what}= with the rows, or "
                f"the step a mapping from case to {what}"
            )
            raise InputError(msg, code="no_labels")
        several = isinstance(cases, pd.MultiIndex)  # rows of variants of a case are its rows
        return known.of(cases.get_level_values("case_id") if several else cases)
    words = np.asarray(given, dtype=object)
    if words.shape != (len(cases),):
        msg = f"{len(cases)} rows need one {what} each, got shape {words.shape}"
        raise InputError(msg, code="unmatched_cases")
    return CaseLabels(dict(enumerate(words))).of(range(len(words)))
