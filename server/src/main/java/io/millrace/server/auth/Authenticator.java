package io.millrace.server.auth;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.CompletionStage;

/** Decides who may log in. Thread-safe; the stage may complete on any thread and does not fail. */
public interface Authenticator {
  CompletionStage<AuthOutcome> authenticate(ObjectNode authData);
}
