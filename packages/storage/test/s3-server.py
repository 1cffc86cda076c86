"""An S3 server on a free port of loopback, printed once it listens: moto, a request at a time.

moto looks for the key and writes it in two steps; only a lock around both makes its `If-None-Match: *` an atomic one, as
that of AWS is. See docs/adr/0015.
"""

import logging
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

logging.getLogger("werkzeug").setLevel(logging.ERROR)
application = DomainDispatcherApplication(create_backend_app)
turn = threading.Lock()


def serial(environ, start_response):
    with turn:
        return application(environ, start_response)


server = make_server("127.0.0.1", 0, serial, threaded=True, request_handler=MotoRequestHandler)
print(server.server_port, flush=True)
server.serve_forever()
