"""An external set is opened for the final model only, and every opening is written down first."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from radpred.config import StudySettings
from radpred.deploy import read_fitted
from radpred.errors import LeakageError
from radpred.evaluate.designs import ExternalSet, frozen_hash, log_of, records_of
from radpred.model import Fitted
from radpred.model.labels import CaseLabels
from radpred.pipeline.learning.assurance import word
from radpred.pipeline.learning.designs import is_external
from radpred.pipeline.learning.others.rows import answers_of
from radpred.stages.work.files import as_json, read_json, write_bytes

if TYPE_CHECKING:
    from radpred.stages.train import Learnable

LOG = "external_log.json"  # no step's output, so that no run of a step takes it away
_FARTHEST = 1e-9


def opened(study: StudySettings, final: Path, data: Learnable) -> Learnable:
    """Return all cases, after the external ones were opened for the final model in ``final``.

    Raises
    ------
    LeakageError
        There is no final model yet.

    Warns
    -----
    RadpredWarning
        Another model, or other rows, came first.
    """
    if data.dealt_by is None:
        return data
    chosen = is_external(study.learning, data.dealt_by)
    log = study.out / LOG
    before = log_of(read_json(log)) if log.is_file() else ()
    sealed = ExternalSet(read=lambda: data.rows(chosen).X, n_rows=int(chosen.sum()), log=before)
    model = frozen_hash(final.read_bytes())
    admitted = sealed.admit(model, opened_at=datetime.now(UTC).isoformat(timespec="seconds"))
    write_bytes(log, as_json(records_of(admitted.log)))
    admitted.rows(model)
    return data


def refuse_other_model(final: Path, predictions: pd.DataFrame, data: Learnable) -> None:
    """Refuse answers for the external set that the final model would not give.

    Raises
    ------
    LeakageError
        They differ: what was judged is not what was frozen.
    """
    frozen = read_fitted(final)
    rows = predictions[predictions["model"] == frozen.model].set_index("case_id")
    own = data.X.set_axis(data.X.index.astype(str)).loc[rows.index]
    if isinstance(frozen, Fitted):
        placed = frozen.at_sites(CaseLabels(data.site.map(word)))
        said, wanted = placed.probability(own), rows["probability"].to_numpy()
    else:
        answers = answers_of(frozen, own, levels=())
        said, wanted = answers.to_numpy(), rows[answers.columns].to_numpy()
    apart = float(np.abs(said - wanted).max())
    if not apart <= _FARTHEST:
        msg = (
            f"the final model ({frozen.model}) and the one judged on the external set differ by up "
            f"to {apart:.2g}; fit the final model again with these settings"
        )
        raise LeakageError(msg)


def openings(out: Path, final: Path) -> dict[str, Any]:
    """Return the hash of the final model, and the log of who opened the external set."""
    log = read_json(out / LOG) if (out / LOG).is_file() else []
    return {"model_hash": frozen_hash(final.read_bytes()), "log": log}
