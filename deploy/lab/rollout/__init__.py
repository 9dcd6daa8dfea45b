"""A rolling change: the app servers get another image one by one, and no client notices."""
