"""What is known of LIDC-IDRI without a study: how many nodules, and what their volume tells."""

from __future__ import annotations

import numpy as np
import pytest
from lidc_rows import shared_rows
from sklearn.metrics import roc_auc_score

from radpred.datasets.lidc import nodules_of
from radpred.segment import majority

pytestmark = pytest.mark.study


@pytest.fixture(scope="module")
def nodules(shared_data):
    """Return all nodules that three or four readers outlined."""
    rows = shared_rows(shared_data / "lidc", n_scans=2000)
    return [nodule for nodule in nodules_of(*rows) if 3 <= len(nodule.marks) <= 4]


def test_as_many_nodules_as_known_are_rated_above_below_and_at_3(nodules):
    ratings = np.array([nodule.malignancy for nodule in nodules])
    assert [(ratings > 3).sum(), (ratings < 3).sum(), (ratings == 3).sum()] == [421, 448, 509]


def test_volume_alone_separates_them_as_is_known(nodules):
    decided = [nodule for nodule in nodules if nodule.malignancy != 3]
    volumes = [majority(nodule.masks()).volume_mm3 for nodule in decided]
    assert len(decided) == 869
    found = roc_auc_score([nodule.malignancy > 3 for nodule in decided], volumes)
    assert found == pytest.approx(0.92, abs=0.01)
