"""A table and a study's settings to fitted models and held-out predictions."""
