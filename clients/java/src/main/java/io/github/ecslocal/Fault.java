package io.github.ecslocal;

import com.google.gson.annotations.SerializedName;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Something that goes wrong with the calls it is meant for: those with all of the first five values, as
 * far as they are said. {@link #builder} makes one; what it does not say is null.
 *
 * @param parameters values of parameters, by name
 * @param row the row it answers with, or else
 * @param status the HTTP status of an error of one's own, with code and message
 * @param delay how far the account's clock moves
 * @param waiting how long the client really waits for the answer
 * @param drop is the connection closed without an answer?
 * @param truncate after how many bytes the answer breaks off
 * @param phase before or after the call
 * @param met how many calls it was meant for; the emulator counts
 * @param fired how often it struck
 */
public record Fault(
        String action,
        String instanceId,
        String accessKeyId,
        String regionId,
        Map<String, String> parameters,
        String row,
        Integer status,
        String code,
        String message,
        Duration delay,
        @SerializedName("wait") Duration waiting,
        boolean drop,
        Integer truncate,
        String phase,
        Long times,
        Long every,
        List<Boolean> sequence,
        Double probability,
        long met,
        long fired) {

    /** A fault for every call, which needs an effect still. */
    public static Builder builder() {
        return new Builder();
    }

    Fault uncounted() {
        return new Fault(action, instanceId, accessKeyId, regionId, parameters, row, status, code,
                message, delay, waiting, drop, truncate, phase, times, every, sequence, probability,
                0, 0);
    }

    /** A fault in the making. It strikes once, where nothing is said about how often. */
    public static final class Builder {
        private final Map<String, String> parameters = new HashMap<>();
        private String action;
        private String instanceId;
        private String accessKeyId;
        private String regionId;
        private String row;
        private Integer status;
        private String code;
        private String message;
        private Duration delay;
        private Duration waiting;
        private boolean drop;
        private Integer truncate;
        private String phase;
        private Long times;
        private Long every;
        private List<Boolean> sequence;
        private Double probability;

        private Builder() {}

        /** For calls of this operation. */
        public Builder action(String action) {
            this.action = action;
            return this;
        }

        /** For calls that name this InstanceId. */
        public Builder instanceId(String instanceId) {
            this.instanceId = instanceId;
            return this;
        }

        /** For calls with this access key. */
        public Builder accessKeyId(String accessKeyId) {
            this.accessKeyId = accessKeyId;
            return this;
        }

        /** For calls that name this RegionId. */
        public Builder regionId(String regionId) {
            this.regionId = regionId;
            return this;
        }

        /** For calls with this value of a parameter. */
        public Builder parameter(String name, String value) {
            parameters.put(name, value);
            return this;
        }

        /** Answers with a row, by its name in {@link EcsLocal#rows}. */
        public Builder row(String name) {
            row = name;
            return this;
        }

        /**
         * Answers with an error of one's own.
         *
         * @param status 400 to 599
         */
        public Builder error(int status, String code, String message) {
            this.status = status;
            this.code = code;
            this.message = message;
            return this;
        }

        /** Moves the account's clock on, by whole milliseconds. */
        public Builder delay(Duration by) {
            delay = by;
            return this;
        }

        /** Lets the client really wait, for whole milliseconds and five minutes at most. */
        public Builder waiting(Duration forSoLong) {
            waiting = forSoLong;
            return this;
        }

        /** Closes the connection without an answer. */
        public Builder drop() {
            drop = true;
            return this;
        }

        /** Breaks the answer off after so many bytes of its body. */
        public Builder truncate(int bytes) {
            truncate = bytes;
            return this;
        }

        /** Strikes when the call's change has happened; otherwise before, and nothing changes. */
        public Builder afterTheCall() {
            phase = "after";
            return this;
        }

        /** Strikes so many times. */
        public Builder times(long count) {
            times = count;
            return this;
        }

        /** Strikes each nth call only. */
        public Builder every(long nth) {
            every = nth;
            return this;
        }

        /** Strikes by a pattern, which then begins anew. */
        public Builder sequence(Boolean... pattern) {
            sequence = List.of(pattern);
            return this;
        }

        /**
         * Strikes by chance.
         *
         * @param probability 0 to 1
         */
        public Builder probability(double probability) {
            this.probability = probability;
            return this;
        }

        /** The fault. */
        public Fault build() {
            return new Fault(action, instanceId, accessKeyId, regionId,
                    parameters.isEmpty() ? null : Map.copyOf(parameters), row, status, code,
                    message, delay, waiting, drop, truncate, phase, times, every, sequence,
                    probability, 0, 0);
        }
    }
}
