"""Posting tickets to a Discord webhook: completely, never twice, and within its rate limits.

`formats` says how tickets look, `markup` makes their texts harmless, `batching` makes messages of them,
`webhook` posts one message and says what became of it, `ratelimit` says when the next may go, `records`
remembers what was sent, `outbox` knows what was filed since, and `lock` keeps two runs apart. `sender` puts
them together for a run over all tickets, and `follower` for one that never ends.
"""
