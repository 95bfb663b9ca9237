# Built in two stages: the first has the tools, the second only what runs, as a user who may write nothing but /data.

FROM python:3.13-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/scrutiny
WORKDIR /src
COPY requirements-runtime.lock ./
RUN /opt/scrutiny/bin/pip install --require-hashes --no-deps -r requirements-runtime.lock
COPY pyproject.toml README.md LICENSE alembic.ini ./
COPY alembic alembic
COPY app app
RUN /opt/scrutiny/bin/pip install --no-deps . && python -m compileall -q /opt/scrutiny/lib

FROM python:3.13-slim-trixie
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin scrutiny && install -d -o scrutiny -m 0700 /data
COPY --from=build /opt/scrutiny /opt/scrutiny
ENV PATH=/opt/scrutiny/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SCRUTINY_DATA=/data \
    SCRUTINY_HOST=0.0.0.0 \
    SCRUTINY_PORT=8000
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=4s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['SCRUTINY_PORT']}/health/ready\", timeout=3)"]
ENTRYPOINT ["scrutiny"]
CMD ["serve"]
