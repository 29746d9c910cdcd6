// How values are written as JSON and read from it: names_with_underscores, moments as ISO 8601, spans
// of time as the control interface writes them, "1h 30m" or "250ms".

package io.github.ecslocal;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

final class Json {
    static final FieldNamingPolicy NAMES = FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES;

    static final Gson GSON = new GsonBuilder()
            .setFieldNamingPolicy(NAMES)
            .disableHtmlEscaping()
            .registerTypeAdapter(Instant.class, new Moments().nullSafe())
            .registerTypeAdapter(Duration.class, new Spans().nullSafe())
            .create();

    private Json() {}

    /** A document is written as it is, with its nulls; of other values, what is null is left out. */
    static String write(Object value) {
        return value instanceof JsonElement document ? document.toString() : GSON.toJson(value);
    }

    /** Whole milliseconds: the rest is cut off. */
    static String span(Duration span) {
        return span.toMillis() + "ms";
    }

    /** In milliseconds, as the emulator's clocks are. */
    static String moment(Instant moment) {
        return Instant.ofEpochMilli(moment.toEpochMilli()).toString();
    }

    private static final class Moments extends TypeAdapter<Instant> {
        @Override
        public void write(JsonWriter out, Instant moment) throws IOException {
            out.value(moment(moment));
        }

        @Override
        public Instant read(JsonReader in) throws IOException {
            return Instant.parse(in.nextString());
        }
    }

    private static final class Spans extends TypeAdapter<Duration> {
        private static final Pattern PART = Pattern.compile("(\\d+)([a-z]+) ?");

        private static final Map<String, Duration> UNITS = Map.ofEntries(
                Map.entry("d", Duration.ofDays(1)),
                Map.entry("h", Duration.ofHours(1)),
                Map.entry("m", Duration.ofMinutes(1)),
                Map.entry("s", Duration.ofSeconds(1)),
                Map.entry("ms", Duration.ofMillis(1)));

        @Override
        public void write(JsonWriter out, Duration span) throws IOException {
            out.value(span(span));
        }

        @Override
        public Duration read(JsonReader in) throws IOException {
            String words = in.nextString();
            Duration sum = Duration.ZERO;
            Matcher part = PART.matcher(words);
            int end = 0;
            while (part.find() && part.start() == end && UNITS.containsKey(part.group(2))) {
                Duration unit = UNITS.get(part.group(2));
                sum = sum.plus(unit.multipliedBy(Long.parseLong(part.group(1))));
                end = part.end();
            }
            if (end == 0 || end != words.length()) {
                throw new JsonParseException("\"" + words + "\" is not a span of time");
            }
            return sum;
        }
    }
}
