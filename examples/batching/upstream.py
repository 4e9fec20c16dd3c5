#!/usr/bin/env python3
"""Posts and their authors; prints one line a request. `python3 upstream.py [PORT]`, 9001 when left out."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

AUTHORS = ["Ada", "Béla", "Chidi"]
POSTS = [{"id": n, "title": f"Post {n}", "author_id": n % 3} for n in range(1, 7)]


class Upstream(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urlsplit(self.path)
        ids = parse_qs(url.query).get("id", [])
        authors = [{"id": int(n), "name": AUTHORS[int(n)]} for n in ids]
        body = json.dumps(POSTS if url.path == "/posts" else authors).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        print(self.command, self.path, flush=True)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int((sys.argv + ["9001"])[1])), Upstream)
    print(f"upstream listens on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
