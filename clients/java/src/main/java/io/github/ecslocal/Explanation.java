package io.github.ecslocal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Why a call was answered as it was.
 *
 * @param at when it was answered, on the account's clock
 * @param accessKeyId the key it named; empty for none
 * @param page the date of the operation's page that was in force; empty where it has none
 * @param status HTTP status
 * @param code the error code; empty for a success
 * @param message the error message; empty for a success
 * @param signature what its signature was found to be
 * @param fault the fault that struck it, in words; empty for none
 * @param parameters what was sent, without secrets
 * @param unread parameters that nothing read
 * @param decided what decided a refusal; null for a success
 * @param turnedOn what a refusal turned on
 * @param rules in the order they are judged
 * @param changed what the call changed so far
 */
public record Explanation(
        String requestId,
        Instant at,
        String accessKeyId,
        String action,
        String page,
        int status,
        String code,
        String message,
        String signature,
        String fault,
        Map<String, String> parameters,
        List<String> unread,
        Decision decided,
        List<TurningPoint> turnedOn,
        List<Rule> rules,
        List<Change> changed) {

    /**
     * What decided a refusal.
     *
     * @param row the row, by its name here
     * @param support documented, guessed, injected or ours
     * @param guess in words, where it is one
     * @param fix what the caller can do about it
     */
    public record Decision(String row, String support, String guess, String fix) {}

    /**
     * A value a refusal turned on, and one that leads past the rule.
     *
     * @param what a parameter by its name, a value of the world by its path in world documents, or clock
     * @param value what it was
     * @param otherwise what leads past the rule; JSON's null for a parameter that is left out
     * @param row the row the call would be refused with then; empty where it would be accepted
     */
    public record TurningPoint(String what, JsonElement value, JsonElement otherwise, String row) {}

    /**
     * A rule and what became of it.
     *
     * @param table the table it stands in
     * @param row the row it raises
     * @param outcome passed, held, not_reached, not_asked or not_on_this_page
     */
    public record Rule(String table, String row, String outcome) {}

    /**
     * What a call changed of an instance at one moment.
     *
     * @param isDue did it come due by itself, later than the call?
     * @param what the changes by name
     * @param patch a JSON patch (RFC 6902) of the world's document
     */
    public record Change(
            String instanceId, Instant at, boolean isDue, List<String> what, List<JsonObject> patch) {}
}
