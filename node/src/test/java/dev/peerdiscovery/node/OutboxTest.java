package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private final Outbox.Room room = new Outbox.Room(100, 150);
  private final Call call = new Call();
  private int closed;
  private final Outbox<String> outbox = new Outbox<>(call, room, () -> closed++);

  @Test
  void toACallerThatReads_everythingIsSent() {
    call.ready = true;
    for (int i = 0; i < 5; i++) {
      assertThat(outbox.send("m" + i, 60)).isTrue();
    }
    assertThat(call.sent).containsExactly("m0", "m1", "m2", "m3", "m4");
    assertThat(room.waiting()).isZero();
  }

  @Test
  void whatWaitsForOneCaller_isBounded() {
    assertThat(outbox.send("a", 60)).isTrue();
    assertThat(outbox.send("b", 40)).as("just as much as may wait").isTrue();
    assertThat(outbox.send("c", 1)).isFalse();
    assertThat(call.sent).containsExactly("a", "b");
    outbox.fail(Status.RESOURCE_EXHAUSTED.asRuntimeException());
    assertThat(call.sent).containsExactly("a", "b", "RESOURCE_EXHAUSTED");
    assertThat(closed).isEqualTo(1);
  }

  @Test
  void whatWaitsForAll_isBounded_andRoomComesBackWhenItIsRead() {
    Call other = new Call();
    Outbox<String> second = new Outbox<>(other, room, () -> {});
    assertThat(outbox.send("a", 90)).isTrue();
    assertThat(second.send("b", 60)).as("just as much as may wait").isTrue();
    assertThat(room.waiting()).isEqualTo(150);
    assertThat(second.send("c", 1)).isFalse();
    other.onReady.run();
    assertThat(room.waiting()).isEqualTo(90);
    call.ready = true;
    assertThat(outbox.send("d", 90)).isTrue();
    assertThat(room.waiting()).as("it has read what waited").isZero();
  }

  @Test
  void whenTheCallIsOver_nothingIsSent_andNothingWaits() {
    outbox.send("a", 90);
    call.onCancel.run();
    assertThat(room.waiting()).isZero();
    assertThat(closed).isEqualTo(1);
    assertThat(outbox.send("b", 90)).isTrue();
    outbox.end();
    outbox.fail(Status.INTERNAL.asRuntimeException());
    assertThat(call.sent).containsExactly("a");
    assertThat(room.waiting()).isZero();
  }

  @Test
  void whenTheCallWasAnswered_itIsOverToo() {
    outbox.send("a", 90);
    call.onClose.run();
    assertThat(room.waiting()).isZero();
    assertThat(closed).isEqualTo(1);
    assertThat(outbox.send("b", 1)).isTrue();
    assertThat(call.sent).containsExactly("a");
  }

  @Test
  void whatEndsWhileAMessageIsCounted_leavesNothingWaiting() {
    call.atIsReady = () -> call.onCancel.run();
    assertThat(outbox.send("a", 90)).isTrue();
    assertThat(room.waiting()).isZero();
    assertThat(call.sent).isEmpty();
  }

  @Test
  void anEnd_isToldOnce() {
    outbox.end();
    outbox.end();
    outbox.fail(Status.INTERNAL.asRuntimeException());
    assertThat(call.sent).containsExactly("end");
    assertThat(closed).isZero();
  }

  /** An interceptor of the host may throw whatever it likes, and the engine's owner goes on. */
  @Test
  void aCallThatFails_isOver_andThrowsNothing() {
    call.failing = true;
    assertThat(outbox.send("a", 90)).isTrue();
    assertThat(closed).isEqualTo(1);
    assertThat(room.waiting()).isZero();
    assertThat(outbox.send("b", 90)).isTrue();
    assertThat(call.sent).isEmpty();
    assertThat(room.waiting()).isZero();
  }

  @Test
  void anEndThatFails_throwsNothing() {
    outbox.send("a", 90);
    call.failing = true;
    outbox.end();
    assertThat(room.waiting()).isZero();
  }

  /** What a server makes of a call, as far as it is used. */
  private static final class Call extends ServerCallStreamObserver<String> {
    final List<String> sent = new ArrayList<>();
    Runnable onCancel = () -> {};
    Runnable onClose = () -> {};
    Runnable onReady = () -> {};
    Runnable atIsReady = () -> {};
    boolean ready;
    boolean failing;

    private void send(String message) {
      if (failing) {
        throw new AssertionError("on purpose");
      }
      sent.add(message);
    }

    @Override
    public boolean isReady() {
      atIsReady.run();
      return ready;
    }

    @Override
    public void onNext(String value) {
      send(value);
    }

    @Override
    public void onError(Throwable error) {
      send(Status.fromThrowable(error).getCode().name());
    }

    @Override
    public void onCompleted() {
      send("end");
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
      onCancel = handler;
    }

    @Override
    public void setOnCloseHandler(Runnable handler) {
      onClose = handler;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
      onReady = handler;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setCompression(String compression) {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}
  }
}
