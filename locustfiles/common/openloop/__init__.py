"""Open loop: requests begin by a schedule, whether or not the last one came back.

With --rate, the simulated users are those who take the arrivals: one who is free takes the next and does one
task for it. Before the first arrival all of them get ready (log in). If none is free the arrival waits, and
its response time counts from its intended start all the same, so that a server that stalls cannot hide the
queue in front of it (coordinated omission; G. Tene, How NOT to Measure Latency). What no user has taken by
the end of the run counts as a failure. Without --rate nothing of this is at work.
"""
