"""How models are fitted and judged."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, model_validator

from radpred.config._base import Settings
from radpred.config.study.assurance import Calibration, ConformalSettings, GuaranteeSettings
from radpred.config.study.design import DesignSettings, OperatingSettings

ModelName = Literal["elastic_net", "svm", "random_forest", "xgboost", "logistic"]
PRESETS = {"quick": 1, "standard": 5, "paper": 20}


class LearningSettings(Settings):
    """How models are fitted and judged; everything happens inside folds by patient."""

    models: tuple[ModelName, ...] = ("elastic_net", "svm", "random_forest", "xgboost")
    preset: Literal["quick", "standard", "paper"] = "standard"
    repeats: PositiveInt | None = Field(default=None, description="Overrides the preset's.")
    design: DesignSettings = DesignSettings()
    outer_folds: Annotated[int, Field(ge=2)] = 5
    inner_folds: Annotated[int, Field(ge=2)] = 5
    seed: Annotated[int, Field(ge=0)] = 0
    correlation_limit: Annotated[float, Field(gt=0, le=1)] = 0.9
    selection: Literal["relevance", "shap"] = Field(
        default="relevance",
        description="How the columns that a model keeps are chosen inside the folds: one by one "
        "by their ROC area, or by what they add to small boosted trees.",
    )
    regions: tuple[str, ...] | None = Field(
        default=None,
        min_length=1,
        description="Only columns of these regions enter the models: tumour, names of rings and "
        "of tables, and clinical for the clinical columns. All of them without it.",
    )
    n_features: tuple[PositiveInt, ...] = (5, 10, 20)
    confidence_levels: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = (0.8, 0.9, 0.95)
    bootstrap_draws: Annotated[int, Field(ge=100)] = 1000
    calibration: Calibration = Field(
        default="sigmoid",
        description="How scores become risks, fitted on rows that the scoring chain did not see.",
    )
    conformal: ConformalSettings = ConformalSettings()
    guarantee: tuple[GuaranteeSettings, ...] = Field(
        default=(),
        description="Thresholds on the risk that are to keep a metric, as sensitivity, above a "
        "bound; the report says which can be had.",
    )
    operating: OperatingSettings = Field(
        default=OperatingSettings(),
        description="Thresholds on the risk by need, chosen on some folds and judged on others.",
    )

    @model_validator(mode="after")
    def _a_distance_is_calibrated(self) -> LearningSettings:
        if self.calibration == "none" and "svm" in self.models:
            msg = (
                "calibration: none takes models at their word, and the score of svm is a distance "
                "from a plane, no probability; leave svm out of models, or choose sigmoid"
            )
            raise ValueError(msg)
        return self

    @property
    def n_repeats(self) -> int:
        """Return how often the outer folds are drawn anew; 1 where the design leaves no choice."""
        return self.design.repeats(self.repeats or PRESETS[self.preset])
