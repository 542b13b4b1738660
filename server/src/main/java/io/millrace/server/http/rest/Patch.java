package io.millrace.server.http.rest;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A change of a document. Stateless: it is applied again when the document has changed meanwhile.
 */
@FunctionalInterface
interface Patch {

  /** The document as it is after the patch; the argument is left as it is. */
  JsonNode applyTo(JsonNode document) throws PatchException;
}
