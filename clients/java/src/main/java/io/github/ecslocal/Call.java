package io.github.ecslocal;

import java.time.Instant;
import java.util.List;

/**
 * One call to ECS and its answer. {@code code}, {@code row}, {@code message} and {@code fix} are empty
 * for a success.
 *
 * @param at when it was answered, on the account's clock
 * @param accessKeyId the key it named; empty for none
 * @param status HTTP status
 * @param row the row it was refused with
 * @param fix what the caller can do about the refusal
 * @param signature what its signature was found to be
 * @param fault the fault that struck it, in words; empty for none
 * @param unread parameters that nothing read
 */
public record Call(
        String requestId,
        Instant at,
        String accessKeyId,
        String action,
        int status,
        String code,
        String row,
        String message,
        String fix,
        String signature,
        String fault,
        List<String> unread) {}
