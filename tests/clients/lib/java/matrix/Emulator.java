// The emulator: where it is, the account's keys, the world every account begins with, and the
// control interface. All of it is of the contract in tests/clients/README.md; knows no SDK.

package matrix;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

public final class Emulator {
    // host:port
    public static final String ENDPOINT = variable("ECS_LOCAL_ENDPOINT");
    public static final String KEY_ID = variable("ECS_LOCAL_KEY_ID");
    public static final String KEY_SECRET = variable("ECS_LOCAL_KEY_SECRET");
    public static final String READER_ID = variable("ECS_LOCAL_READER_ID");
    public static final String READER_SECRET = variable("ECS_LOCAL_READER_SECRET");

    public static final String REGION = "cn-hangzhou";
    public static final String IMAGE = "aliyun_3_x64_20G_alibase_20240528.vhd";
    public static final String VSWITCH = "vsw-hangzhou-h";
    public static final String SECURITY_GROUP = "sg-hangzhou";

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    // Control calls go to the emulator whatever proxy the machine names.
    private static final HttpClient DIRECT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(PATIENCE)
            .build();

    private Emulator() {}

    /** How many calls the account has had, and the request id of the latest. */
    public record Calls(int total, String latestRequestId) {}

    /** Lets time pass for the account, such as "10s"; what comes due on the way happens. */
    public static void advance(String span) throws IOException, InterruptedException {
        control("POST", "clock", Map.of("advance", span));
    }

    public static Calls calls() throws IOException, InterruptedException {
        JsonObject answer = get("calls");
        JsonObject latest = answer.getAsJsonArray("calls").get(0).getAsJsonObject();
        return new Calls(answer.get("total").getAsInt(), latest.get("request_id").getAsString());
    }

    public static String orderKind(String id) throws IOException, InterruptedException {
        return get("orders/" + id).get("kind").getAsString();
    }

    /**
     * Runs something while calls of this action are answered with this row: more of them than any
     * client makes.
     */
    public static void withFault(String action, String row, Task task) throws Exception {
        control("POST", "faults", Map.of("action", action, "row", row, "times", 10));
        try {
            task.run();
        } finally {
            control("DELETE", "faults", null);
        }
    }

    private static JsonObject get(String path) throws IOException, InterruptedException {
        return control("GET", path, null).getAsJsonObject();
    }

    /** What the answer says; JSON's null where it has no body. */
    private static JsonElement control(String method, String path, Map<String, ?> body)
            throws IOException, InterruptedException {
        String key = URLEncoder.encode(KEY_ID, StandardCharsets.UTF_8);
        String uri = "http://%s/_local/%s?access_key_id=%s".formatted(ENDPOINT, path, key);
        BodyPublisher sent = body == null
                ? BodyPublishers.noBody()
                : BodyPublishers.ofString(new Gson().toJson(body));
        HttpRequest request = HttpRequest.newBuilder(URI.create(uri))
                .method(method, sent)
                .header("Content-Type", "application/json")
                .timeout(PATIENCE)
                .build();
        var answer = DIRECT.send(request, BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException("%s /_local/%s: %d %s"
                    .formatted(method, path, answer.statusCode(), answer.body()));
        }
        return JsonParser.parseString(answer.body());
    }

    private static String variable(String name) {
        String value = System.getenv(name);
        if (value == null) {
            throw new IllegalStateException(
                    name + " is not set; tests/clients/README.md says what it is for");
        }
        return value;
    }
}
