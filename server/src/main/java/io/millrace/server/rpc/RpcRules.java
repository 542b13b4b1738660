package io.millrace.server.rpc;

import java.time.Duration;

/**
 * What holds for all calls of a server.
 *
 * @param ackTimeout how long one provider may take to accept a call
 * @param responseTimeout how long one provider may take to answer it; a call that is older is
 *     handed to no further provider, so it ends within twice this time, however many are silent
 * @param tellName whether providers are told the caller's user id
 * @param tellData whether providers are told the caller's client data
 */
public record RpcRules(
    Duration ackTimeout, Duration responseTimeout, boolean tellName, boolean tellData) {}
