"""A place that takes telemetry as Application Insights does, on loopback, and keeps it."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "00000000-0000-0000-0000-00000000c0de"


class Collector:
    """What was sent, whole, and its items. `status` is what it answers."""

    def __init__(self, port: int) -> None:
        self.connection = f"InstrumentationKey={KEY};IngestionEndpoint=http://127.0.0.1:{port}/"
        self.status = 200
        self.bodies: list[bytes] = []
        self.arrived = threading.Event()

    def items(self, kind: str) -> list[dict[str, Any]]:
        """Everything of that kind: RequestData, RemoteDependencyData, MetricData."""
        return [
            item["data"]["baseData"]
            for body in list(self.bodies)
            for item in json.loads(body)
            if item["data"]["baseType"] == kind
        ]

    def metrics(self) -> set[str]:
        """The names of all metrics."""
        return {one["name"] for item in self.items("MetricData") for one in item["metrics"]}


@contextmanager
def collecting() -> Iterator[Collector]:
    """The place, until the end of the body."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            plain = self.headers.get("Content-Encoding") != "gzip"
            collector.bodies.append(body if plain else gzip.decompress(body))
            count = len(json.loads(collector.bodies[-1]))
            said = {"itemsReceived": count, "itemsAccepted": count, "errors": []}
            answer = json.dumps(said).encode()
            self.send_response(collector.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
            collector.arrived.set()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
