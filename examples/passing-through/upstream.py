#!/usr/bin/env python3
"""Says what it was asked. `python3 upstream.py [PORT]`, 9004 when left out."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Upstream(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("content-length", 0))
        said = {
            "method": self.command,
            "path": self.path,
            "key": self.headers.get("x-key"),
            "body": self.rfile.read(length).decode(),
        }
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = answer

    def log_message(self, format, *args):
        print(self.command, self.path, flush=True)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int((sys.argv + ["9004"])[1])), Upstream)
    print(f"upstream listens on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
