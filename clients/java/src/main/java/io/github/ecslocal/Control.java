// Requests to the control interface and what is read of their answers.

package io.github.ecslocal;

import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

final class Control {
    // It answers at once; a longer wait is a hang.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    final String url;
    final String token;

    // It is asked directly, whatever proxy the machine names.
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(PATIENCE)
            .build();

    Control(String url, String token) {
        this.url = url;
        this.token = token;
    }

    Request request(Operation operation, String... path) {
        return new Request(operation, List.of(path));
    }

    /** A request under way. */
    final class Request {
        private final Operation operation;
        private final List<String> path;
        private final Map<String, String> query = new LinkedHashMap<>();
        private Object body;

        private Request(Operation operation, List<String> path) {
            this.operation = operation;
            this.path = path;
        }

        /** Says something in the query; nothing where the value is null. */
        Request query(String name, Object value) {
            if (value != null) {
                query.put(name, value.toString());
            }
            return this;
        }

        /** Says what is sent as JSON. */
        Request body(Object value) {
            body = value;
            return this;
        }

        <T> T read(Class<T> type) {
            return parse(text(), TypeToken.get(type));
        }

        <T> List<T> readList(Class<T> type) {
            @SuppressWarnings("unchecked")
            var list = (TypeToken<List<T>>) TypeToken.getParameterized(List.class, type);
            return parse(text(), list);
        }

        /** The answer as it is; throws where it is a refusal. */
        String text() {
            HttpResponse<String> answer = send();
            if (answer.statusCode() / 100 != 2) {
                throw EcsLocalException.of(answer.statusCode(), answer.body());
            }
            return answer.body();
        }

        private <T> T parse(String text, TypeToken<T> type) {
            try {
                return Json.GSON.fromJson(text, type);
            } catch (JsonParseException error) {
                String what = "ecs-local: answer of " + operation.id + ": " + text;
                throw new IllegalStateException(what, error);
            }
        }

        private HttpResponse<String> send() {
            try {
                return client.send(build(), BodyHandlers.ofString());
            } catch (IOException error) {
                throw failed(error);
            } catch (InterruptedException error) {
                Thread.currentThread().interrupt();
                throw failed(new InterruptedIOException("interrupted"));
            }
        }

        private UncheckedIOException failed(IOException error) {
            String what = "ecs-local: " + operation.id + " at " + url + ": " + error;
            return new UncheckedIOException(what, error);
        }

        private HttpRequest build() {
            boolean hasBody = operation.body == Operation.Body.JSON;
            var request = HttpRequest.newBuilder(URI.create(url + target()))
                    .timeout(PATIENCE)
                    .method(operation.method, hasBody
                            ? BodyPublishers.ofString(Json.write(body))
                            : BodyPublishers.noBody());
            if (hasBody) {
                request.header("Content-Type", "application/json");
            }
            if (token != null) {
                request.header("Authorization", "Bearer " + token);
            }
            return request.build();
        }

        private String target() {
            List<String> pairs = new ArrayList<>();
            query.forEach((name, value) -> pairs.add(name + "=" + escaped(value)));
            return expanded() + (pairs.isEmpty() ? "" : "?" + String.join("&", pairs));
        }

        /** The path with values in place of its variable parts. */
        private String expanded() {
            var values = path.iterator();
            List<String> parts = new ArrayList<>();
            for (String part : operation.path.split("/")) {
                parts.add(part.startsWith("{") ? escaped(values.next()) : part);
            }
            return String.join("/", parts);
        }
    }

    // URLEncoder is for forms, where a blank is a plus.
    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
