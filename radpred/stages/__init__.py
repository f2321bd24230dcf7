"""One file per step of a study: read, call a pipeline, write."""
