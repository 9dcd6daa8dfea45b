#!/bin/sh
# pip-install GROUP: the dependency group of pyproject.toml, as uv.lock pins it, into /opt/venv.
set -eu
/opt/uv/bin/uv export --quiet --frozen --only-group "$1" --no-emit-project --output-file /tmp/requirements.txt
python3 -m venv /opt/venv
PIP_CERT=/run/secrets/ca.crt pip install --quiet --no-cache-dir --require-hashes -r /tmp/requirements.txt
pip uninstall --quiet --yes pip
