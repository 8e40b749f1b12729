package dev.peerdiscovery.node.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A chart with two axes, drawn as SVG: bars, or lines over time. */
final class Chart {
  /** A width that all charts of a page have. */
  static final int WIDTH = 760;

  static final int HEIGHT = 250;

  private static final int LEFT = 70;
  private static final int RIGHT = 24;
  private static final int TOP = 40;
  private static final int BOTTOM = 48;
  private static final int TICKS = 8;

  /** Above the bars, for what is said of marks. */
  private static final double HEADROOM = 1.4;

  private static final String[] COLOURS = {"#2563eb", "#d97706"};

  private final Axis x;
  private final Axis y;
  private final StringBuilder drawn = new StringBuilder();
  private int lines;

  /** Numbers along one side, no closer than the least step. */
  private record Axis(double from, double to, double leastStep, String unit) {
    double share(double value) {
      return (value - from) / (to - from);
    }

    /** 1, 2 or 5 times a power of ten, so that there are not too many. */
    double step() {
      double least = Math.max(leastStep, (to - from) / TICKS);
      double power = Math.pow(10, Math.floor(Math.log10(least)));
      for (int factor : new int[] {1, 2, 5}) {
        if (factor * power >= least * (1 - 1e-9)) {
          return factor * power;
        }
      }
      return 10 * power;
    }

    String label(double value) {
      int places = Math.max(0, (int) -Math.floor(Math.log10(step()) + 1e-9));
      return String.format(Locale.ROOT, "%." + places + "f", value) + unit;
    }
  }

  private Chart(String title, String below, Axis x, Axis y) {
    this.x = x;
    this.y = y;
    axes(title, below);
  }

  /**
   * Bars of one width, side by side.
   *
   * @param from where the first begins
   * @param width of each
   * @param shares their heights, in per cent
   */
  static Chart bars(String title, String below, double from, double width, List<Double> shares) {
    double most = shares.stream().mapToDouble(share -> share).max().orElse(0);
    Axis x = new Axis(from, from + width * Math.max(1, shares.size()), width, "");
    Chart chart = new Chart(title, below, x, new Axis(0, Math.max(1, most * HEADROOM), 0, " %"));
    for (int i = 0; i < shares.size(); i++) {
      double left = chart.atX(from + i * width);
      double right = chart.atX(from + (i + 1) * width);
      double top = chart.atY(shares.get(i));
      if (shares.get(i) > 0) {
        chart.add(
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>",
            left + 0.5, top, Math.max(0.5, right - left - 1), chart.atY(0) - top, COLOURS[0]);
      }
    }
    return chart;
  }

  /** An empty one for lines. */
  static Chart lines(String title, String below, double toX, double fromY, double toY) {
    return new Chart(title, below, new Axis(0, toX, 0, ""), new Axis(fromY, toY, 0, " %"));
  }

  /** Adds a line through points, and its name to the legend. */
  Chart line(String name, List<Double> xs, List<Double> ys) {
    List<String> points = new ArrayList<>();
    String colour = COLOURS[lines % COLOURS.length];
    for (int i = 0; i < xs.size(); i++) {
      points.add(String.format(Locale.ROOT, "%.1f,%.1f", atX(xs.get(i)), atY(ys.get(i))));
      add(
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"%s\"/>",
          atX(xs.get(i)), atY(ys.get(i)), colour);
    }
    // The second is dashed: the same line is often both.
    add(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s/>",
        String.join(" ", points), colour, lines > 0 ? " stroke-dasharray=\"6 4\"" : "");
    int right = WIDTH - RIGHT - 80 * (1 - lines);
    text(right, TOP - 14, "end", colour, name);
    lines++;
    return this;
  }

  /** Marks a place on the x axis, on one of several heights so that marks may be close. */
  Chart mark(double at, String label, int row) {
    add(
        "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#dc2626\""
            + " stroke-dasharray=\"3 3\"/>",
        atX(at), TOP, atX(at), atY(y.from()));
    boolean left = x.share(at) > 0.75;
    text(
        atX(at) + (left ? -5 : 5), TOP + 11 + 14.0 * row, left ? "end" : "start", "#dc2626", label);
    return this;
  }

  /** The chart, to be put at a place of a page. */
  String svg(int top) {
    return "<g transform=\"translate(0 " + top + ")\">\n" + drawn + "</g>\n";
  }

  private void axes(String title, String below) {
    text(LEFT, TOP - 14, "start", "#0f172a", title);
    for (double at = firstTick(y); at <= y.to() + y.step() * 1e-6; at += y.step()) {
      add(
          "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#e2e8f0\"/>",
          LEFT, atY(at), WIDTH - RIGHT, atY(at));
      text(LEFT - 8, atY(at) + 4, "end", "#475569", y.label(at));
    }
    for (double at = firstTick(x); at <= x.to() + x.step() * 1e-6; at += x.step()) {
      text(atX(at), HEIGHT - BOTTOM + 16.0, "middle", "#475569", x.label(at));
    }
    add(
        "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#475569\"/>",
        LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM);
    text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - BOTTOM + 34.0, "middle", "#475569", below);
  }

  private static double firstTick(Axis axis) {
    return Math.ceil(axis.from() / axis.step() - 1e-6) * axis.step() + 0.0;
  }

  private double atX(double value) {
    return LEFT + x.share(value) * (WIDTH - LEFT - RIGHT);
  }

  private double atY(double value) {
    return HEIGHT - BOTTOM - y.share(value) * (HEIGHT - TOP - BOTTOM);
  }

  private void text(double atX, double atY, String anchor, String colour, String text) {
    add(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>",
        atX, atY, anchor, colour, escaped(text));
  }

  private void add(String format, Object... values) {
    drawn.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  /** A text as XML has it. */
  static String escaped(String text) {
    return Console.oneLine(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
