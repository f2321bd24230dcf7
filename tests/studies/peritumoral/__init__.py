"""A published study rerun: how far around a lesion its surroundings still tell something."""
