# Dyno: `make help` lists what there is. Everything works from a bare clone.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# One build configuration for everything: release. Another one would build all dependencies again.
SWIFT_BUILD := swift build -c release
SWIFT_TEST := swift test -c release
DYNO := .build/release/dyno
WORKLOAD ?= everything

# What the build and the runs need of Debian, as command-or-file:package pairs.
NEEDS := nft:nftables ip:iproute2 make:make git:git \
	/usr/include/pcap/pcap.h:libpcap-dev /usr/include/zlib.h:zlib1g-dev /usr/include/libdeflate.h:libdeflate-dev \
	/usr/include/sqlite3.h:libsqlite3-dev /usr/include/nftables/libnftables.h:libnftables-dev \
	/usr/share/javascript/dygraphs/dygraph.min.js:libjs-dygraphs

.PHONY: help setup build run test browser-test install uninstall riak-client lint format bench torture fuzz mutate canary calibrate cluster protobuf clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

setup: ## install the Debian packages that are missing (says which; sudo when not root)
	@command -v swift >/dev/null 2>&1 || { \
		echo "Dyno needs Swift 6.3 or newer, and no 'swift' is on the PATH: install it from https://www.swift.org/install/linux and try again." >&2; exit 1; }
	@missing=""; \
	for need in $(NEEDS); do \
		what=$${need%%:*}; package=$${need##*:}; \
		case $$what in \
			/*) [ -e $$what ] || missing="$$missing $$package";; \
			*) PATH="$$PATH:/usr/sbin:/sbin" command -v $$what >/dev/null 2>&1 || missing="$$missing $$package";; \
		esac; \
	done; \
	[ -z "$$missing" ] && exit 0; \
	command -v apt-get >/dev/null 2>&1 || { echo "Please install:$$missing" >&2; exit 1; }; \
	sudo=""; [ "$$(id -u)" = 0 ] || sudo="sudo"; \
	echo "installing:$$missing"; \
	$$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq $$missing >/dev/null

build: setup ## build everything (release); leaves .build/release/dyno and .build/release/dynamo-node
	@$(SWIFT_BUILD)

run: build ## the main job: five nodes, kills and cuts, a history, a verdict (WORKLOAD=everything)
	@$(DYNO) run Workloads/$(WORKLOAD).yml

test: setup ## all tests: units, properties, conformance, then real processes in real namespaces
	@$(SWIFT_BUILD)
	@$(SWIFT_BUILD) --product dynoPackageTests
	@$(SWIFT_TEST) --skip-build --skip '^(Integration|NemesisTests)'
	@$(SWIFT_TEST) --skip-build --filter '^NemesisTests'
	@$(SWIFT_TEST) --skip-build --filter '^Integration'

browser-test: build ## open a report in headless Chromium: it renders, zooms, and the console stays empty (SCREENSHOTS=folder)
	@$(SWIFT_BUILD) --product dynoPackageTests
	@command -v chromium >/dev/null || { echo "please install chromium (apt-get install chromium)" >&2; exit 1; }
	@$(SWIFT_TEST) --skip-build --filter BrowserTests

PREFIX ?= /usr/local
SHARE = $(DESTDIR)$(PREFIX)/share

install: build ## install under PREFIX (/usr/local): programs, completions for bash, zsh and fish, manual pages
	@install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/dyno $(SHARE)/bash-completion/completions \
		$(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d $(SHARE)/man/man1
	@install -m 755 .build/release/dyno .build/release/dynamo-node $(DESTDIR)$(PREFIX)/bin
	@install -m 755 .build/release/libdyno-faults.so $(DESTDIR)$(PREFIX)/lib/dyno
	@for program in dyno dynamo-node; do \
		.build/release/$$program --generate-completion-script bash >$(SHARE)/bash-completion/completions/$$program && \
		.build/release/$$program --generate-completion-script zsh >$(SHARE)/zsh/site-functions/_$$program && \
		.build/release/$$program --generate-completion-script fish >$(SHARE)/fish/vendor_completions.d/$$program.fish || exit 1; \
	done
	@$(DYNO) manual --into $(SHARE)/man/man1

uninstall: ## remove what `make install` put under PREFIX
	@rm -f $(DESTDIR)$(PREFIX)/bin/dyno $(DESTDIR)$(PREFIX)/bin/dynamo-node $(SHARE)/man/man1/dyno*.1 $(SHARE)/man/man1/dynamo-node*.1 \
		$(SHARE)/bash-completion/completions/{dyno,dynamo-node} $(SHARE)/zsh/site-functions/_{dyno,dynamo-node} \
		$(SHARE)/fish/vendor_completions.d/{dyno,dynamo-node}.fish
	@rm -rf $(DESTDIR)$(PREFIX)/lib/dyno

canary: build ## plant three known flaws and demand that the right checker finds each
	@$(DYNO) canary

calibrate: build ## plant every known flaw, and run the sound store: none missed, no false alarm (QUICK=--quick: five minutes)
	@$(DYNO) calibrate $(QUICK)

# The package needs the module `cgi`, which Python 3.13 dropped: with a newer one, RIAK_PYTHON=python3.12 or older.
RIAK_CLIENT := .build/riak-client
RIAK_PYTHON ?= python3

$(RIAK_CLIENT)/bin/python:
	$(RIAK_PYTHON) -m venv $(RIAK_CLIENT)
	$(RIAK_CLIENT)/bin/pip install --quiet riak==2.7.0 || { rm -rf $(RIAK_CLIENT); exit 1; }

riak-client: $(RIAK_CLIENT)/bin/python setup ## the Python package riak (from PyPI) against three nodes
	@$(SWIFT_BUILD) --product dynamo-node
	@$(SWIFT_BUILD) --product dynoPackageTests
	@$(SWIFT_TEST) --skip-build --filter RealClientTests

lint: ## check the format of all Swift code
	@swift format lint --strict --recursive Sources Tests Package.swift

format: ## format all Swift code
	@swift format --in-place --recursive Sources Tests Package.swift

bench: build ## measure: the history format, the checkers and linearizability, then the store (five nodes, every acknowledgement fsynced)
	@$(DYNO) bench history
	@$(DYNO) bench linearizable
	@$(DYNO) bench store

torture: build ## a thousand SIGKILLs and restarts under load: nothing acknowledged may be lost
	@$(DYNO) torture

fuzz: build ## ten million spoilt inputs for every decoder of bytes from outside
	@.build/release/fuzz-decoders

mutate: setup ## plant a hundred and more small faults in a copy of the checkers: their tests must notice each (JOBS=2)
	@$(SWIFT_BUILD) --product mutate-checkers
	@.build/release/mutate-checkers $(if $(JOBS),--jobs $(JOBS))

cluster: build ## five nodes on 127.0.0.1-127.0.0.5 to play with, until Ctrl-C
	@$(DYNO) cluster

protobuf: ## generate the protocol buffers code again (needs protoc and protoc-gen-swift)
	protoc --swift_opt=Visibility=Public --swift_out=Sources/RiakProtocol -I Sources/RiakProtocol riak.proto
	protoc --swift_opt=Visibility=Public --swift_out=Sources/PeerProtocol -I Sources/PeerProtocol peer.proto

clean: ## remove what was built and all recorded runs
	rm -rf .build Histories/runs
