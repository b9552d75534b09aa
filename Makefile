# Two commands are enough: `make demo` and `make test`. Both make .venv first if it is missing.
PYTHON ?= python3
# On Linux plain pip brings torch with CUDA (gigabytes; right for a GPU runtime). For a small CPU build:
#   make setup TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
JOBS ?= 2
OUT ?= out
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)
VOICE_PACKAGES := espeak-ng flite
ENGINE_PACKAGES := chromium godot3 xvfb xauth libgl1-mesa-dri mono-mcs mono-runtime mono-devel nunit-console

.PHONY: setup demo test check format bench voices engines test-engines serve web protos clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@echo "Setting up $(VENV): some minutes the first time."
	$(PYTHON) -m venv $(VENV)
	$(if $(TORCH_INDEX),$(BIN)/python -m pip install -q --index-url $(TORCH_INDEX) -c constraints.txt torch)
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[runtime,bridge,training,dev]"
	@touch $@

demo: $(STAMP)
	@mkdir -p $(OUT)
	$(BIN)/visavis talk samples/portraits/innkeeper.png samples/lines/innkeeper.flac -o $(OUT)/innkeeper.mp4 -o $(OUT)/innkeeper.png

test: $(STAMP)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup --ignore=tests/engines

check: $(STAMP)
	$(BIN)/buf lint protos
	$(BIN)/ruff check sdk runtime unity_bridge tests samples
	$(BIN)/ruff format --check sdk runtime unity_bridge tests samples
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/ruff check --fix sdk runtime unity_bridge tests samples
	$(BIN)/ruff format sdk runtime unity_bridge tests samples

bench: $(STAMP)
	$(BIN)/visavis bench render
	$(BIN)/visavis bench motion
	$(BIN)/visavis bench lipsync --quick

# Synthetic voices: what the training speaks with, and what its tests skip without; needs apt (Debian, Ubuntu).
voices:
	dpkg -s $(VOICE_PACKAGES) >/dev/null 2>&1 || { $(AS_ROOT) apt-get update -q && $(AS_ROOT) apt-get install -y -q --no-install-recommends $(VOICE_PACKAGES); }

# System packages and node packages of the engine tests; needs apt (Debian, Ubuntu) and npm.
engines:
	@command -v npm >/dev/null || { echo "npm is missing: install node with npm first, then run make engines again." >&2; exit 1; }
	dpkg -s $(ENGINE_PACKAGES) >/dev/null 2>&1 || { $(AS_ROOT) apt-get update -q && $(AS_ROOT) apt-get install -y -q --no-install-recommends $(ENGINE_PACKAGES); }
	cd tests/engines && npm install --ignore-scripts --no-package-lock --no-audit --no-fund

test-engines: $(STAMP)
	$(BIN)/python -m pytest tests/engines -rs

serve: $(STAMP)
	$(BIN)/visavis serve

# Four sample characters to talk with in a browser; made once.
NPCS := innkeeper guard scholar android
web: $(STAMP) $(NPCS:%=$(OUT)/avatars/%.visavis)
	$(BIN)/visavis serve --avatars $(OUT)/avatars --web

$(OUT)/avatars/%.visavis: samples/portraits/%.png | $(STAMP)
	@mkdir -p $(@D)
	$(BIN)/visavis avatar build $< -o $@

# The messages of protos/ as Python, made with the oldest tools we support: their code runs with newer protobufs, not
# the other way round. Their own environment, because they pin protobuf.
PROTO_TOOLS := build/protos
protos:
	test -x $(PROTO_TOOLS)/bin/python || { $(PYTHON) -m venv $(PROTO_TOOLS) && $(PROTO_TOOLS)/bin/python -m pip install -q grpcio-tools==1.72.1; }
	$(PROTO_TOOLS)/bin/python -m grpc_tools.protoc -Iprotos --python_out=sdk --pyi_out=sdk protos/visavis/v1/*.proto protos/visavis/ace/v1/*.proto
	$(PROTO_TOOLS)/bin/python -m grpc_tools.protoc -Iprotos --grpc_python_out=sdk protos/visavis/v1/talk.proto protos/visavis/v1/avatar.proto

clean:
	rm -rf $(VENV) $(OUT) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
