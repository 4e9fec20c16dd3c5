#!/usr/bin/env python3
"""Loomgate over HTTP beside two bare servers, in one run, as ratios.

    benches/http/run.py [--only q1] [--secs 5] [--rounds 3]

Builds and starts all that it needs: the upstream (and wrk) on one CPU, on the other the servers:
`loomgate` with the configuration in loomgate/, `bound` (the same answers by hand on hyper; no
engine) and `constant` (axum, for q3). Checks every answer and counts the upstream calls, then lets
wrk load one server after the other, in alternation; ratios are taken round by round. At the end the
targets, PASS or FAIL; the exit code is 1 if one was missed. Needs Linux, two CPUs, wrk.
"""
import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlparse

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SERVER_CPU, LOAD_CPU = 0, 1
UPSTREAM, LOOMGATE, BOUND, CONSTANT = 4190, 4100, 4101, 4102
TICK = os.sysconf("SC_CLK_TCK")
QUERIES = {
    "q1": "{ posts { id userId title user { id name email } } }",
    "q2": "{ posts { title } }",
    "q3": "{ greet }",
}
# Who answers what; the first is measured against the second.
SIDES = {"q1": ["loomgate", "bound"], "q2": ["loomgate", "bound"], "q3": ["loomgate", "constant"]}
CALLS = {"q1": (1, 1), "q2": (1, 0), "q3": (0, 0)}
DISTINCT_OPERATIONS = 20_000


class Server:
    """A server under load: its address, its process, what was measured."""

    def __init__(self, name, url, pid):
        self.name, self.pid = name, pid
        self.url = urlparse(url)
        self.samples = {}

    def cpu_seconds(self):
        if not self.pid:
            return float("nan")
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def resident_mib(self):
        if not self.pid:
            return float("nan")
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(l.split()[1]) / 1024 for l in status.splitlines() if l.startswith("VmRSS"))

    def connect(self):
        return http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=20)


def ask(connection, path, query):
    headers = {"content-type": "application/json", "accept": "application/json"}
    connection.request("POST", path, json.dumps({"query": query}), headers)
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        sys.exit(f"status {response.status} for {query}: {body[:200]}")
    return json.loads(body)


# === processes ===


