# Packages of the pages, as the lock names them.
FROM node:24-trixie-slim AS pages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

# Python packages, German catalogue, static files under names with their hash.
FROM python:3.13-slim-trixie AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.lock requirements-dev.lock ./
# Babel compiles the catalogue and stays behind in this stage.
RUN python -m venv .venv \
    && .venv/bin/pip install --require-hashes -r requirements.lock \
    && awk '/^[a-z]/ { wanted = /^babel==/ } wanted' requirements-dev.lock > /tmp/babel.lock \
    && .venv/bin/pip install --require-hashes --target /opt/babel -r /tmp/babel.lock
COPY . .
COPY --from=pages /app/node_modules node_modules
RUN PYTHONPATH=/opt/babel script/messages compile \
    && script/process collect-static \
    && .venv/bin/python -m compileall -q pik casework funding

# What runs: no compiler, no npm, no rights; writes to /tmp and, as beat, to var/beat.
FROM python:3.13-slim-trixie
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY --from=build /app /app
RUN groupadd --system --gid 10001 pik \
    && useradd --system --uid 10001 --gid pik --home-dir /app --no-create-home pik \
    && install -d -o pik -g pik var/beat
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 CMD ["script/process", "check-web"]
CMD ["script/process", "web"]
