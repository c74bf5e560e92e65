# Two commands matter: `make run` and `make test`.

.PHONY: run test test-rust test-web test-journeys web api-client screenshots bench clean

WEB_STAMP := web/node_modules/.installed

run: web  ## build everything and start the demo on this machine
	cargo build --release -p jieti
	./target/release/jieti demo

test: test-needs test-web test-rust test-journeys  ## install what the tests need, then run every test

.PHONY: test-needs
test-needs:
	scripts/install-test-needs.sh

# Not `npm ci`: it refuses a lock file in which a registry's gaps left out other platforms' optional packages; `install`
# takes the locked versions all the same.
$(WEB_STAMP): web/package-lock.json
	cd web && npm install --no-save --no-audit --no-fund
	touch $@

web: $(WEB_STAMP)
	cd web && npm run build

test-web: $(WEB_STAMP)
	cd web && npm run check && npm run lint && npm run build && npm test

test-rust: web
	scripts/with-postgres.sh cargo nextest run --workspace --no-fail-fast

# The same artifacts as test-rust: a plain `cargo build` would compile everything again with fewer features.
test-journeys: web
	cargo test --no-run --workspace --quiet
	cd web && npm run journeys

api-client: $(WEB_STAMP)  ## regenerate the API document and the web's types from it
	cargo run -q -p xtask -- openapi
	cd web && npm run generate

screenshots: web  ## take the README's pictures from the running demo
	cargo build --release -p jieti
	cd web && npm run screenshots

bench: web
	cargo build --release -p jieti
	scripts/with-postgres.sh bench/run.py

clean:
	cargo clean
	rm -rf web/dist web/node_modules
