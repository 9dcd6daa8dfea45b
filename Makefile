# The front door. Each verb is one line; what it does is in deploy/lab (Python) or deploy/bootstrap.sh.
# Variables are upper case: make loadtest USERS=50 TIME=60s
.DEFAULT_GOAL := help
SHELL := /bin/sh
# Every target is a verb, none is a file.
.PHONY: $(shell sed -n 's/^\([a-z][a-z-]*\):.*/\1/p' $(firstword $(MAKEFILE_LIST)))

LAB := .venv/bin/lab
BOOTSTRAP := deploy/bootstrap.sh
NEEDS_LAB = @test -x $(LAB) || { echo "ticketlab: nothing is installed yet; run: make up" >&2; exit 3; }
# The last exercise asks the audit.
NEEDS_EXERCISES = $(NEEDS_LAB); $(BOOTSTRAP) python lab audit

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^## / { printf "\n%s\n", substr($$0, 4) } \
	  /^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## The lab

up: ## start the lab, from a bare VM if need be (again: brings it up to date): [DB=postgres]
	@$(BOOTSTRAP) python lab docs audit
	@$(BOOTSTRAP) engine
	@$(BOOTSTRAP) base
	@$(LAB) up $(DB:%=--db %)

down: ## remove containers and networks; the database stays
	$(NEEDS_LAB)
	@$(LAB) down

restart: ## restart all hosts, or one: HOST=edge
	$(NEEDS_LAB)
	@$(LAB) restart $(HOST)

status: ## every host: zone, address, state, health
	$(NEEDS_LAB)
	@$(LAB) status

logs: ## a host's log: HOST=edge [FOLLOW=1]
	$(NEEDS_LAB)
	@$(LAB) logs $(if $(FOLLOW),--follow) $(or $(HOST),$(error which host? make logs HOST=edge))

shell: ## a shell on a host: HOST=client
	$(NEEDS_LAB)
	@$(LAB) shell $(or $(HOST),client)

doctor: ## what this VM is, and what is in the way of the lab
	@$(BOOTSTRAP) python lab
	@$(LAB) doctor

deploy: ## replace the app servers one by one, without a failed request: [IMAGE=name] (docs/deploy.md)
	$(NEEDS_LAB)
	@$(LAB) deploy $(IMAGE:%=--image %)

## The guide's jobs

seed: ## write the fixture: [COUNT=1300] [SEED=10]
	$(NEEDS_LAB)
	@$(LAB) seed $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED))

load: ## load the fixture into the database, or a file: [FILE=tickets.json]
	$(NEEDS_LAB)
	@$(LAB) load $(FILE)

db-copy: ## move all data into the other database, and run on that: TO=postgres or TO=sqlite [FORCE=1]
	$(NEEDS_LAB)
	@$(LAB) db-copy $(or $(TO),$(error where to? make db-copy TO=postgres)) $(if $(FORCE),--force)
backup: ## database and pictures into one file, while the service goes on: [TO=folder]
	$(NEEDS_LAB)
	@$(LAB) backup $(if $(TO),--to '$(TO)')

restore: ## bring a backup back; what is there now is kept first: FILE=backups/….tar.gz
	$(NEEDS_LAB)
	@$(LAB) restore '$(or $(FILE),$(error which file? make restore FILE=backups/….tar.gz))'

notify: ## post the tickets to Discord: [FORMAT=compact] [LIMIT=80] [DRY_RUN=1] [STATUS=1] [AGAIN=1] [RESEND_UNKNOWN=1]
	$(NEEDS_LAB)
	@$(LAB) notify $(FORMAT:%=--format %) $(LIMIT:%=--limit %) $(if $(DRY_RUN),--dry-run) $(if $(STATUS),--status) $(if $(AGAIN),--again) $(if $(RESEND_UNKNOWN),--resend-unknown)

## Exercises

exercises: ## the list, and how far you are (docs/exercises/)
	$(NEEDS_EXERCISES)
	@$(LAB) exercises

start: ## the lab in an exercise's starting state: EX=4 [STUDENT=s1234567]
	$(NEEDS_EXERCISES)
	@$(LAB) start $(or $(EX),$(error which exercise? make start EX=4)) $(STUDENT:%=--student %)

check: ## are the answers and the lab right? EX=4
	$(NEEDS_EXERCISES)
	@$(LAB) check $(or $(EX),$(error which exercise? make check EX=4))

