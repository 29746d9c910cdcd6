package io.github.ecslocal;

import com.google.gson.annotations.SerializedName;

/**
 * That an emulator is up, and how it is set.
 *
 * @param status {@code ok}
 * @param asOf the day whose pages it answers by, {@code yyyy-mm-dd}; null for the newest
 * @param uptimeSeconds for how long it has been up
 * @param data where it keeps its worlds; null for nowhere
 */
public record Health(
        String status,
        String version,
        String asOf,
        Gateway gateway,
        @SerializedName("uptime_s") long uptimeSeconds,
        DataDirectory data) {

    /**
     * How the gateway of an emulator is set.
     *
     * @param signatures what it does about them: off, log or strict
     * @param errors whose codes it refuses with: ecs or pop
     * @param flowControl how many calls of an operation an account has in a minute; null for no limit
     */
    public record Gateway(String signatures, String errors, Long flowControl) {}

    /**
     * Where an emulator keeps its worlds.
     *
     * @param journalBytes what was written since the last whole state
     * @param failure why it cannot be written; null where it can
     */
    public record DataDirectory(String directory, long journalBytes, String failure) {}
}
