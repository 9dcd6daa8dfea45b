"""Posting tickets to a Discord webhook: completely, never twice, and within its rate limits.

`batching` makes messages of tickets, `markup` makes their texts harmless, `webhook` posts one message and
says what became of it, `ratelimit` says when the next may go, `records` remembers what was sent, `lock` keeps
a second run away, and `sender` puts them together.
"""
