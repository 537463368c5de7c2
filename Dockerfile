# The product in one image; SWITCHROOM_ROLES says what a container of it does.
# Nothing is written outside of /scratch, so the root file system may be read-only.

FROM python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea AS tab
WORKDIR /app
COPY tools tools
COPY requirements-node.txt requirements.txt requirements-dev.txt ./
COPY tabs tabs
RUN ["python", "tools/tab.py"]

FROM python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea AS packages
WORKDIR /app
COPY tools tools
COPY requirements.txt ./
# pip has done its work then, and whoever got into a container would have a use for it.
RUN ["python", "tools/environment.py", "runtime"]
RUN [".venv/bin/python", "-m", "pip", "uninstall", "--yes", "--quiet", "pip"]

FROM python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PORT=3978
WORKDIR /app
RUN ["install", "--directory", "--owner=10001", "--group=10001", "--mode=0700", "/scratch"]
COPY --from=packages /app/.venv .venv
COPY LICENSE app.py ./
COPY portal portal
COPY bot bot
COPY manifest manifest
COPY --from=tab /app/tabs/dist tabs/dist
# Nothing is compiled later: the process may not write here.
RUN ["python", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "app.py", "portal", "bot", "manifest"]
USER 10001:10001
VOLUME /scratch
EXPOSE 3978
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
CMD ["python", "app.py"]
