#!/usr/bin/env python3
"""The service behind this example: a shop's REST API, of the standard library alone.

    python3 upstream.py [PORT]      9000 when left out, 0 for any free port

It prints one line a request, so that you see what the gateway asks.
Every request needs the header `authorization` to be the variable CATALOG_AUTHORIZATION, if that is set.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

SUPPLIERS = [
    {"id": 1, "name": "Farkas Foundry", "city": "Budapest"},
    {"id": 2, "name": "Weiss & Daughters", "city": "Berlin"},
    {"id": 3, "name": "Atelier Carvalho", "city": "Porto"},
]
PRODUCTS = [
    {"sku": "moka-pot", "title": "Moka pot", "cents": 3290, "supplier_id": 1},
    {"sku": "cast-iron-pan", "title": "Cast iron pan", "cents": 5900, "supplier_id": 1},
    {"sku": "stoneware-bowl", "title": "Stoneware bowl", "cents": 2400, "supplier_id": 3},
    {"sku": "linen-napkins", "title": "Linen napkins", "cents": 3600, "supplier_id": 3},
    {"sku": "desk-lamp", "title": "Desk lamp", "cents": 12900, "supplier_id": 2},
    {"sku": "paper-lantern", "title": "Paper lantern", "cents": 1690, "supplier_id": None},
]
REVIEWS = [
    {"sku": "moka-pot", "stars": 5, "text": "Second one in eleven years."},
    {"sku": "moka-pot", "stars": 4, "text": "The handle gets warm."},
    {"sku": "stoneware-bowl", "stars": 5, "text": "Went back for five."},
    {"sku": "desk-lamp", "stars": 2, "text": "One spring sings."},
]
RATES = {"EUR": 1, "GBP": 0.84, "USD": 1.08}
AUTHORIZATION = os.environ.get("CATALOG_AUTHORIZATION")


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        match url.path.strip("/").split("/"):
            case ["products"]:
                self.answer(200, PRODUCTS)
            case ["products", sku]:
                found = [product for product in PRODUCTS if product["sku"] == sku]
                self.answer(200, found[0]) if found else self.answer(404, {"error": "no such product"})
            case ["suppliers"]:
                self.answer(200, [it for it in SUPPLIERS if str(it["id"]) in query.get("id", [])])
            case ["reviews"]:
                skus = query.get("sku", [""])[0].split(",")
                self.answer(200, {"total": len(REVIEWS), "reviews": [it for it in REVIEWS if it["sku"] in skus]})
            case ["rates"]:
                self.answer(200, RATES)
            case _:
                self.answer(404, {"error": "no such thing"})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
        if self.path != "/reviews":
            return self.answer(404, {"error": "no such thing"})
        REVIEWS.append(body)
        self.answer(201, body)

    def answer(self, status, document):
        if AUTHORIZATION and self.headers.get("authorization") != AUTHORIZATION:
            status, document = 401, {"error": "a token is needed"}
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        print(f"{self.command} {self.path} from {self.headers.get('x-client', 'nobody')}", flush=True)


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 9000
    server = ThreadingHTTPServer(("127.0.0.1", port), Shop)
    print(f"upstream listens on http://127.0.0.1:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
