"""HTTP/1.1: from bytes on a socket to requests, and from responses back to bytes. Knows no route."""
