"""Where all columns stay, all stay."""

import numpy as np
import pandas as pd

from radpred.model.selection.passing import KeepAll


def test_every_column_stays_whatever_the_number(rng):
    X = pd.DataFrame(rng.normal(size=(10, 4)), columns=list("dbca"))
    step = KeepAll(2).fit(X, np.arange(10) % 2)
    assert step.kept_ == step.narrowed(1).kept_ == list("dbca")
    pd.testing.assert_frame_equal(step.transform(X), X)
