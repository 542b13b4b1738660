package io.millrace.server.listen;

import java.util.Collection;
import java.util.List;

/**
 * Which node coordinates which name: every node answers the same for the same members, and when one
 * comes or goes, only names that it coordinates change hands (rendezvous hashing). Immutable.
 */
final class Coordinators {
  private final String[] nodes;
  private final long[] hashes;

  Coordinators(Collection<String> members) {
    List<String> sorted = members.stream().sorted().toList();
    nodes = sorted.toArray(String[]::new);
    hashes = sorted.stream().mapToLong(Coordinators::hash).toArray();
  }

  String of(String name) {
    if (nodes.length == 1) {
      return nodes[0];
    }
    long nameHash = hash(name);
    int best = 0;
    long bestScore = Long.MIN_VALUE;
    for (int i = 0; i < nodes.length; i++) {
      long score = mix(nameHash ^ hashes[i]);
      if (score > bestScore) {
        best = i;
        bestScore = score;
      }
    }
    return nodes[best];
  }

  /** Part of what nodes agree on: must not differ between their versions. FNV-1a. */
  private static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return mix(hash);
  }

  /** Spreads every bit over all of them (the end of MurmurHash3). */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ (mixed >>> 33);
  }
}
