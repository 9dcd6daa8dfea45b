"""A stand-in for Discord's execute-webhook endpoint, for labs without internet.

It answers as Discord does (bodies, status codes, rate-limit headers), keeps what it got, and shows it.
"""
