package dev.peerdiscovery.node.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.security.Security;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The command line: {@code ./peer}. */
public final class Main {
  private static final int HELP_WIDTH = 100;

  private Main() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] args) {
    forgetNamesSoon();
    // Whatever the platform's charset is: JSON is UTF-8.
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    int code = run(Console.ofProcess(out, err), args);
    out.flush();
    System.exit(code);
  }

  /**
   * Where peers are containers, names have other addresses every time one starts; the JVM would
   * keep to the old one for half a minute, and hold that there is none for ten seconds.
   */
  private static void forgetNamesSoon() {
    Security.setProperty("networkaddress.cache.ttl", "3");
    Security.setProperty("networkaddress.cache.negative.ttl", "1");
  }

  /** Runs one command and returns its exit code. */
  static int run(Console console, String... args) {
    return commandLine(console).execute(args);
  }

  static CommandLine commandLine(Console console) {
    CommandLine root =
        new CommandLine(new PeerCommand())
            .addSubcommand(new DemoCommand(console))
            .addSubcommand(NodeCommand.commandLine(console))
            .addSubcommand(new PingCommand(console))
            .addSubcommand(new LookupCommand(console))
            .addSubcommand(new RegisterCommand(console))
            .addSubcommand(new ResolveCommand(console))
            .addSubcommand(new WatchCommand(console))
            .addSubcommand(new StatusCommand(console))
            .addSubcommand(new HealthCommand(console))
            .addSubcommand(new ContactsCommand(console))
            .addSubcommand(new TableCommand(console))
            .addSubcommand(new OffsetsCommand(console))
            .addSubcommand(new SimulateCommand(console))
            .addSubcommand(new KeygenCommand(console))
            .addSubcommand(new CertsCommand(console))
            .addSubcommand(new RehearseCommand(console))
            .addSubcommand(new CompletionCommand(console));
    root.getSubcommands().values().forEach(Main::addCommonOptions);
    addCommonOptions(root);
    Map<String, String> exitCodes = new LinkedHashMap<>();
    for (ExitCode each : ExitCode.values()) {
      exitCodes.put(String.valueOf(each.code()), each.meaning());
    }
    root.getCommandSpec().usageMessage().exitCodeList(exitCodes);
    root.addSubcommand(new CommandLine.HelpCommand());
    Conversions.registerAt(root);
    Faults faults = new Faults(console);
    return root.setOut(writer(console.out()))
        .setErr(writer(console.err()))
        .setUsageHelpWidth(HELP_WIDTH)
        .setExpandAtFiles(false)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(faults)
        .setExecutionExceptionHandler(faults)
        .setExecutionStrategy(parsed -> execute(parsed, console));
  }

  private static int execute(ParseResult parsed, Console console) {
    boolean hasCommand = parsed.hasSubcommand();
    if (!hasCommand && !parsed.isUsageHelpRequested() && !parsed.isVersionHelpRequested()) {
      parsed.commandSpec().commandLine().usage(console.err());
      return ExitCode.USAGE.code();
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private static void addCommonOptions(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    spec.addMixin("common", CommandSpec.forAnnotatedObject(new CommonOptions()));
    spec.usageMessage()
        .descriptionHeading("%n")
        .parameterListHeading("%n")
        .optionListHeading("%nOptions:%n")
        .footerHeading("%nExamples:%n");
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }
}