predicted: ## theory beside what the last check of each exercise measured
	$(NEEDS_EXERCISES)
	@$(LAB) predicted

apply: ## put into force what you have edited in answers/: EX=12
	$(NEEDS_EXERCISES)
	@$(LAB) apply $(or $(EX),$(error which exercise? make apply EX=12))

hint: ## one more hint each time: EX=4
	$(NEEDS_EXERCISES)
	@$(LAB) hint $(or $(EX),$(error which exercise? make hint EX=4))

reset: ## end an exercise: the lab is as shipped again, the answers stay: EX=4
	$(NEEDS_EXERCISES)
	@$(LAB) reset $(or $(EX),$(error which exercise? make reset EX=4))

solve: ## the reference solution, done and written: EX=4 KEY=instructor.key
	$(NEEDS_EXERCISES)
	@$(LAB) solve $(or $(EX),$(error which exercise? make solve EX=4 KEY=instructor.key)) $(KEY:%=--key %)

report: ## your page and the signed file to hand in: answers/report.html, answers/report-….json (docs/results.md)
	$(NEEDS_EXERCISES)
	@$(LAB) report

## Load

locust: ## where Locust's web UI is; its generators: [WORKERS=4] [PROCESSES=2] [ADDRESSES=20]
	$(NEEDS_LAB)
	@$(LAB) locust $(WORKERS:%=--workers %) $(PROCESSES:%=--processes %) $(ADDRESSES:%=--addresses %)

loadtest: ## load with a verdict and a report: [SCENARIO=browse] [SHAPE=ramp] [USERS=20] [RATE=50] [TIME=30s] [PROFILE=lte] [FAIL_IF='p95>300ms'] (docs/load-report.md)
	$(NEEDS_LAB)
	@$(LAB) loadtest $(SCENARIO:%=--scenario %) $(SHAPE:%=--shape %) $(USERS:%=--users %) $(RATE:%=--rate %) \
	  $(ARRIVALS:%=--arrivals %) $(TIME:%=--time %) $(PROFILE:%=--profile %) $(DELAY:%=--delay %) \
	  $(LOSS:%=--loss '%') $(if $(FAIL_IF),--fail-if '$(FAIL_IF)') $(WORKERS:%=--workers %) $(VIA:%=--via %) \
	  $(if $(filter off,$(KEEP_ALIVE)),--no-keep-alive) $(SOURCES:%=--sources %) $(THINK_TIME:%=--think-time %) $(if $(LABEL),--label '$(LABEL)')

compare: ## two runs side by side, and what is noise: [A=previous] [B=latest]
	$(NEEDS_LAB)
	@$(LAB) compare $(or $(A),previous) $(or $(B),latest)

experiment: ## predicted and measured in a row of conditions: NAME=latency-sweep (none lists them) [QUICK=1]
	$(NEEDS_LAB)
	@$(LAB) experiment $(NAME) $(if $(QUICK),--quick)

## When parts die

drill: ## break a part under load, then account for every acknowledged ticket: NAME=kill-replica (none lists them), all, or random [KILLS=20] [SEED=1]; [QUICK=1]
	$(NEEDS_LAB)
	@$(LAB) drill $(NAME) $(KILLS:%=--kills %) $(SEED:%=--seed %) $(if $(QUICK),--quick)

kill: ## kill a host; make restart HOST=app2 starts it again: HOST=app2
	$(NEEDS_LAB)
	@$(LAB) kill $(or $(HOST),$(error which host? make kill HOST=app2))

freeze: ## stop all of a host for a while: HOST=edge [FOR=2.5s]
	$(NEEDS_LAB)
	@$(LAB) freeze $(or $(HOST),$(error which host? make freeze HOST=edge FOR=2.5s)) $(FOR:%=--for %)

drain: ## have the edge ask a replica nothing more, or again: HOST=app1 [BACK=1]
	$(NEEDS_LAB)
	@$(LAB) drain $(or $(HOST),$(error which replica? make drain HOST=app1)) $(if $(BACK),--back)

## The wire

