#!/usr/bin/env python3
"""Measures the service as a whole, side by side in one run, and writes results.json and the table of README.md.

Rows: SQLite and PostgreSQL under the same load from a second process on the same machine, and as a yardstick the same
number of messages committed one by one (one row, one transaction, synchronous=FULL) into a plain SQLite file.
Usage: bench/run.py [--binary target/release/jieti]; PostgreSQL is measured where JIETI_TEST_POSTGRES names a server
(scripts/with-postgres.sh bench/run.py starts one).
"""
import argparse
import json
import os
import platform
import re
import resource
import signal
import sqlite3
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "bench"
IDLE_SOCKETS = 10_000
SECS = 10


class Demo:
    """A running `jieti demo` on free ports."""

    def __init__(self, binary, folder, store=None):
        command = [binary, "demo", "--data", str(folder), "--port", "0", "--lender-port", "0", "--messages-per-minute", "100000000"]
        command += ["--store", store] if store else []
        began = time.monotonic()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            if found := re.search(r"loan app\s+(http://[\d.:]+)/demo/", line):
                self.url = found[1]
            if line.strip().startswith("store"):
                break
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/api/health", timeout=5).read()
                break
            except OSError:
                time.sleep(0.005)
        self.start_secs = time.monotonic() - began

    def rss_kb(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def load(binary, url, *options):
    command = [binary, "load", "--server", url, "--json", "--secs", str(SECS), *options]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def idle_kb_a_socket(binary, demo):
    before = demo.rss_kb()
    command = [binary, "load", "--server", demo.url, "--job", "idle", "--customers", str(IDLE_SOCKETS), "--secs", "8", "--json"]
    client = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = before
    while client.poll() is None:
        peak = max(peak, demo.rss_kb())
        time.sleep(0.2)
    if client.returncode:
        raise SystemExit(f"the idle load ended with {client.returncode}")
    return (peak - before) / IDLE_SOCKETS


def one_by_one_per_s(folder):
    """Messages a second with one commit each: what group commit is measured against."""
    base = sqlite3.connect(folder / "yardstick.db", isolation_level=None)
    base.executescript("pragma journal_mode = wal; pragma synchronous = full; create table if not exists event (seq integer primary key, body text)")
    began, count = time.monotonic(), 0
    while time.monotonic() - began < 3:
        base.execute("insert into event (body) values (?)", ["x" * 200])
        count += 1
    return count / (time.monotonic() - began)


def measure(binary, name, store=None):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        demo = Demo(binary, folder / "data", store)
        demo.stop()
        demo = Demo(binary, folder / "data", store)
        try:
            # The disk's mood changes within minutes, so the yardstick is taken on both sides of what it measures.
            yardstick = one_by_one_per_s(folder)
            durable = load(binary, demo.url, "--job", "store", "--customers", "200")
            row = {
                "store": name,
                "cold_start_secs": demo.start_secs,
                "durable": durable,
                "one_by_one_per_s": (yardstick + one_by_one_per_s(folder)) / 2,
                "bot_500_per_s": load(binary, demo.url, "--job", "ask", "--customers", "400", "--rate", "500"),
                "bot_flat_out": load(binary, demo.url, "--job", "ask", "--customers", "200"),
            }
            demo.stop()
            demo = Demo(binary, folder / "idle", store and store + "_idle")
            row["idle_kb_a_socket"] = idle_kb_a_socket(binary, demo)
            return row
        finally:
            demo.stop()


def table(rows):
    lines = ["| | " + " | ".join(r["store"] for r in rows) + " | aim |", "|---|" + "---|" * (len(rows) + 1)]
    figures = [
        ("durable messages/s, acknowledged after the commit is on disk", lambda r: f'{r["durable"]["acknowledged_per_s"]:,.0f}', "≥ 3,000"),
        ("… as a multiple of one commit a message", lambda r: f'{r["durable"]["acknowledged_per_s"] / r["one_by_one_per_s"]:.1f} ×', ""),
        ("acknowledgement p50 / p99, flat out, ms", lambda r: f'{r["durable"]["ack_p50_ms"]:.1f} / {r["durable"]["ack_p99_ms"]:.1f}', ""),
        ("bot answer p50 / p99 at 500/s, ms", lambda r: f'{r["bot_500_per_s"]["answer_p50_ms"]:.1f} / {r["bot_500_per_s"]["answer_p99_ms"]:.1f}', "p99 ≤ 20"),
        ("questions answered/s, flat out", lambda r: f'{r["bot_flat_out"]["answered_per_s"]:,.0f}', ""),
        ("memory a socket, 10,000 idle, kB", lambda r: f'{r["idle_kb_a_socket"]:.1f}', "≤ 25"),
        ("cold start with the starter pack, s", lambda r: f'{r["cold_start_secs"]:.2f}', "≤ 1"),
        ("errors", lambda r: str(sum(r[j]["errors"] for j in ("durable", "bot_500_per_s", "bot_flat_out"))), "0"),
    ]
    lines += ["| " + " | ".join([name, *(figure(r) for r in rows), aim]) + " |" for name, figure, aim in figures]
    return "\n".join(lines)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--binary", default=str(ROOT / "target/release/jieti"))
    binary = options.parse_args().binary
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 40_000) if hard > 0 else 40_000, hard))
    rows = [measure(binary, "SQLite")]
    if server := os.environ.get("JIETI_TEST_POSTGRES"):
        for name in ("bench", "bench_idle"):
            subprocess.run(["psql", f"{server}/postgres", "-qc", f"create database {name}"], check=True)
        rows.append(measure(binary, "PostgreSQL", f"{server}/bench"))
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, load generator on the same machine"
    (HERE / "results.json").write_text(json.dumps({"machine": machine, "rows": rows}, indent=2) + "\n")
    page = HERE / "README.md"
    start, end = "<!-- results -->", "<!-- end of results -->"
    before, rest = page.read_text().split(start)
    after = rest.split(end)[1]
    page.write_text(f"{before}{start}\n{machine}\n\n{table(rows)}\n{end}{after}")
    print(table(rows))


if __name__ == "__main__":
    main()
