"""free_ports.py COUNT: prints COUNT different free TCP ports of 127.0.0.1."""
import random
import socket
import sys


def free(port: int) -> bool:
    with socket.socket() as s:
        try:
            s.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


candidates = random.sample(range(20000, 32000), 2000)
print(*[port for port in candidates if free(port)][: int(sys.argv[1])])
