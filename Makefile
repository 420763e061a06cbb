# Every verb says what it does and does only what is left to do. Without a verb: this list.
.DEFAULT_GOAL := help
.PHONY: help setup build run test fmt tidy sim fuzz bench clean
MAKEFLAGS += --no-print-directory

ARGS    ?=
SEED    ?= $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')
TARGET  ?=
SECONDS ?= 60

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing: Debian packages, Node into .node/, the web client's packages
	@tools/setup

build: setup ## build the web client and everything in C++ into build/release/
	@tools/build_web
	@tools/build

run: setup ## set up, build and start earshotd with its data in ./data (ARGS="--web 0.0.0.0:8080" for flags)
	@tools/build_web
	@tools/build earshotd
	@exec build/release/earshotd --data data $(ARGS)

test: ## set up, build and run every test; the last line counts them (ARGS="wire core": only those; FRESH=1: slow ones too)
	@tools/setup test
	@tools/build_web
	@tools/build
	@tools/run_tests $(ARGS)

fmt: ## format the C++ (clang-format 14) and the web client
	@tools/fmt

tidy: ## check the include arrows, the bans and the generated files
	@tools/tidy

sim: ## run the simulator with SEED=number (a drawn one without) and print its trace
	@tools/setup
	@tools/build earshot_sim
	@build/release/earshot_sim --trace --seed $(SEED) $(ARGS)

fuzz: ## fuzz TARGET=name for SECONDS=60 (all targets without a name), starting from its corpus
	@tools/setup fuzz
	@tools/fuzz $(SECONDS) $(TARGET)

bench: setup ## build and run the programs of bench/, which print figures
	@tools/build
	@for program in build/release/*_bench; do if [ -x "$$program" ]; then echo "== $$program"; "$$program" $(ARGS) || exit 1; fi; done

clean: ## remove what was built; fetched packages and ./data stay
	rm -rf build web/dist web/node_modules/.earshot-dist
