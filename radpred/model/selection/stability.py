"""Keep the columns that repeat where cases are measured again; the outcome is not looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.errors import InputError
from radpred.model.frames import ColumnChooser, as_frame
from radpred.table.columns import clinical_name, missing_name
from radpred.table.reliability import FEWEST, Statistic, reliability, repeated

_CLINICAL = clinical_name("age").removesuffix("age")
_MISSING = missing_name("x").removeprefix("x")
_BEST = 3  # named where nothing is stable


class Repeats:
    """Repeated measurements of cases: on masks drawn anew, of several readers, on second scans.

    Copies, such as those that scikit-learn makes of a step, share it.

    Parameters
    ----------
    table : DataFrame
        Numbers, indexed by (case_id, variant), with the columns of the feature table. Columns of
        words are left out.

    Raises
    ------
    InputError
        An index of other levels, or a pair that occurs twice.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table.select_dtypes("number")
        self.place = {str(name): place for place, name in enumerate(self.table.columns)}
        self._values, self._cases = repeated(self.table)

    def __deepcopy__(self, memo: Any) -> Repeats:
        """Return itself: nothing changes it."""
        return self

    def __repr__(self) -> str:
        """Return how much it holds."""
        n_cases, n_variants, n_columns = self._values.shape
        return f"<{n_cases} cases x {n_variants} variants x {n_columns} columns>"

    def measured(self, cases: pd.Index, columns: Sequence[str]) -> NDArray[np.float64]:
        """Return measurements of those cases that have any, ordered by case, whatever came first.

        Returns
        -------
        ndarray of shape (n_cases, n_variants, n_columns)
            NaN where there is none. Variants that only other cases have are left out.
        """
        own = self._values[pd.Index(self._cases).isin(cases)]
        variants = np.isfinite(own).any(axis=(0, 2))
        return own[:, variants][:, :, [self.place[name] for name in columns]]


class KeepStable(ColumnChooser):
    """Keep each column whose reliability over repeated measurements reaches a minimum.

    Only the measurements of the cases that ``fit`` sees are looked at: of held-out cases nothing.
    Clinical columns, and columns that were not measured again, stay unjudged. The flag of a
    column's gaps goes as the column goes. Where nothing differs, a column is not reliable.

    Parameters
    ----------
    repeats : Repeats, optional
        The measurements; without any, all columns stay.
    statistic : {"icc_1_1", "icc_2_1", "icc_3_1", "pearson", "concordance"}
        As in `radpred.table.reliability`; of ``icc_1_1`` gaps drop the measurement, of the others
        the case.
    minimum : float, default 0.75
        What has to be reached: good, in the words of Koo and Li, J Chiropr Med 2016;15:155-163.
    bound : {"estimate", "lower"}
        Whether by the estimate, or by the lower end of its 95 % interval.

    Attributes
    ----------
    scores_ : dict of str to float
        What each judged column reached, by estimate or lower end.
    """

    def __init__(
        self,
        repeats: Repeats | None = None,
        statistic: str = "icc_2_1",
        minimum: float = 0.75,
        bound: Literal["estimate", "lower"] = "estimate",
    ) -> None:
        self.repeats = repeats
        self.statistic = statistic
        self.minimum = minimum
        self.bound = bound

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the columns that repeat among the cases of ``X``; ``y`` is not looked at.

        Raises
        ------
        InputError
            ``too_few_repeats``: fewer than three cases of ``X``, which is indexed by case, were
            measured again. ``none_stable``: no judged column reaches the minimum.
        """
        frame = as_frame(X)
        self.scores_ = {} if self.repeats is None else self._scores(frame, self.repeats)
        measured = [_value_of(str(name)) for name in frame.columns]
        reached = {name: score >= self.minimum for name, score in self.scores_.items()}
        if reached and not any(reached.values()):
            raise InputError(self._what_was_best(), code="none_stable")
        return self._keep(frame, np.array([reached.get(n, True) for n in measured], dtype=bool))

    def restricted_to(self, names: Sequence[str]) -> Self:
        """Return a copy that knows only the columns ``names``, and no measurements."""
        narrow = super().restricted_to(names)
        narrow.repeats = None
        return narrow

    def _scores(self, frame: pd.DataFrame, repeats: Repeats) -> dict[str, float]:
        """Return what each column that can be judged reaches among the cases of ``frame``."""
        values = dict.fromkeys(_value_of(str(name)) for name in frame.columns)
        judged = [n for n in values if n in repeats.place and not n.startswith(_CLINICAL)]
        if not judged:
            return {}
        measured = repeats.measured(frame.index, judged)
        if len(measured) < FEWEST or measured.shape[1] < 2:
            msg = (
                f"{len(measured)} of {len(frame)} cases have {measured.shape[1]} measurements "
                f"or fewer; wanted {FEWEST} cases or more and two measurements or more to judge "
                "stability; measure more of them again, or leave stability out"
            )
            raise InputError(msg, code="too_few_repeats")
        found = reliability(
            measured,
            cast(Statistic, self.statistic),
            gaps="drop_measurement" if self.statistic == "icc_1_1" else "drop_subject",
        )
        scores = found.low if self.bound == "lower" else found.estimate
        return dict(zip(judged, scores.tolist(), strict=True))

    def _what_was_best(self) -> str:
        """Return what nothing reached, what came nearest, and what to do."""
        known = {name: score for name, score in self.scores_.items() if not np.isnan(score)}
        best = sorted(known.items(), key=lambda item: -item[1])[:_BEST]
        nearest = ", ".join(f"{name} {score:.3f}" for name, score in best) or "none can be judged"
        what = f"{self.statistic}, {'lower end' if self.bound == 'lower' else 'estimate'}"
        return (
            f"of {len(self.scores_)} columns none reaches {self.minimum:g} ({what}); "
            f"nearest: {nearest}; set stability.minimum lower, perturb by less, or leave it out"
        )


def _value_of(column: str) -> str:
    """Return the column whose gaps ``column`` flags, or itself."""
    return column.removesuffix(_MISSING)
