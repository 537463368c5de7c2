#!/bin/sh
# Prints a Python that can run the project: the checkout's own, else the first 3.11+ with venv.
set -eu
if [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null; then
    echo .venv/bin/python
    exit 0
fi
for candidate in ${SWITCHROOM_PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14 python; do
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c \
        'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "$candidate"
        exit 0
    fi
done
cat >&2 <<'MESSAGE'
Switchroom needs Python 3.11 or newer with the venv module, and found none on PATH.
Install one (Debian and Ubuntu: apt install python3 python3-venv; macOS: brew install python;
or see python.org/downloads), or name it: SWITCHROOM_PYTHON=/path/to/python3 make run
MESSAGE
exit 1
