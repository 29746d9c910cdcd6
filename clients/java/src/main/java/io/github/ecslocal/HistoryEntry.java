package io.github.ecslocal;

import com.google.gson.JsonElement;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * All that one cause changed of an instance at one moment.
 *
 * @param event created, changed or released
 * @param what the changes by name, such as status
 * @param changes by the keys of world documents
 */
public record HistoryEntry(
        Instant at,
        String event,
        List<String> what,
        Cause cause,
        Map<String, Difference> changes) {

    /** An entry may change nothing that a document shows. */
    public HistoryEntry {
        changes = changes == null ? Map.of() : changes;
    }

    /**
     * What caused a change; what is not known of it is null.
     *
     * @param kind call, control, or due for what came due by itself
     * @param action the operation, or the control call
     * @param orderId the order that was carried out
     */
    public record Cause(String kind, String action, String requestId, String orderId) {}

    /** What something was and is; JSON's null where there was nothing. */
    public record Difference(JsonElement before, JsonElement after) {}
}
