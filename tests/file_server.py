"""Serves the files of a folder over HTTP as GDAL reads them, piece by piece, until it has to lose them.

It is a process of its own: GDAL holds up all threads of the process that it waits in.
"""

import re
import subprocess
import sys
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@contextmanager
def serving(folder, pieces=-1):
    """Yield the address, with a user and a password in it that nobody asks for; after some `pieces` all is gone."""
    command = [sys.executable, __file__, str(folder), str(pieces)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://jane:hunter2@127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


def _handler(folder, pieces):
    left = [pieces]

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.do_GET()

        def do_GET(self):
            path = folder / self.path.lstrip("/")
            if left[0] == 0 or not path.is_file():
                self.send_error(404)
                return
            content = path.read_bytes()
            first, last = map(int, re.findall(r"\d+", self.headers.get("Range", f"0-{len(content)}")))
            piece = content[first : last + 1]
            self.send_response(206 if "Range" in self.headers else 200)
            self.send_header("Content-Range", f"bytes {first}-{first + len(piece) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(piece)))
            self.end_headers()
            if self.command == "GET":
                left[0] -= 1
                self.wfile.write(piece)

        def log_message(self, *arguments):
            pass

    return Handler


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(Path(sys.argv[1]), int(sys.argv[2])))
    print(server.server_port, flush=True)
    server.serve_forever()
