package io.github.ecslocal;

import com.google.gson.annotations.SerializedName;

/**
 * That an emulator is up.
 *
 * @param status {@code ok}
 * @param uptimeSeconds for how long it has been up
 * @param data where it keeps its worlds; null for nowhere
 */
public record Health(
        String status,
        String version,
        @SerializedName("uptime_s") long uptimeSeconds,
        DataDirectory data) {

    /**
     * Where an emulator keeps its worlds.
     *
     * @param journalBytes what was written since the last whole state
     * @param failure why it cannot be written; null where it can
     */
    public record DataDirectory(String directory, long journalBytes, String failure) {}
}
