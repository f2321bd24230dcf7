"""Whether imaging adds: found where it does, not where it is noise, each measure as defined."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from radpred.evaluate import brier, delong_test
from radpred.evaluate.compare import NRI_CAVEAT, added_value, integrated_discrimination


def made(rng, *, strength, n=200, repeats=1, rows_each=1):
    """Return out-of-fold predictions of clinical data, of imaging and of both."""
    patient = np.arange(n) // rows_each
    y = (rng.random(patient.max() + 1) < 0.4).astype(int)[patient]
    parts = []
    for repeat in range(repeats):
        clinical = 1.2 * y - 0.9 + rng.normal(size=n)
        imaging = strength * (y - 0.4) + rng.normal(size=n)
        scores = {"clinical": clinical, "imaging": imaging, "both": clinical + strength * imaging}
        for name, score in scores.items():
            parts.append(
                pd.DataFrame(
                    {
                        "case_id": np.char.add("case_", np.arange(n).astype(str)),
                        "patient_id": np.char.add("patient_", patient.astype(str)),
                        "model": name,
                        "repeat": repeat,
                        "fold": patient % 5,
                        "y": y,
                        "probability": expit(score),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def judged(predictions, **given):
    """Return the table by measure, from few draws."""
    table = added_value(
        predictions,
        clinical="clinical",
        combined="both",
        thresholds=(0.2, 0.5),
        rng=np.random.default_rng(2),
        n_draws=300,
        **given,
    )
    return table.set_index("measure")


def test_imaging_that_adds_is_found(rng):
    table = judged(made(rng, strength=1.2), imaging="imaging")
    assert table.loc["likelihood_ratio", "p"] < 1e-4
    assert table.loc["coefficient", "low"] > 0
    assert table.loc["auroc", "low"] > 0
    assert table.loc["log_loss", "high"] < 0


def test_differences_are_the_combined_model_minus_the_clinical_one(rng):
    predictions = made(rng, strength=1.0)
    table = judged(predictions)
    wide = predictions.pivot(index="case_id", columns="model", values="probability")
    y = predictions.drop_duplicates("case_id").set_index("case_id")["y"].loc[wide.index].to_numpy()
    both, clinical = wide["both"].to_numpy(), wide["clinical"].to_numpy()
    assert table.loc["brier", "value"] == pytest.approx(float(brier(y, both) - brier(y, clinical)))
    expected = float(integrated_discrimination(y, both, clinical))
    assert table.loc["idi", "value"] == pytest.approx(expected)
    assert table.loc["auroc", "p"] == pytest.approx(delong_test(y, both, clinical).p)


def test_reclassification_comes_with_its_caveat_and_without_a_p_value(rng):
    table = judged(made(rng, strength=1.0))
    named = [name for name in table.index if "nri" in name or name == "idi"]
    assert len(named) == 7
    assert table.loc[named, "p"].isna().all()
    assert NRI_CAVEAT in table.loc["nri_total", "note"]
    assert table.loc[named, ["low", "high"]].notna().all(axis=None)


def test_the_likelihood_ratio_says_that_it_is_of_held_out_scores(rng):
    note = judged(made(rng, strength=1.0), imaging="imaging").loc["likelihood_ratio", "note"]
    assert "held out" in note
    assert "of imaging" in note


@pytest.mark.parametrize("given", [{"repeats": 2}, {"rows_each": 2}])
def test_rows_that_hang_together_are_resampled_by_patient(given, rng):
    table = judged(made(rng, strength=1.0, **given))
    assert table.loc["auroc", "note"] == "bootstrap of patients"
    is_clustered = "rows_each" in given
    assert ("Wald, by patient" in table.loc["likelihood_ratio", "note"]) == is_clustered


def test_without_thresholds_there_are_no_categories(rng):
    table = added_value(
        made(rng, strength=1.0), clinical="clinical", combined="both", thresholds=(),
        rng=rng, n_draws=50,
    )  # fmt: skip
    assert not any(name.startswith(("nri_", "net_benefit")) for name in table["measure"])


def test_noise_is_seldom_said_to_add():
    rng = np.random.default_rng(9)
    found = {"likelihood_ratio": 0, "auroc": 0, "log_loss": 0}
    for _ in range(40):
        table = added_value(
            made(rng, strength=0.0, n=100), clinical="clinical", combined="both",
            imaging="imaging", thresholds=(), rng=rng, n_draws=100,
        ).set_index("measure")  # fmt: skip
        for name in found:
            found[name] += bool(table.loc[name, "p"] < 0.05)
    assert max(found.values()) <= 6