link: ## impair a zone's link: ZONE=clients DELAY=40ms LOSS=1% RATE=10mbit, or PROFILE=lte (docs/link.md)
	$(NEEDS_LAB)
	@$(LAB) link set $(or $(ZONE),$(error which zone? make link ZONE=clients DELAY=40ms)) $(PROFILE:%=--profile %) \
	  $(DELAY:%=--delay %) $(JITTER:%=--jitter %) $(DISTRIBUTION:%=--distribution %) \
	  $(CORRELATION:%=--correlation '%') $(LOSS:%=--loss '%') $(if $(LOSS_MODEL),--loss-model '$(LOSS_MODEL)') \
	  $(BURST:%=--burst %) $(RATE:%=--rate %) $(LIMIT:%=--limit %) $(DUPLICATE:%=--duplicate '%') \
	  $(REORDER:%=--reorder '%') $(DIRECTION:%=--direction %) $(FOR:%=--for %) $(if $(MODIFY),--modify)

link-show: ## every zone's link, the engine, its tc commands
	$(NEEDS_LAB)
	@$(LAB) link show

link-clear: ## take the conditions away: all, or [ZONE=clients]
	$(NEEDS_LAB)
	@$(LAB) link clear $(ZONE)

link-profiles: ## ready-made links, each with its source
	$(NEEDS_LAB)
	@$(LAB) link profiles

## The path

topology: ## hosts, zones, routes, ports, links, counters: [SVG=file] [MERMAID=file] [PLANNED=1]
	$(NEEDS_LAB)
	@$(LAB) topology $(SVG:%=--svg %) $(MERMAID:%=--mermaid %) $(if $(PLANNED),--planned)

trace: ## one request, hop by hop: URL=http://10.10.10.1/api/tickets/ [FROM=client] [TOKEN_OF=student1]
	$(NEEDS_LAB)
	@$(LAB) trace '$(or $(URL),$(error which URL? make trace URL=http://10.10.10.1/healthz))' $(FROM:%=--from %) $(TOKEN_OF:%=--token-of %)

capture: ## a host's packets into captures/, summed up: HOST=edge FILTER='tcp port 80' FOR=10s [ZONE=] [PAYLOAD=1]
	$(NEEDS_LAB)
	@$(LAB) capture $(or $(HOST),$(error which host? make capture HOST=edge)) $(if $(FILTER),--filter '$(FILTER)') $(FOR:%=--for %) $(ZONE:%=--zone %) $(if $(PAYLOAD),--payload)

## Firewall

firewall: ## load router.nft, taken back if it locks you out: [CONFIRM_WITHIN=30] [ASK=1] [FILE=mine.nft]
	$(NEEDS_LAB)
	@$(LAB) firewall apply $(FILE) $(if $(CONFIRM_WITHIN),--confirm-within $(CONFIRM_WITHIN:s=)) $(if $(ASK),--ask)

firewall-show: ## the rules in force, in words, with counters
	$(NEEDS_LAB)
	@$(LAB) firewall show

firewall-log: ## what is being dropped, live
	$(NEEDS_LAB)
	@$(LAB) firewall log

firewall-test: ## send real packets along every flow of deploy/firewall/intent.toml
	$(NEEDS_LAB)
	@$(LAB) firewall test

## Trust

audit: ## look whether the lab keeps what it promises about security: [FAMILY=containers] [FAIL_ON=LOW] [VERBOSE=1] [JSON=1]
	@$(BOOTSTRAP) python lab audit
	@$(LAB) audit $(FAMILY:%=--family %) $(FAIL_ON:%=--fail-on %) $(if $(VERBOSE),--verbose) $(if $(JSON),--json)

sbom: ## what each image is made of, as CycloneDX JSON in sbom/
	@$(BOOTSTRAP) python lab audit
	@$(LAB) sbom

## HTTPS, and a real LAN

tls: ## HTTPS at the edge: [REDIRECT=1] [HSTS=1] [TLS13=1] [OFF=1]
	$(NEEDS_LAB)
	@$(LAB) tls $(if $(OFF),off,on $(if $(REDIRECT),--redirect) $(if $(HSTS),--hsts) $(if $(TLS13),--no-tls12))

limits: ## log-ins and requests at the edge, messages to Discord's stand-in; others for a while: [RATE=6] [BURST=15] [WEBHOOK=4/2] [CHANNEL=30/60] [PACE=20] [CLEAR=1]
	$(NEEDS_LAB)
	@$(LAB) limits $(RATE:%=--rate %) $(BURST:%=--burst %) $(WEBHOOK:%=--webhook %) $(CHANNEL:%=--channel %) $(PACE:%=--pace %) $(if $(CLEAR),--clear)

