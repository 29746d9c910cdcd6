package io.github.ecslocal;

import java.time.Instant;

/**
 * What an account's clock shows.
 *
 * @param frozen does it stand still?
 */
public record Clock(Instant now, boolean frozen) {}
