#!/bin/sh
# Makes the stubs in generated/ (or where the first argument says) from the .proto files.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
protos=${PROTOS:-$here/../../proto/src/main/protobuf}
to=${1:-$here/generated}
mkdir -p "$to"
"${PYTHON:-python3}" -m grpc_tools.protoc -I "$protos" --python_out="$to" --grpc_python_out="$to" \
  peerdiscovery/discovery/v1/discovery_service.proto peerdiscovery/peer/v1/peer.proto
