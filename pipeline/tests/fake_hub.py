"""A model hub for tests: keeps repositories in memory and takes large files at signed addresses."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

TOKEN = "hf_test_token"


@dataclass
class Repository:
    private: bool
    files: dict[str, bytes] = field(default_factory=dict)
    commits: list[str] = field(default_factory=list)


class FakeHub:
    """Knows the calls that an upload makes: create, preupload, LFS batch, PUT, verify, commit."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.large: dict[str, bytes] = {}
        """Uploaded contents by SHA-256."""
        self.signed: list[str] = []
        """Paths of the signed addresses that were used."""
        self.refuse: dict[str, tuple[int, str]] = {}
        """Path endings that are answered with a status and a message."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> FakeHub:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler_of(hub: FakeHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Keeps the test's output clean."""

        def do_GET(self) -> None:
            if "/revision/" in self.path or self.path.startswith("/api/models/"):
                repo = "/".join(self.path.split("/")[3:5])
                known = hub.repositories.get(repo)
                if known is not None:
                    return self._answer(
                        200, {"id": repo, "sha": "0" * 40, "private": known.private}
                    )
            return self._answer(404, {"error": "Not found"})

        do_HEAD = do_GET

        def do_PUT(self) -> None:
            body = self._body()
            assert self.headers.get("Authorization") is None, "a signed address needs no token"
            hub.signed.append(self.path)
            hub.large[self.path.split("/")[2].split("?")[0]] = body
            self._answer(200, None)

        def do_POST(self) -> None:
            body = self._body()
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return self._answer(401, {"error": "Invalid username or password."})
            for ending, (status, error) in hub.refuse.items():
                if self.path.split("?")[0].endswith(ending):
                    return self._answer(status, {"error": error})
            path = self.path.split("?")[0]
            if path == "/api/repos/create":
                return self._create(json.loads(body))
            if path == "/api/validate-yaml":
                return self._answer(200, {"errors": [], "warnings": []})
            if "/preupload/" in path:
                return self._preupload(json.loads(body))
            if path.endswith("/info/lfs/objects/batch"):
                return self._batch(json.loads(body))
            if path == "/verify":
                value = json.loads(body)
                whole = len(hub.large.get(value["oid"], b"")) == value["size"]
                return self._answer(200 if whole else 404, {})
            if "/commit/" in path:
                return self._commit("/".join(path.split("/")[3:5]), body.decode())
            return self._answer(404, {"error": f"unknown call {path}"})

        def _create(self, value: dict[str, Any]) -> None:
            organization = value.get("organization") or "someone"
            name = f"{organization}/{value['name']}"
            url = f"{hub.url}/{name}"
            if name in hub.repositories:
                return self._answer(
                    409, {"error": "You already created this model repo", "url": url}
                )
            private = bool(value.get("private")) or value.get("visibility") == "private"
            hub.repositories[name] = Repository(private)
            return self._answer(200, {"url": url, "name": name})

        def _preupload(self, value: dict[str, Any]) -> None:
            modes = [
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if file["path"].endswith(".onnx") else "regular",
                    "shouldIgnore": False,
                    "oid": None,
                }
                for file in value["files"]
            ]
            self._answer(200, {"files": modes})

        def _batch(self, value: dict[str, Any]) -> None:
            objects = []
            for wanted in value["objects"]:
                upload = {"href": f"{hub.url}/signed/{wanted['oid']}?signature=abc"}
                verify = {
                    "href": f"{hub.url}/verify",
                    "header": {"Authorization": f"Bearer {TOKEN}"},
                }
                objects.append({**wanted, "actions": {"upload": upload, "verify": verify}})
            self._answer(200, {"transfer": "basic", "objects": objects})

        def _commit(self, repo: str, body: str) -> None:
            kept = hub.repositories[repo]
            for line in body.splitlines():
                entry = json.loads(line)
                value = entry["value"]
                if entry["key"] == "header":
                    kept.commits.append(value["summary"])
                elif entry["key"] == "file":
                    kept.files[value["path"]] = base64.b64decode(value["content"])
                elif entry["key"] == "lfsFile":
                    kept.files[value["path"]] = hub.large[value["oid"]]
            self._answer(
                200,
                {
                    "success": True,
                    "commitOid": "1" * 40,
                    "commitUrl": f"{hub.url}/{repo}/commit/{'1' * 40}",
                    "hookOutput": "",
                },
            )

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") == "chunked":
                return self._chunks()
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))

        def _chunks(self) -> bytes:
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def _answer(self, status: int, value: object) -> None:
            body = b"" if value is None else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            error = value.get("error") if isinstance(value, dict) else None
            if error:
                self.send_header("X-Error-Message", str(error))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    return Handler
