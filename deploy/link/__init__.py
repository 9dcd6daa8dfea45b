"""The link: what happens to packets on a zone's access link, and the two engines that make it happen.

Runs in the router (`python3 -m link.daemon`) on the standard library alone; its pure parts (conditions,
units, words, tc commands) are the `lab` command's too. A zone's link has two directions, seen from the zone:
`up` towards the router, `down` from it.
"""
