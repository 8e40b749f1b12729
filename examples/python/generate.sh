#!/bin/sh
# Makes the stubs in generated/ (or where the first argument says) from the .proto files: with grpcio-tools, or with protoc
# and grpc_python_plugin (Debian: protobuf-compiler, protobuf-compiler-grpc, libprotobuf-dev) where Python has no grpcio-tools.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
protos=${PROTOS:-$here/../../proto/src/main/protobuf}
to=${1:-$here/generated}
python=${PYTHON:-python3}
mkdir -p "$to"
if plugin=$(command -v grpc_python_plugin) && command -v protoc >/dev/null && ! "$python" -c 'import grpc_tools' 2>/dev/null; then
  set -- protoc "--plugin=protoc-gen-grpc_python=$plugin"
else
  set -- "$python" -m grpc_tools.protoc
fi
"$@" -I "$protos" --python_out="$to" --grpc_python_out="$to" \
  peerdiscovery/discovery/v1/discovery_service.proto peerdiscovery/peer/v1/peer.proto
