#!/usr/bin/env bash
# Install the peers next to their workers, apart from the application's own environment. Needs uv, Node.js 20 and npm.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

uv venv --quiet --allow-existing .venv
uv pip install --quiet --python .venv/bin/python --requirement requirements.txt
npm ci --prefix node --no-fund --no-audit
