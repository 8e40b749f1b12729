// Register, resolve and watch a service at a node of peer-discovery, from the .proto files alone.
//
//   npm install
//   node discovery.js 127.0.0.1:7400 register orders 127.0.0.1:8080
//   node discovery.js 127.0.0.1:7400 resolve orders
//   node discovery.js 127.0.0.1:7400 watch orders
'use strict';

const path = require('path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const protos = process.env.PROTOS || path.join(__dirname, '../../proto/src/main/protobuf');
const definition = loader.loadSync('peerdiscovery/discovery/v1/discovery_service.proto', {
  includeDirs: [protos],
  keepCase: true,
  longs: String,
  enums: String,
  defaults: true,
});
const { DiscoveryService } = grpc.loadPackageDefinition(definition).peerdiscovery.discovery.v1;

const address = (instance) => `${instance.endpoint.host}:${instance.endpoint.port}`;

function fail(error) {
  console.error(error.message);
  process.exitCode = 1;
}

// The instance is published for as long as the call is open.
function register(node, service, endpoint) {
  const colon = endpoint.lastIndexOf(':');
  const call = node.RegisterStream({
    registration: {
      service,
      endpoint: {
        host: endpoint.slice(0, colon).replace(/[[\]]/g, ''),
        port: Number(endpoint.slice(colon + 1)),
      },
      metadata: { language: 'javascript' },
      ttl: { seconds: 10 },
      check: 'CHECK_NONE',
    },
  });
  call.on('data', (state) => console.log(state.published ? 'published' : `not published: ${state.reason}`));
  call.on('error', fail);
}

function resolve(node, service) {
  node.Resolve({ service }, { deadline: Date.now() + 5000 }, (error, response) => {
    if (error) return fail(error);
    response.instances.forEach((instance) => console.log(address(instance), JSON.stringify(instance.metadata)));
  });
}

function watch(node, service) {
  const call = node.Watch({ service });
  let synced = false;
  call.on('data', (change) => {
    change.present.forEach((instance) => console.log('+', address(instance)));
    change.gone.forEach((instance) => console.log('-', address(instance)));
    // It stays set once all that was there at first has been said.
    if (change.synced && !synced) console.log('synced');
    synced = change.synced;
  });
  call.on('error', fail);
}

const [at, command, ...rest] = process.argv.slice(2);
const commands = { register, resolve, watch };
if (rest.length < 1 || !Object.hasOwn(commands, command)) {
  console.error('usage: discovery.js HOST:PORT register|resolve|watch SERVICE [HOST:PORT]');
  process.exit(2);
}
const node = new DiscoveryService(at, grpc.credentials.createInsecure());
commands[command](node, ...rest);
