package io.github.ecslocal;

import java.util.List;

/**
 * Calls of an account.
 *
 * @param total how many it has had, kept or not
 * @param calls those that are wanted, the latest first
 */
public record Calls(long total, List<Call> calls) {}
