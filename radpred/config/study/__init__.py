"""Settings of a study: what `radpred init` writes and `radpred run` reads, section by section."""

from radpred.config.study.evidence.assurance import ConformalSettings, GuaranteeSettings
from radpred.config.study.evidence.design import DRAWS_A_JOB, DesignSettings, OperatingSettings
from radpred.config.study.fusion import BlockSettings, FusionSettings
from radpred.config.study.habitats import HabitatSettings
from radpred.config.study.learning import (
    PRESETS,
    EnsembleSettings,
    HarmoniseSettings,
    LearningSettings,
    ModelName,
    TuningSettings,
)
from radpred.config.study.limits import LimitSettings
from radpred.config.study.outcome import OutcomeSettings
from radpred.config.study.perturbation import PerturbationSettings, StabilitySettings
from radpred.config.study.readers import ReaderSettings
from radpred.config.study.regions import RegionSettings
from radpred.config.study.report import ReportSettings
from radpred.config.study.segmentation import SegmentationSettings
from radpred.config.study.study import Lesions, RejectedCases, StudySettings, read_study

__all__ = [
    "DRAWS_A_JOB",
    "PRESETS",
    "BlockSettings",
    "ConformalSettings",
    "DesignSettings",
    "EnsembleSettings",
    "FusionSettings",
    "GuaranteeSettings",
    "HabitatSettings",
    "HarmoniseSettings",
    "LearningSettings",
    "Lesions",
    "LimitSettings",
    "ModelName",
    "OperatingSettings",
    "OutcomeSettings",
    "PerturbationSettings",
    "ReaderSettings",
    "RegionSettings",
    "RejectedCases",
    "ReportSettings",
    "SegmentationSettings",
    "StabilitySettings",
    "StudySettings",
    "TuningSettings",
    "read_study",
]
