package dev.peerdiscovery.node;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;

/** A connection of Netty's. Thread-safe. */
final class AcceptedChannel implements Accepted {
  private final Channel channel;

  AcceptedChannel(Channel channel) {
    this.channel = channel;
  }

  @Override
  public void close() {
    if (channel.isRegistered()) {
      channel.close();
    } else {
      // It has no thread yet on which it could close.
      channel.unsafe().closeForcibly();
    }
  }

  @Override
  public void cutOff(String why) {
    channel.eventLoop().execute(() -> cutOffHere(why));
  }

  private void cutOffHere(String why) {
    Http2ConnectionHandler http = channel.pipeline().get(Http2ConnectionHandler.class);
    if (channel.isActive() && http != null) {
      ChannelHandlerContext context = channel.pipeline().context(http);
      ByteBuf reason = ByteBufUtil.writeUtf8(context.alloc(), why);
      http.goAway(
          context,
          http.connection().remote().lastStreamCreated(),
          Http2Error.ENHANCE_YOUR_CALM.code(),
          reason,
          context.newPromise());
      context.flush();
    }
    closeNow(channel);
  }

  /** Without the farewell of HTTP/2, which would wait for calls; on the channel's own thread. */
  static void closeNow(Channel channel) {
    channel.unsafe().close(channel.voidPromise());
  }
}
