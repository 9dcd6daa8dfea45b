"""HTTPS at the edge: the lab's own certificate authority, the edge's certificate, and who trusts them.

Everything is in the state folder's `tls`, which its owner alone may enter:

- `ca.key`, `ca.crt`: the authority. The key never leaves the VM and is in no container.
- `edge/`: what the edge sees as /etc/edge-tls. HTTPS is on while `edge.crt` is there.
- `trust/HOST/`: what a client host sees as /etc/lab-trust: the authority's certificate once it is trusted.
"""
