#!/usr/bin/env python3
"""The weather, and how often it was asked for. `python3 upstream.py [PORT]`, 9002 when left out."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

asked = 0


class Upstream(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        global asked
        asked += 1
        body = json.dumps({"city": self.path.rsplit("/", 1)[-1], "celsius": 21, "asked": asked}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        print(self.command, self.path, flush=True)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int((sys.argv + ["9002"])[1])), Upstream)
    print(f"upstream listens on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
