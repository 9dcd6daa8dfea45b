"""The audit: what the lab promises about its own security, looked at from outside, one line a check."""
