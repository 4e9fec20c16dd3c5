#!/usr/bin/env python3
"""A REST route of Loomgate that passes requests through, beside a bare hyper proxy and nginx.

    benches/proxy/run.py [--secs 5] [--rounds 3] [--gateway target/release/loomgate]

Builds and starts all that it needs with what benches/http has: its upstream (and wrk) on one CPU, on
the other the three proxies, one process and one thread each. Checks that all hand on the same bytes,
then lets wrk load one after the other, in alternation; ratios are taken round by round. What counts
is CPU time per request, from /proc. At the end the target, PASS or FAIL; the exit code is 1 if it
was missed. nginx is recorded, not judged; it is left out where it is not installed. Needs Linux, two
CPUs, wrk.
"""
import argparse
import http.client
import json
import shutil
import subprocess
import sys
import tempfile
from os import sched_setaffinity
from pathlib import Path

HERE = Path(__file__).resolve().parent
HTTP = HERE.parent / "http"
sys.path.insert(0, str(HTTP))
import run as bench  # noqa: E402

UPSTREAM, LOOMGATE, HYPER, NGINX = bench.UPSTREAM, 4110, 4111, 4112
# A small answer and one that does not fit into one read.
PATHS = {"small": "/posts/7", "large": "/posts"}
CONNECTIONS = 64
TARGET = 1.5


def start_all(processes, folder, options):
    programs = bench.build(HTTP / "Cargo.toml", "--bins")
    processes.start([programs["upstream"], UPSTREAM], UPSTREAM, bench.LOAD_CPU)
    gateway = options.gateway or bench.build(bench.ROOT / "Cargo.toml", "--bin", "loomgate")["loomgate"]
    config = HERE / "loomgate" / "loomgate.yaml"
    commands = {
        "loomgate": ([gateway, "serve", "--config", config], LOOMGATE, {}),
        "hyper": ([programs["proxy"], HYPER], HYPER, {"UPSTREAM": f"127.0.0.1:{UPSTREAM}"}),
    }
    if shutil.which("nginx"):
        command = ["nginx", "-p", folder, "-c", HERE / "nginx.conf", "-g", f"pid {folder}/pid;"]
        commands["nginx"] = (command, NGINX, {})
    servers = []
    for name, (command, port, env) in commands.items():
        pid = processes.start(command, port, bench.SERVER_CPU, env)
        servers.append(bench.Server(name, f"http://127.0.0.1:{port}", pid))
    return servers


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    response = connection.getresponse()
    answer = response.status, response.getheader("content-type"), response.read()
    connection.close()
    return answer


def check(server):
    """Refuses a proxy that does not hand on what the upstream answers."""
    for path in [*PATHS.values(), "/nowhere"]:
        if get(server.url.port, path) != get(UPSTREAM, path):
            sys.exit(f"{server.name} does not pass {path} through: {get(server.url.port, path)}")


def load(server, path, seconds):
    """One run of wrk, and the CPU time that the server spent on it."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s"]
    command += ["-s", str(HERE / "wrk.lua"), server.url.geturl() + path]
    cpu = server.cpu_seconds()
    pin = lambda: sched_setaffinity(0, {bench.LOAD_CPU})  # noqa: E731
    output = subprocess.run(command, capture_output=True, text=True, preexec_fn=pin)
    cpu = server.cpu_seconds() - cpu
    line = next((l for l in output.stdout.splitlines() if l.startswith("SUMMARY ")), None)
    if line is None:
        sys.exit(f"wrk: {output.stdout} {output.stderr}")
    summary = json.loads(line.removeprefix("SUMMARY "))
    if summary["failed"]:
        sys.exit(f"{server.name}: {summary['failed']} requests of {path} failed")
    return {
        "rps": summary["requests"] / (summary["micros"] / 1e6),
        "p50": summary["p50"] / 1e3,
        "p99": summary["p99"] / 1e3,
        "cpu": cpu * 1e6 / summary["requests"],
        "rss": server.resident_mib(),
    }


def measure(servers, what, options):
    """All proxies in alternation, every second round the other way round."""
    for server in servers:
        load(server, PATHS[what], 1)
    for round_ in range(options.rounds):
        for server in servers if round_ % 2 == 0 else servers[::-1]:
            sample = load(server, PATHS[what], options.secs)
            server.samples.setdefault(what, []).append(sample)
    print(f"\n### {what}: GET {PATHS[what]}, {CONNECTIONS} connections\n")
    print("| proxy | RPS | p50 ms | p99 ms | CPU µs/request | RSS MiB |")
    print("|---|---|---|---|---|---|")
    for server in servers:
        m = {k: bench.median(server, what, k) for k in ("rps", "p50", "p99", "cpu", "rss")}
        print(
            f"| {server.name} | {m['rps']:.0f} | {m['p50']:.2f} | {m['p99']:.2f} "
            f"| {m['cpu']:.1f} | {m['rss']:.0f} |"
        )


def judge(servers):
    verdicts = bench.Verdicts()
    gateway, hyper = servers[:2]
    for what in PATHS:
        cpu = bench.ratio(gateway, hyper, what, "cpu")
        verdicts.at_most(f"{what}, CPU of a bare hyper proxy", cpu, TARGET)
    verdicts.print()
    return verdicts.missed


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--secs", type=int, default=5, help="of one run of wrk")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gateway", help="a loomgate that is built already")
    return parser.parse_args()


def main():
    options = parse_options()
    with tempfile.TemporaryDirectory() as folder, bench.Processes() as processes:
        servers = start_all(processes, folder, options)
        for server in servers:
            check(server)
        for what in PATHS:
            measure(servers, what, options)
        return judge(servers)


if __name__ == "__main__":
    sys.exit(main())
