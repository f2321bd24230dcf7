"""A cluster from the user's side: profiles, what is asked of it, what it has, jobs in its queue."""