trust-ca: ## let client hosts trust the lab's authority: [HOST=client] [VM=1] [REMOVE=1]
	$(NEEDS_LAB)
	@$(LAB) trust-ca $(if $(HOST),--host $(HOST)) $(if $(VM),--vm) $(if $(REMOVE),--remove)

join-lan: ## put the VM's second card on the lab's network: IF=eth1 [TAKE_ADDRESSES=1]
	$(NEEDS_LAB)
	@$(LAB) join-lan $(or $(IF),$(error which card? make join-lan IF=eth1)) $(if $(TAKE_ADDRESSES),--take-addresses)

leave-lan: ## take it off again: IF=eth1
	$(NEEDS_LAB)
	@$(LAB) leave-lan $(or $(IF),$(error which card? make leave-lan IF=eth1))

## Developing

dev: ## the service on loopback, without containers
	@$(BOOTSTRAP) python app discord lab
	@$(BOOTSTRAP) packages nginx-light
	@$(LAB) dev

test: ## everything: lint, unit, unit-postgres, fuzz, netns, edge, lab, exercises
	@$(BOOTSTRAP) python app discord lab load dev bench audit docs
	@$(BOOTSTRAP) packages nginx-light nftables iptables iproute2 iputils-ping iperf3 conntrack
	@$(BOOTSTRAP) packages chromium || echo "ticketlab: NO CHROMIUM HERE, SO NO PAGE IS TRIED IN A BROWSER" >&2
	@$(MAKE) --no-print-directory lint unit unit-postgres fuzz-few netns edge lab-test exercises-test

lint: ## ruff, mypy, shellcheck, hadolint, nginx -t, gixy
	@deploy/lint.sh

unit: ## tests without a network
	@.venv/bin/pytest -q tests/unit

unit-postgres: ## tests of the service and the notifier once more, on a PostgreSQL of their own (needs the engine)
	@$(BOOTSTRAP) engine && $(BOOTSTRAP) base || \
	  echo "ticketlab: NO CONTAINER ENGINE OR BASE IMAGE, for the reason above: NOTHING CAN BE TRIED ON POSTGRESQL" >&2
	@.venv/bin/python -m tests.postgres.server .venv/bin/pytest -q tests/unit/service tests/unit/notifier tests/edge/test_backup_postgresql.py

fuzz: ## the API against its schema and its rules, other requests each time: [EXAMPLES=100]
	@$(BOOTSTRAP) python app lab dev
	@EXAMPLES=$(or $(EXAMPLES),100) .venv/bin/pytest -q tests/fuzz tests/unit/service/test_load_anything.py tests/unit/notifier/test_any_text.py

fuzz-http: ## Nginx and Gunicorn in malformed requests, and whether both agree where each ends: [SECONDS=300] [SEED=5eed]
	@$(BOOTSTRAP) python app lab dev
	@$(BOOTSTRAP) packages nginx-light
	@SECONDS=$(or $(SECONDS),300) SEED=$(SEED) .venv/bin/pytest -q -s tests/edge/test_fuzz_http.py -k agree

# The same few requests each time.
fuzz-few:
	@.venv/bin/pytest -q tests/fuzz

netns: ## tests of the router's parts in bare network namespaces (as root)
	@.venv/bin/pytest -q tests/netns

edge: ## tests of real Nginx and Gunicorn on loopback
	@.venv/bin/pytest -q tests/edge

lab-test: ## tests of the real topology in containers (without an engine skipped, loudly; failed if CI=true)
	@$(BOOTSTRAP) engine && $(BOOTSTRAP) base || \
	  echo "ticketlab: NO CONTAINER ENGINE OR BASE IMAGE, for the reason above: THE LAB TESTS CANNOT RUN" >&2
	@.venv/bin/pytest -q tests/lab

images: ## build the hosts' images; their sizes, and which Debian packages are not those on record
	@$(BOOTSTRAP) python lab
	@$(BOOTSTRAP) engine
	@$(BOOTSTRAP) base
	@$(LAB) images

images-lock: ## put the Debian packages of these images on record (deploy/images/packages.lock)
	$(NEEDS_LAB)
	@$(LAB) images-lock

images-verify: ## build the images again without a cache, and compare every file (ten minutes): [IMAGE=app]
	$(NEEDS_LAB)
	@$(LAB) images-verify $(IMAGE)

