"""The live feed: what happens to tickets, while it happens, as Server-Sent Events and over a WebSocket.

A process of its own (`python -m ticketing.live`), for a stream holds its connection for minutes: each would
keep one of Gunicorn's threads from serving the API. One poller reads the log of events and hands what is new
to all streams; docs/live-feed.md says what a client sees.
"""
