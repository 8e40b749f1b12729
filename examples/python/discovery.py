"""Register, resolve and watch a service at a node of peer-discovery, from the .proto files alone.

    pip install -r requirements.txt                      # or Debian's packages, see generate.sh
    ./generate.sh                                        # stubs, once
    python discovery.py 127.0.0.1:7400 register orders 127.0.0.1:8080
    python discovery.py 127.0.0.1:7400 resolve orders
    python discovery.py 127.0.0.1:7400 watch orders
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "generated"))

import grpc
from google.protobuf import duration_pb2
from peerdiscovery.discovery.v1 import discovery_service_pb2 as discovery
from peerdiscovery.discovery.v1 import discovery_service_pb2_grpc as stubs
from peerdiscovery.peer.v1 import peer_pb2 as peer


def say(*words):
    print(*words, flush=True)


def address(instance):
    return f"{instance.endpoint.host}:{instance.endpoint.port}"


def parsed(endpoint):
    host, colon, port = endpoint.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"not HOST:PORT: {endpoint}")
    return peer.Endpoint(host=host.strip("[]"), port=int(port))


def register(node, service, endpoint):
    """The instance is published for as long as the call is open."""
    registration = discovery.Registration(
        service=service,
        endpoint=endpoint,
        metadata={"language": "python"},
        ttl=duration_pb2.Duration(seconds=10),
        check=discovery.CHECK_NONE,
    )
    for state in node.RegisterStream(discovery.RegisterStreamRequest(registration=registration)):
        say("published" if state.published else f"not published: {state.reason}")


def resolve(node, service):
    response = node.Resolve(discovery.ResolveRequest(service=service), timeout=5)
    for instance in response.instances:
        say(address(instance), dict(instance.metadata))
    if response.truncated:
        print("these are a part of a large service", file=sys.stderr)


def watch(node, service):
    synced = False
    for change in node.Watch(discovery.WatchRequest(service=service)):
        for instance in change.present:
            say("+", address(instance))
        for instance in change.gone:
            say("-", address(instance))
        # It stays set once all that was there at first has been said.
        if change.synced and not synced:
            say("synced")
        synced = change.synced


def usage(problem=None):
    if problem:
        print(problem, file=sys.stderr)
    print("usage: discovery.py HOST:PORT register SERVICE HOST:PORT", file=sys.stderr)
    print("       discovery.py HOST:PORT resolve|watch SERVICE", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    # Each command, and how many arguments it has.
    commands = {"register": (register, 2), "resolve": (resolve, 1), "watch": (watch, 1)}
    at, command, *arguments = sys.argv[1:] if len(sys.argv) > 2 else ("", "")
    ask, count = commands.get(command, (None, 0))
    if not ask or len(arguments) != count:
        usage()
    try:
        arguments[1:] = [parsed(endpoint) for endpoint in arguments[1:]]
    except ValueError as error:
        usage(error)
    try:
        with grpc.insecure_channel(at) as channel:
            ask(stubs.DiscoveryServiceStub(channel), *arguments)
    except grpc.RpcError as error:
        sys.exit(f"{error.code().name}: {error.details()}")
