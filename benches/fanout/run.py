#!/usr/bin/env python3
"""One event to many subscribers of one query, beside a bare server, in one run.

    benches/fanout/run.py [--count 10000] [--events 20] [--rounds 3]

Builds and starts what it needs: on one CPU the server, on the other the listeners. `loomgate` runs
the configuration in loomgate/; `bare` shakes hands and sends one pre-framed message to everybody.
Per side: deliveries a second (the median event of each round), and for Loomgate the memory of an
idle subscription before and after its first event. At the end the targets, PASS or FAIL; the exit
code is 1 if one was missed. Needs Linux, two CPUs, and room for open files (`ulimit -n`).
"""
import argparse
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SERVER_CPU, LOAD_CPU = 0, 1
PORTS = {"loomgate": 4110, "bare": 4111}
MUTATION = {
    "query": 'mutation { add(id: "p1", text: "Something new, said in about as many words as people use.") { id text } }'
}
RATIO, KIB = 0.70, 20


def start(name):
    programs = {
        "loomgate": [ROOT / "target/release/loomgate", "--config", HERE / "loomgate"],
        "bare": [HERE / "target/release/bare", str(PORTS["bare"])],
    }
    command = ["taskset", "-c", str(SERVER_CPU), *map(str, programs[name])]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", PORTS[name]), timeout=1).close()
            return server
        except OSError:
            time.sleep(0.05)
    sys.exit(f"{name} does not start")


def resident_kib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(l.split()[1]) for l in status.splitlines() if l.startswith("VmRSS"))


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(name, count, events):
    server = start(name)
    try:
        time.sleep(0.3)
        rest = resident_kib(server.pid)
        command = ["taskset", "-c", str(LOAD_CPU), HERE / "target/release/listen"]
        command += [f"127.0.0.1:{PORTS[name]}", "/graphql", str(count), str(events), json.dumps(MUTATION)]
        load = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        lines = iter(load.stdout.readline, "")
        expect(lines, "ready")
        time.sleep(1)
        idle = (resident_kib(server.pid) - rest) / count
        go(load)
        next(lines)
        expect(lines, "first")
        after = (resident_kib(server.pid) - rest) / count
        cpu = cpu_seconds(server.pid)
        go(load)
        took = [int(line) for line in lines]
        cpu = (cpu_seconds(server.pid) - cpu) / max(1, len(took)) / count * 1e6
        if len(took) != events - 1:
            sys.exit(f"{name}: {len(took)} events of {events - 1}")
        return {"rate": count / statistics.median(took) * 1e6, "cpu": cpu, "idle": idle, "after": after}
    finally:
        server.terminate()
        server.wait()


def expect(lines, word):
    line = next(lines, "").strip()
    if line != word:
        sys.exit(f"expected {word!r}, got {line!r}")


def go(load):
    load.stdin.write("\n")
    load.stdin.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for folder in (ROOT, HERE):
        subprocess.run(["cargo", "build", "--release", "--locked", "--quiet"], cwd=folder, check=True)
    ratios, memory = [], []
    for round_number in range(arguments.rounds):
        results = {name: measure(name, arguments.count, arguments.events) for name in ("bare", "loomgate")}
        ratios.append(results["loomgate"]["rate"] / results["bare"]["rate"])
        memory.append(results["loomgate"]["after"])
        for name, result in results.items():
            print(
                f"round {round_number + 1}  {name:9} {result['rate']:>9,.0f} deliveries/s  "
                f"{result['cpu']:5.2f} us CPU each  idle {result['idle']:5.1f} KiB  after an event {result['after']:5.1f} KiB"
            )
    ratio, kib = statistics.median(ratios), statistics.median(memory)
    verdicts = [
        (ratio >= RATIO, f"deliveries: {ratio:.2f} of bare (target >= {RATIO})"),
        (kib <= KIB, f"memory: {kib:.1f} KiB a subscription (target <= {KIB})"),
    ]
    for passed, text in verdicts:
        print("PASS" if passed else "FAIL", text)
    sys.exit(0 if all(passed for passed, _ in verdicts) else 1)


if __name__ == "__main__":
    main()
