"""`lab loadtest` and `lab compare`: runs of Locust in the lab, what their numbers say, and which differ."""
