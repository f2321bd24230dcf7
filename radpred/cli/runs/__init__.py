"""Commands around a run: to run a study, here or on a cluster, and to look before it."""
