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

function usage(problem) {
  if (problem) console.error(problem);
  console.error('usage: discovery.js HOST:PORT register SERVICE HOST:PORT');
  console.error('       discovery.js HOST:PORT resolve|watch SERVICE');
  process.exit(2);
}

function parsed(endpoint) {
  const colon = endpoint.lastIndexOf(':');
  const port = endpoint.slice(colon + 1);
  if (colon < 1 || !/^[0-9]+$/.test(port) || Number(port) < 1 || Number(port) > 65535) {
    usage(`not HOST:PORT: ${endpoint}`);
  }
  return { host: endpoint.slice(0, colon).replace(/[[\]]/g, ''), port: Number(port) };
}

// The instance is published for as long as the call is open.
function register(node, service, endpoint) {
  const call = node.RegisterStream({
    registration: {
      service,
      endpoint,
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
    if (response.truncated) console.error('these are a part of a large service');
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
// Each command, and how many arguments it has.
const commands = { register: [register, 2], resolve: [resolve, 1], watch: [watch, 1] };
if (!Object.hasOwn(commands, command) || rest.length !== commands[command][1]) usage();
const [service, ...endpoint] = rest;
const parameters = [service, ...endpoint.map(parsed)];
commands[command][0](new DiscoveryService(at, grpc.credentials.createInsecure()), ...parameters);
