package io.millrace.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in at the port of the links, and who is not. */
@Timeout(300)
final class LinkDoorIT {
  private final SharedMembership members = new SharedMembership();
  private final LinkNode one = new LinkNode("one");
  private final LinkNode two = new LinkNode("two");

  @BeforeEach
  void link() {
    one.join(members);
    two.join(members);
    await().until(() -> two.hears(one) && one.hears(two));
  }

  @AfterEach
  void close() {
    assertThat(one.chatter.left).as("the stream of the other node").isEmpty();
    one.close();
    two.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void garbageIsHungUpOn(long seed) throws IOException {
    byte[] garbage = new byte[5_000];
    new Random(seed).nextBytes(garbage);
    try (Socket socket = knock()) {
      socket.getOutputStream().write(garbage);
      assertThat(isWelcome(socket)).isFalse();
    }
  }

  @Test
  void aWebBrowserIsHungUpOn() throws IOException {
    try (Socket socket = knock()) {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      assertThat(isWelcome(socket)).isFalse();
    }
  }

  @Test
  void aNodeOfAnotherClusterIsRefused() throws IOException {
    members.join("three~1", "127.0.0.1:1");
    try (Socket socket = knock()) {
      say(socket, 1, new Hello(1, "other", "three~1", one.id));
      assertThat(isWelcome(socket)).isFalse();
    }
  }

  /** Nor does it write lines of its own into the log. */
  @Test
  void whoSaysMoreThanANameIsRefused() {
    FrameOutput out = new FrameOutput();
    new Hello(1, "test\nERROR all is lost", "three~1", one.id).write(out);
    byte[] said = out.take().getBytes();
    assertThatThrownBy(() -> Hello.read(new FrameInput(said, 0, said.length)))
        .isInstanceOf(LinkFault.class)
        .hasMessage("not a name of a node or cluster");
  }

  @Test
  void whoLooksForAnEarlierNodeOfThisAddressIsRefused() throws IOException {
    members.join("three~1", "127.0.0.1:1");
    try (Socket socket = knock()) {
      say(socket, 1, new Hello(1, "test", "three~1", "one~0"));
      assertThat(isWelcome(socket)).isFalse();
    }
  }

  @Test
  void whoIsNoMemberYetIsLetInWhenItIs() throws IOException {
    try (Socket socket = knock()) {
      say(socket, 1, new Hello(1, "test", "three~1", one.id));
      socket.setSoTimeout(700);
      members.join("three~1", "127.0.0.1:1");
      assertThat(isWelcome(socket)).isTrue();
      members.leave("three~1");
      await().until(() -> one.chatter.left.remove("three~1"));
    }
  }

  @Test
  void whoDoesNotBecomeAMemberIsRefusedAfterAWhile() throws IOException {
    try (Socket socket = knock()) {
      say(socket, 1, new Hello(1, "test", "three~1", one.id));
      assertThat(isWelcome(socket)).isFalse();
    }
  }

  @Test
  void aStreamThatWasBegunEarlierDoesNotReplaceALaterOne() throws IOException {
    members.join("three~1", "127.0.0.1:1");
    try (Socket late = knock();
        Socket early = knock()) {
      say(late, 1, new Hello(2, "test", "three~1", one.id));
      assertThat(isWelcome(late)).isTrue();
      say(early, 1, new Hello(1, "test", "three~1", one.id));
      assertThat(isWelcome(early)).isFalse();
      assertThat(one.chatter.left).isEmpty();
    }
    await().until(() -> one.chatter.left.remove("three~1"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 3})
  void aHoleOrARepetitionEndsTheStream(long number) throws IOException {
    members.join("three~1", "127.0.0.1:1");
    try (Socket socket = knock()) {
      say(socket, 1, new Hello(1, "test", "three~1", one.id));
      assertThat(isWelcome(socket)).isTrue();
      FrameOutput out = new FrameOutput();
      int at = out.reserveInt();
      out.writeLong(number);
      out.writeByte(FrameKind.BATCH.ordinal());
      out.fillLength(at);
      socket.getOutputStream().write(out.take().getBytes());
      await().until(() -> one.chatter.left.remove("three~1"));
      // Not for silence, of which there would be some, too.
      assertThat(one.count.endsFor(StreamEnd.FAULT)).isEqualTo(1);
    }
  }

  private Socket knock() throws IOException {
    LinkAddress address = LinkAddress.parse(one.address());
    return new Socket(address.host(), address.port());
  }

  private static void say(Socket socket, long number, Hello hello) throws IOException {
    FrameOutput out = new FrameOutput();
    int at = out.reserveInt();
    out.writeLong(number);
    out.writeByte(FrameKind.HELLO.ordinal());
    hello.write(out);
    out.fillLength(at);
    socket.getOutputStream().write(out.take().getBytes());
  }

  /** Reads up to the welcome, or the end. */
  private static boolean isWelcome(Socket socket) {
    try {
      socket.setSoTimeout(90_000);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      while (true) {
        byte[] frame = in.readNBytes(in.readInt());
        if (frame.length > 8 && frame[8] == FrameKind.WELCOME.ordinal()) {
          return true;
        }
      }
    } catch (IOException hungUp) {
      return false;
    }
  }
}
