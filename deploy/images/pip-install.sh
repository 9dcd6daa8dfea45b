#!/bin/sh
# pip-install GROUP: the dependency group of pyproject.toml, as uv.lock pins it, into /opt/venv: compiled, since the
# root file system is read-only when it runs, and without what is of no use there.
set -eu
/opt/uv/bin/uv export --quiet --frozen --only-group "$1" --no-emit-project --output-file /tmp/requirements.txt
python3 -m venv --without-pip /opt/venv
PIP_CERT=/run/secrets/ca.crt /opt/uv/bin/pip --python /opt/venv/bin/python install --quiet --no-cache-dir --no-compile \
    --require-hashes -r /tmp/requirements.txt
# Django's texts in other languages (all is in English here), and the sources that a browser's debugger asks for.
find /opt/venv -depth -path '*/locale/*/LC_MESSAGES/*' ! -path '*/locale/en/*' -delete
find /opt/venv -name '*.map' -delete
# A hash of the source in place of its time, and sets in the order of a fixed seed, so that it comes out the same.
PYTHONHASHSEED=0 /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/venv
