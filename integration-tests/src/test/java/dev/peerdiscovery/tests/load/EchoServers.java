package dev.peerdiscovery.tests.load;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Servers that echo, with a channel to each: what as many nodes and channels cost without us. */
final class EchoServers implements AutoCloseable {
  private final List<Server> servers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final int answerBytes;

  EchoServers(int count, int answerBytes) throws Exception {
    this.answerBytes = answerBytes;
    byte[] answer = new byte[answerBytes];
    for (int i = 0; i < count; i++) {
      Server server = LoadedServer.builder(0).addService(service(() -> answer)).build().start();
      servers.add(server);
      channels.add(LoadedServer.channel(server.getPort(), Optional.empty()));
    }
  }

  /** What is answered. */
  interface Answer {
    byte[] bytes();
  }

  /** The bare echo: it reads the request's bytes and answers with those that were prepared. */
  static ServerServiceDefinition service(Answer answer) {
    return ServerServiceDefinition.builder(
            ServiceDescriptor.newBuilder(Raw.ECHO.getServiceName()).addMethod(Raw.ECHO).build())
        .addMethod(
            Raw.ECHO,
            ServerCalls.asyncUnaryCall(
                (request, observer) -> {
                  observer.onNext(answer.bytes());
                  observer.onCompleted();
                }))
        .build();
  }

  /** Keeps so many calls in flight over all the channels. */
  Slice run(int requestBytes, int inFlight, long millis) throws InterruptedException {
    return Flow.run(
        Raw.sized(Raw.ECHO.getFullMethodName()),
        List.of(new byte[requestBytes]),
        channels,
        answerBytes,
        inFlight,
        millis);
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    servers.forEach(Server::shutdownNow);
  }
}
