"""The parts of the report, each as plain data for its template."""
