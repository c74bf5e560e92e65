#!/usr/bin/env python3
"""Measures behaviour: intake, memory, and surveys side by side with DuckDB over the same acts on the same machine.

1. Intake: `jieti behaviour bench`: JSON to disk with live break points.
2. Memory: the same with many customers; resident memory after less before, by customer.
3. Survey: acts of a generated fortnight are imported; Jieti and DuckDB count the same funnel (customers and visits by step) and the
   same stays (exact quantiles of the time in sight of visits that went on) from their own formats on disk. Counts must be equal.
Usage: bench/journeys.py [--binary target/release/jieti] [--events 10000000]; needs DuckDB (`pip install duckdb pyarrow`).
"""
import argparse
import json
import random
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ["apply", "apply/id", "apply/face", "apply/card", "apply/contract"]
STEPS = ["start", "id_upload", "face", "bank_card", "contract"]
DAY = 86_400_000
CHINA = 8 * 3_600_000


def run(*command):
    return json.loads(subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE, text=True).stdout)


def config(folder):
    path = Path(folder) / "jieti.toml"
    path.write_text(f'store = "{folder}/bench.db"\nidentity_secret = "{"x" * 32}"\nsecure_cookies = false\n')
    return path


def generate(folder, events, days=14):
    """Acts of customers who go through an application: page, out of sight, back in sight, page … one Parquet file a day."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = random.Random(1)
    today = (int(time.time() * 1000) + CHINA) // DAY
    files = []
    per_day = events // days
    for day in range(today - days, today):
        start = day * DAY - CHINA
        customer, at, act, page = [], [], [], []
        number = 0
        while len(at) < per_day:
            number += 1
            name = f"d{day}-{number:07}"
            now = start + rng.randrange(0, DAY - 3_600_000)
            for step in range(len(PAGES)):
                stay = int(rng.lognormvariate(9.5, 0.7))
                hide = rng.random() < 0.3
                rows = [(now, "page")]
                if hide:
                    rows += [(now + stay // 2, "hidden"), (now + stay // 2 + 5_000, "visible")]
                for when, what in rows:
                    customer.append(name)
                    at.append(when)
                    act.append(what)
                    page.append(PAGES[step])
                now += stay + (5_000 if hide else 0)
                if rng.random() < 0.12:
                    break
        path = Path(folder) / f"{day}.parquet"
        size = len(at)
        pq.write_table(
            pa.table({"customer": customer, "at": pa.array(at, pa.int64()), "platform": ["ios"] * size, "act": act, "page": page}), path
        )
        files.append(path)
    return files


SQL = """
with ordered as (
    select visitor, ts, act, page,
        sum(case when act = 'page' then 1 else 0 end) over (partition by visitor order by ts rows unbounded preceding) as visit
    from acts where page in ({pages}) and act in ('page', 'hidden', 'visible')
), visits as (
    select visitor, visit, min(ts) as began, max(case when act = 'page' then page end) as page,
        coalesce(max(case when act = 'visible' then ts end) - max(case when act = 'hidden' then ts end), 0) as out_of_sight
    from ordered group by visitor, visit
), stays as (
    select visitor, page, lead(began) over (partition by visitor order by began) - began - out_of_sight as ms from visits
)
select page, count(distinct visitor) as visitors, count(*) as visits, count(ms) as passed,
    quantile_disc(ms, 0.5) as p50, quantile_disc(ms, 0.9) as p90
from stays group by page
"""


def survey(binary, folder, events):
    import duckdb

    path = config(folder)
    files = generate(folder, events)
    imported = run(binary, "behaviour", "import", *files, "--config", path, "--json")
    subprocess.run([binary, "behaviour", "export", "--to", f"{folder}/out", "--config", path], check=True, capture_output=True)
    db = duckdb.connect(f"{folder}/acts.duckdb")
    db.execute(f"create table acts as select visitor, epoch_ms(acts_in.at) as ts, act, page from read_parquet('{folder}/out/*/*.parquet') acts_in")
    db.close()
    rounds = []
    for _ in range(3):
        ours = run(binary, "behaviour", "survey", "--days", 20, "--config", path, "--json")
        db = duckdb.connect(f"{folder}/acts.duckdb", read_only=True)
        began = time.monotonic()
        theirs = db.execute(SQL.format(pages=", ".join(f"'{p}'" for p in PAGES))).fetchall()
        duck = time.monotonic() - began
        db.close()
        rounds.append((ours["secs"], duck))
    apply = next(j for j in ours["journeys"] if j["id"] == "apply")
    steps = {s["id"]: s for s in apply["steps"]}
    agree = True
    for page, visitors, visits, passed, p50, p90 in theirs:
        step = steps[STEPS[PAGES.index(page)]]
        got = (step["visitors"], step["visits"], step["passed"], step["p50_ms"], step["p90_ms"])
        if got != (visitors, visits, passed, p50, p90):
            agree = False
            print("differs", page, got, (visitors, visits, passed, p50, p90))
    return {"acts": imported["stored"], "agree": agree, "jieti_secs": sorted(r[0] for r in rounds), "duckdb_secs": sorted(r[1] for r in rounds),
            "ratio": sorted(r[1] / r[0] for r in rounds)[1]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=ROOT / "target/release/jieti")
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--only", choices=["intake", "memory", "survey"])
    args = parser.parse_args()
    results = {}
    if args.only in (None, "intake"):
        with tempfile.TemporaryDirectory() as folder:
            results["intake"] = run(args.binary, "behaviour", "bench", "--folder", folder, "--json")
    if args.only in (None, "memory"):
        with tempfile.TemporaryDirectory() as folder:
            many = run(args.binary, "behaviour", "bench", "--folder", folder, "--customers", args.customers, "--events", 5 * args.customers,
                       "--batch", 5, "--json")
            many["kb_a_customer"] = (many["rss_kb_after"] - many["rss_kb_before"]) / args.customers
            results["memory"] = many
    if args.only in (None, "survey"):
        with tempfile.TemporaryDirectory() as folder:
            results["survey"] = survey(args.binary, folder, args.events)
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