class Processes:
    """What this run started; stopped at the end, each by its own handle."""

    def __init__(self):
        self.running = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.running:
            process.terminate()
        for process in self.running:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()

    def start(self, command, port, cpu, env=None):
        if listens(port):
            sys.exit(f"port {port} is taken")
        process = subprocess.Popen(
            [str(part) for part in command],
            env={**os.environ, **(env or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, {cpu}),
        )
        self.running.append(process)
        for _ in range(100):
            if listens(port):
                return process.pid
            if process.poll() is not None:
                break
            time.sleep(0.1)
        sys.exit(f"does not serve; try it by hand: {' '.join(map(str, command))}")


def listens(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.connect()
    except OSError:
        return False
    connection.close()
    return True


def build(manifest, *targets):
    """Builds binaries and gives back where cargo put them."""
    command = ["cargo", "build", "--release", "--locked", "--message-format=json"]
    command += ["--manifest-path", str(manifest), *targets]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if output.returncode != 0:
        sys.exit(output.returncode)
    messages = map(json.loads, output.stdout.splitlines())
    return {m["target"]["name"]: m["executable"] for m in messages if m.get("executable")}


def start_all(processes, options):
    """The upstream and the servers."""
    programs = build(HERE / "Cargo.toml", "--bins")
    processes.start([programs["upstream"], UPSTREAM], UPSTREAM, LOAD_CPU)
    servers = {}

    def serve(name, command, port, env):
        pid = processes.start(command, port, SERVER_CPU, env)
        servers[name] = Server(name, f"http://127.0.0.1:{port}/graphql", pid)

    bound = {"UPSTREAM": f"http://127.0.0.1:{UPSTREAM}"}
    serve("bound", [programs["bound"], BOUND], BOUND, bound)
    serve("constant", [programs["constant"], CONSTANT], CONSTANT, {})
    if not options.bare:
        gateway = options.gateway or build(ROOT / "Cargo.toml", "--bin", "loomgate")["loomgate"]
        config = HERE / "loomgate" / "loomgate.yaml"
        command = [gateway, "serve", "--config", config]
        serve("loomgate", command, LOOMGATE, {})
    for also in options.also:
        name, rest = also.split("=", 1)
        url, _, pid = rest.partition(",pid=")
        servers[name] = Server(name, url, int(pid) if pid else None)
    return servers


# === correctness ===


def upstream_calls():
    connection = http.client.HTTPConnection("127.0.0.1", UPSTREAM, timeout=5)
    connection.request("GET", "/calls")
    calls = json.loads(connection.getresponse().read())
    connection.close()
    return calls["posts"], calls["users"]


def check(server, query):
    """Refuses a server whose answer is wrong, or that needs more upstream calls than it should."""
    before = upstream_calls()
    connection = server.connect()
    answer = ask(connection, server.url.path, QUERIES[query])
    connection.close()
    after = upstream_calls()
    wrong = judge(query, answer)
    if wrong:
        sys.exit(f"{server.name} answers {query} wrongly: {wrong}")
    calls = (after[0] - before[0], after[1] - before[1])
    if calls != CALLS[query]:
        sys.exit(f"{server.name} makes {calls} calls (posts, users) for {query}, not {CALLS[query]}")


def judge(query, answer):
    if set(answer) != {"data"}:
        return f"members {sorted(answer)}"
    if query == "q3":
        return None if answer["data"] == {"greet": "Hello World!"} else answer["data"]
    posts = answer["data"]["posts"]
    if len(posts) != 100:
        return f"{len(posts)} posts"
    fields = ["title"] if query == "q2" else ["id", "userId", "title", "user"]
    for number, post in enumerate(posts, start=1):
        if list(post) != fields:
            return f"fields {list(post)}"
        user = (number - 1) // 10 + 1
        author = {"id": user, "name": f"User Number {user}", "email": f"user{user}@example.org"}
        if query == "q1" and (post["id"], post["userId"], post["user"]) != (number, user, author):
            return post
    return None


# === load ===


def load(server, query, connections, seconds):
    """One run of wrk, and the CPU time that the server spent on it."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    command += ["-s", str(HERE / "wrk.lua"), server.url.geturl()]
    cpu = server.cpu_seconds()
    output = subprocess.run(
        command,
        env={**os.environ, "BODY": json.dumps({"query": QUERIES[query]})},
        capture_output=True,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {LOAD_CPU}),
    )
    cpu = server.cpu_seconds() - cpu
    line = next((l for l in output.stdout.splitlines() if l.startswith("SUMMARY ")), None)
    if line is None:
        sys.exit(f"wrk: {output.stdout} {output.stderr}")
    summary = json.loads(line.removeprefix("SUMMARY "))
    if summary["failed"]:
        sys.exit(f"{server.name}: {summary['failed']} requests of {query} failed")
    span = summary["micros"] / 1e6
    return {
        "rps": summary["requests"] / span,
        "p50": summary["p50"] / 1e3,
        "p99": summary["p99"] / 1e3,
        "cpu": cpu * 1e6 / summary["requests"],
        "busy": cpu / span,
        "rss": server.resident_mib(),
    }


def measure(servers, query, connections, options):
    """All sides of one query in alternation, every second round the other way round."""
    key = (query, connections)
    for server in servers:
        load(server, query, connections, 1)
    for round_ in range(options.rounds):
        for server in servers if round_ % 2 == 0 else servers[::-1]:
            sample = load(server, query, connections, options.secs)
            server.samples.setdefault(key, []).append(sample)
    print(f"\n### {query}, {connections} connection{'s' * (connections > 1)}\n")
    print("| server | RPS | p50 ms | p99 ms | CPU µs/request | core busy | RSS MiB |")
    print("|---|---|---|---|---|---|---|")
    for server in servers:
        m = {k: median(server, key, k) for k in ("rps", "p50", "p99", "cpu", "busy", "rss")}
        print(
            f"| {server.name} | {m['rps']:.0f} | {m['p50']:.2f} | {m['p99']:.2f} "
            f"| {m['cpu']:.1f} | {m['busy']:.0%} | {m['rss']:.0f} |"
        )


def median(server, key, what):
    return statistics.median(sample[what] for sample in server.samples[key])


def ratio(one, other, key, what):
    pairs = zip(one.samples[key], other.samples[key])
    return statistics.median(a[what] / b[what] for a, b in pairs)


def memory(server):
    """Resident memory while every request is an operation never seen before."""
    connection = server.connect()
    marks = [server.resident_mib()]
    for number in range(1, DISTINCT_OPERATIONS + 1):
        ask(connection, server.url.path, f"{{ a{number}: greet }}")
        if number % (DISTINCT_OPERATIONS // 4) == 0:
            marks.append(server.resident_mib())
    connection.close()
    return marks


# === verdicts ===


class Verdicts:
    """The targets, each with what was measured."""

    def __init__(self):
        self.lines, self.missed = [], False

    def add(self, what, value, target, met):
        self.missed |= not met
        self.lines.append(f"| {what} | {value} | {target} | {'PASS' if met else 'FAIL'} |")

    def at_least(self, what, value, target):
        self.add(what, f"{value:.2f}", f"≥ {target}", value >= target)

    def at_most(self, what, value, target):
        self.add(what, f"{value:.2f}", f"≤ {target}", value <= target)

    def print(self):
        print("\n| target | measured | wanted | |\n|---|---|---|---|")
        print("\n".join(self.lines))


def judge_all(servers, queries, rest, marks):
    verdicts = Verdicts()
    gateway, bound, constant = (servers[name] for name in ("loomgate", "bound", "constant"))
    if "q1" in queries:
        verdicts.at_least("q1, RPS of bound", ratio(gateway, bound, ("q1", 64), "rps"), 0.60)
        p50 = ratio(gateway, bound, ("q1", 1), "p50")
        verdicts.at_most("q1 on one connection, p50 of bound", p50, 1.3)
    if "q2" in queries:
        verdicts.at_least("q2, RPS of bound", ratio(gateway, bound, ("q2", 64), "rps"), 0.75)
    if "q3" in queries:
        cpu = ratio(gateway, constant, ("q3", 64), "cpu")
        verdicts.at_most("q3, CPU of an axum constant", cpu, 1.5)
    verdicts.at_most("MiB at rest", rest, 30)
    if marks:
        # Bounded caches may fill at first; what counts is that growth ends.
        flat = marks[-1] - marks[len(marks) // 2] <= 1
        course = " → ".join(f"{mark:.0f}" for mark in marks)
        what = f"MiB over {DISTINCT_OPERATIONS} distinct operations"
        verdicts.add(what, course, "≤ 1 more in the second half", flat)
    verdicts.print()
    return verdicts.missed


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", help="q1, q2, q3 or several, with commas; leaves memory out")
    parser.add_argument("--secs", type=int, default=5, help="of one run of wrk")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gateway", help="a loomgate that is built already")
    parser.add_argument("--bare", action="store_true", help="without loomgate")
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="NAME=URL[,pid=N]",
        help="a server already running that is measured beside, with its upstream on this one's port",
    )
    return parser.parse_args()


def sides_of(query, servers, options):
    names = SIDES[query] + [also.split("=")[0] for also in options.also]
    return [servers[name] for name in names if name in servers]


def main():
    options = parse_options()
    queries = options.only.split(",") if options.only else list(QUERIES)
    with Processes() as processes:
        servers = start_all(processes, options)
        rest = servers["loomgate"].resident_mib() if not options.bare else None
        sides = {query: sides_of(query, servers, options) for query in queries}
        # All checks come first: a server goes on calling the upstream for a moment after a load.
        for query in queries:
            for server in sides[query]:
                check(server, query)
        for query in queries:
            for connections in (64, 1) if query == "q1" else (64,):
                measure(sides[query], query, connections, options)
        if options.bare:
            return False
        marks = None if options.only else memory(servers["loomgate"])
        return judge_all(servers, queries, rest, marks)


if __name__ == "__main__":
    sys.exit(main())
