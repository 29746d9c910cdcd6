/**
 * Controls ecs-local, a local emulator of Alibaba Cloud ECS, from tests: starts the emulator or
 * connects to a running one, and gives each test a world of its own by an access key of its own. The
 * calls to ECS themselves are left to the SDK under test.
 *
 * <p>Methods throw {@link io.github.ecslocal.EcsLocalException} where the emulator refuses, and
 * {@link java.io.UncheckedIOException} where it does not answer, within ten seconds.
 */
package io.github.ecslocal;
