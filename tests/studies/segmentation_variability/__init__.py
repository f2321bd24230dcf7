"""A published study rerun: what worse masks cost, and whether what repeats is what matters."""
