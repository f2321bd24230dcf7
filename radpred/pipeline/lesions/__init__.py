"""What a case's table and files tell of its lesion."""
