"""Two published comparisons of models on the Wisconsin breast cancer table, rerun."""
