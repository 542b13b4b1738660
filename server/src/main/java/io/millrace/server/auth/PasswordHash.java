package io.millrace.server.auth;

import java.nio.charset.StandardCharsets;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;

/** A stored password. Checking takes some milliseconds of processor time, on purpose. */
sealed interface PasswordHash permits Argon2id, PasswordHash.Bcrypt, Pbkdf2Hash {

  /** Whether this is the hash of the password. Takes as long for a wrong one as for the right. */
  boolean matches(String password);

  /** bcrypt, as {@code htpasswd -B} and many web frameworks write it; looks at 72 bytes. */
  record Bcrypt(String text) implements PasswordHash {
    private static final int MAX_COST = 16;

    static Bcrypt parse(String text) throws NotAHash {
      if (!text.matches("\\$2[aby]\\$[0-9]{2}\\$[./A-Za-z0-9]{53}")) {
        throw new NotAHash("is not a whole bcrypt hash");
      }
      int cost = Integer.parseInt(text, 4, 6, 10);
      if (cost < 4 || cost > MAX_COST) {
        throw new NotAHash(
            "has a bcrypt cost of %d; allowed are 4 to %d".formatted(cost, MAX_COST));
      }
      return new Bcrypt(text);
    }

    @Override
    public boolean matches(String password) {
      return OpenBSDBCrypt.checkPassword(text, password.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
      return "Bcrypt[...]";
    }
  }

  /** Why a text is not the hash of a password, without the text. */
  final class NotAHash extends Exception {
    NotAHash(String problem) {
      super(problem, null, false, false);
    }

    String problem() {
      return String.valueOf(getMessage());
    }
  }
}