exercises-test: ## the exercises on the real lab: pages followed to the letter, mistakes refused (a minute or two each)
	@$(BOOTSTRAP) python app discord lab load dev
	@$(BOOTSTRAP) engine && $(BOOTSTRAP) base || \
	  echo "ticketlab: NO CONTAINER ENGINE OR BASE IMAGE, for the reason above: THE EXERCISES CANNOT BE TRIED" >&2
	@.venv/bin/pytest -q tests/exercises

docs: ## make the docs as a site: http://10.10.10.1/docs/, and without a lab .lab/docs/html/index.html
	@$(BOOTSTRAP) python lab docs
	@$(LAB) docs

bundle: ## one file from which a VM comes up without internet (docs/offline.md): [TO=folder]
	@$(BOOTSTRAP) python lab docs
	@$(LAB) docs
	@$(BOOTSTRAP) engine
	@$(BOOTSTRAP) base
	@$(LAB) bundle $(if $(TO),--to '$(TO)')

install-bundle: ## bring this VM up from such a file: BUNDLE=file
	@deploy/bundle/install.sh '$(or $(BUNDLE),$(error which bundle? make install-bundle BUNDLE=file))'

bundle-test: ## a bundle on a bare Debian without a network (as root; seven minutes, apart from make test): [BUNDLE=file]
	@$(BOOTSTRAP) packages debootstrap
	@tests/bundle/bare-vm.sh "$(or $(BUNDLE),$(lastword $(shell ls -tr dist/*.bundle.tar 2>/dev/null)),$(error make bundle first, or say which: make bundle-test BUNDLE=file))"

schema: ## write docs/openapi.yaml anew from the code
	@$(BOOTSTRAP) python app lab dev
	@PYTHONPATH=.:app .venv/bin/python -m django spectacular --settings tests.settings --validate --fail-on-warn --file docs/openapi.yaml

shapes: ## draw docs/shapes and docs/concepts/pictures anew from the load's and the lab's own functions
	@$(BOOTSTRAP) python lab
	@PYTHONPATH=locustfiles .venv/bin/python -m common.pictures docs/shapes
	@.venv/bin/python -m lab.docs.pictures docs/concepts/pictures

test-vm: ## the kernel's link engine, on Debian's kernel under qemu (apart from make test)
	@$(BOOTSTRAP) python lab dev
	@$(BOOTSTRAP) packages mmdebstrap cpio qemu-system-x86
	@tests/vm/boot.sh

## Measuring

bench: ## the service's speed beside its peers, and with a million tickets (loopback, ten minutes)
	@$(BOOTSTRAP) python app lab bench
	@$(BOOTSTRAP) packages wrk
	@.venv/bin/python -m benchmarks.service

bench-bulk: ## making and loading a million tickets, beside loaddata (two minutes, 1.5 GB): [COUNT=1000000]
	@$(BOOTSTRAP) python app lab
	@.venv/bin/python -m benchmarks.bulk $(COUNT:%=--count %)

bench-writers: ## sixteen clients that file tickets at once, and whether one is lost (loopback, half a minute)
	@$(BOOTSTRAP) python app lab
	@.venv/bin/python -m benchmarks.writers

bench-cache: ## cached answers against a static file of the same size (loopback, a minute and a half)
	@$(BOOTSTRAP) python app lab
	@$(BOOTSTRAP) packages nginx-light wrk
	@.venv/bin/python -m benchmarks.cache

bench-generator: ## what a recorded scenario can send, beside a bare Locust user (loopback, half a minute)
	@$(BOOTSTRAP) python lab load
	@$(BOOTSTRAP) packages nginx-light
	@.venv/bin/python -m benchmarks.generator

bench-notify: ## how near to Discord's limits the notifier comes (loopback, two minutes)
	@$(BOOTSTRAP) python app discord lab
	@.venv/bin/python -m benchmarks.notify

bench-link: ## how exact and how fast emulated links are, in bare namespaces (as root, four minutes)
	@$(BOOTSTRAP) python app lab dev
	@$(BOOTSTRAP) packages nftables iproute2 iputils-ping iperf3
	@.venv/bin/python -m benchmarks.link

bench-hostile: ## what a hostile client costs the others, in bare namespaces (as root, four minutes)
	@$(BOOTSTRAP) python app lab dev
	@$(BOOTSTRAP) packages nginx-light nftables iproute2 curl
	@.venv/bin/python -m benchmarks.hostile

bench-lab: ## what the README promises of a running lab (posts all tickets again: five minutes)
	$(NEEDS_LAB)
	@.venv/bin/python -m benchmarks.lab
