"""What steps read beside images: lesions, readers, tables that others made."""
