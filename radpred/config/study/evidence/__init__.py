"""How models are judged: designs, calibrations, prediction sets, thresholds."""
