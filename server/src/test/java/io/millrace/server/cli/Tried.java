package io.millrace.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;

/** What {@code kafka try} said. */
record Tried(int exitCode, String out, String err) {

  static Tried of(String input, String... arguments) {
    return of(KafkaTryCommand.BUILT_IN, input, arguments);
  }

  static Tried of(KafkaTryCommand.Mappings mappings, String input, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        new CommandLine(new KafkaCommand())
            .addSubcommand(
                new KafkaTryCommand(
                    Map.of(), new ByteArrayInputStream(input.getBytes(UTF_8)), mappings))
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(Stream.concat(Stream.of("try"), Stream.of(arguments)).toArray(String[]::new));
    return new Tried(exitCode, out.toString(), err.toString());
  }
}
