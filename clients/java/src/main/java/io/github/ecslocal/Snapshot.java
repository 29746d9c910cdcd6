package io.github.ecslocal;

import java.time.Instant;

/**
 * A kept world.
 *
 * @param at the moment it shows
 * @param instances how many it has
 */
public record Snapshot(String name, Instant at, int instances) {}
