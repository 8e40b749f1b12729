package dev.peerdiscovery.node.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.LoggerFactory;

/**
 * Where the logs of this process go: one line for each event to {@code err}. Set up here and not by
 * a {@code logback.xml}, which would reach those who embed a node.
 */
final class Logs {
  /** Time, level and what happened; traces only of what the program did not foresee. */
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %replace(%msg){'[\\p{Cntrl}]+', ' '}%n%ex";

  private Logs() {}

  /** For commands that answer a question: nothing but the answer. */
  static void quiet(Console console) {
    configure(console, Level.OFF, Level.OFF);
  }

  /**
   * For nodes.
   *
   * @param level the least that is logged of the node itself: error, warn, info, debug or trace
   */
  static void configure(Console console, String level) {
    Level own = Level.toLevel(level, Level.INFO);
    // Of the libraries only what is wrong, unless somebody searches for an error in them.
    configure(console, own, own == Level.TRACE ? Level.DEBUG : atLeast(own, Level.WARN));
  }

  private static Level atLeast(Level level, Level least) {
    return level.isGreaterOrEqual(least) ? level : least;
  }

  private static void configure(Console console, Level own, Level libraries) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.start();
    OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.setOutputStream(new LeftOpen(console.err()));
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(appender);
    root.setLevel(libraries);
    context.getLogger("dev.peerdiscovery").setLevel(own);
    takeOver(libraries);
  }

  /** gRPC and Netty log by the JDK's own means. */
  private static void takeOver(Level level) {
    LogManager.getLogManager().reset();
    java.util.logging.Logger root = java.util.logging.Logger.getLogger("");
    root.setLevel(
        level == Level.OFF
            ? java.util.logging.Level.OFF
            : level.isGreaterOrEqual(Level.WARN)
                ? java.util.logging.Level.WARNING
                : java.util.logging.Level.FINE);
    root.addHandler(new Forwarding());
  }

  /**
   * Hands the JDK's log records on, without stack traces: what a stranger sends may be wrong in any
   * way, and each is worth one line.
   */
  private static final class Forwarding extends Handler {
    private static final SimpleFormatter FORMATTER = new SimpleFormatter();

    /** Warns of each request that is too large, which is refused and no fault of this node's. */
    private static final String OF_REQUESTS =
        "io.grpc.netty.shaded.io.grpc.netty.NettyServerStream";

    @Override
    public void publish(LogRecord record) {
      org.slf4j.Logger log = LoggerFactory.getLogger(String.valueOf(record.getLoggerName()));
      String text = FORMATTER.formatMessage(record);
      String message = record.getThrown() == null ? text : text + ": " + record.getThrown();
      if (OF_REQUESTS.equals(record.getLoggerName())) {
        log.debug(message);
      } else if (record.getLevel().intValue() >= java.util.logging.Level.SEVERE.intValue()) {
        log.error(message);
      } else if (record.getLevel().intValue() >= java.util.logging.Level.WARNING.intValue()) {
        log.warn(message);
      } else {
        log.debug(message);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  /** Logback closes its streams when it is set up anew; this one belongs to the process. */
  private static final class LeftOpen extends FilterOutputStream {
    LeftOpen(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
