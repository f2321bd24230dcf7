"""What is asked for beside the steps of a study, one module a command."""
