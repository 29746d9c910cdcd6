// The package against the OpenAPI document that the emulator serves, both ways: operations, parameters
// and bodies, and the fields of what is taken and answered.

package io.github.ecslocal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.annotations.SerializedName;
import java.lang.reflect.Field;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(EcsLocalExtension.class)
class OpenApiTest {
    /** What the document says of an operation. */
    private record Described(String method, String path, Set<String> query, boolean hasBody) {}

    private static final Map<String, Described> DESCRIBED = new TreeMap<>();
    private static final Map<String, JsonObject> WRITTEN = new TreeMap<>();
    private static JsonObject schemas;

    @BeforeAll
    static void readTheDocument(EcsLocal emulator) {
        JsonObject document = emulator.openApi();
        schemas = document.getAsJsonObject("components").getAsJsonObject("schemas");
        document.getAsJsonObject("paths").asMap().forEach((path, methods) ->
                methods.getAsJsonObject().asMap().forEach((method, operation) ->
                        read(path, method, operation.getAsJsonObject())));
    }

    private static void read(String path, String method, JsonObject operation) {
        Set<String> query = new TreeSet<>();
        if (operation.has("parameters")) {
            for (JsonElement one : operation.getAsJsonArray("parameters")) {
                JsonObject parameter = one.getAsJsonObject();
                if (parameter.get("in").getAsString().equals("query")) {
                    query.add(parameter.get("name").getAsString());
                }
            }
        }
        String id = operation.get("operationId").getAsString();
        boolean hasBody = operation.has("requestBody");
        DESCRIBED.put(id, new Described(method.toUpperCase(Locale.ROOT), path, query, hasBody));
        WRITTEN.put(id, operation);
    }

    @Test
    void theTableIsTheDocument() {
        Map<String, Described> table = new TreeMap<>();
        for (Operation it : Operation.values()) {
            boolean hasBody = it.body == Operation.Body.JSON;
            Set<String> query = new TreeSet<>(it.query);
            table.put(it.id, new Described(it.method, it.path, query, hasBody));
        }
        assertEquals(DESCRIBED, table);
    }

    // What makes a request for each operation, with all that its query may say.
    private static final Map<String, Consumer<Account>> METHODS = Map.ofEntries(
            Map.entry("health", it -> it.emulator().health()),
            Map.entry("metrics", it -> it.emulator().metrics()),
            Map.entry("certificate", it -> it.emulator().certificate()),
            Map.entry("openapi", it -> it.emulator().openApi()),
            Map.entry("schema", it -> it.emulator().schema("x")),
            Map.entry("rows", it -> it.emulator().allRows()),
            Map.entry("world", Account::world),
            Map.entry("loadWorld", it -> it.loadWorld("{}", Instant.EPOCH)),
            Map.entry("changeWorld", it -> it.changeWorld("{}")),
            Map.entry("resetWorld", Account::resetWorld),
            Map.entry("forkWorld", it -> it.fork("x")),
            Map.entry("snapshots", Account::snapshots),
            Map.entry("keep", it -> it.keep("x")),
            Map.entry("bringBack", it -> it.bringBack("x")),
            Map.entry("forget", it -> it.forget("x")),
            Map.entry("clock", Account::clock),
            Map.entry("moveClock", it -> it.advance(Duration.ZERO)),
            Map.entry("calls", it -> it.calls(new CallFilter("x", "x", 1, "x", 1L))),
            Map.entry("why", it -> it.why("x")),
            Map.entry("faults", Account::faults),
            Map.entry("armFault", it -> it.armFault(Fault.builder().build())),
            Map.entry("disarmFaults", Account::disarmFaults),
            Map.entry("account", Account::details),
            Map.entry("changeAccount", it -> it.topUp(1)),
            Map.entry("orders", it -> it.orders("x")),
            Map.entry("order", it -> it.order("x")),
            Map.entry("payOrder", it -> it.payOrder("x")),
            Map.entry("cancelOrder", it -> it.cancelOrder("x")),
            Map.entry("instance", it -> it.instance("x")),
            Map.entry("history", it -> it.history("x")));

    // Each method against a server that notes the request and answers in the document's form.
    @Test
    void methodsMakeTheRequestsOfTheDocument() throws Exception {
        assertEquals(DESCRIBED.keySet(), new TreeSet<>(METHODS.keySet()));
        try (Stub stub = new Stub()) {
            stub.answer = "{\"status\":\"ok\"}";
            Account account = EcsLocal.connect(stub.url(), "hush").account("mine");
            DESCRIBED.forEach((id, wanted) -> {
                stub.answer = example(id);
                METHODS.get(id).accept(account);
                assertEquals(wanted, described(stub.noted), id);
                assertEquals("Bearer hush", stub.noted.authorization(), id);
                if (wanted.query().contains(Operation.WHOSE)) {
                    assertTrue(stub.noted.target().getQuery().contains("access_key_id=mine"), id);
                }
            });
        }
    }

    /** A request in the words of the document, where the values in its path are x. */
    private static Described described(Stub.Noted noted) {
        URI target = noted.target();
        Set<String> query = new TreeSet<>();
        if (target.getQuery() != null) {
            for (String pair : target.getQuery().split("&")) {
                query.add(pair.substring(0, pair.indexOf('=')));
            }
        }
        String path = target.getPath();
        for (Described one : DESCRIBED.values()) {
            if (one.path().replaceAll("\\{\\w+}", "x").equals(path)) {
                path = one.path();
            }
        }
        return new Described(noted.method(), path, query, !noted.body().isEmpty());
    }

    /** The emptiest answer of an operation. */
    private static String example(String id) {
        JsonObject schema = answered(id);
        if (schema == null) {
            return "";
        }
        return schema.has("items") ? "[]" : "{}";
    }

    /** The schema of the JSON an operation answers; null where it answers none. */
    private static JsonObject answered(String id) {
        var responses = WRITTEN.get(id).getAsJsonObject("responses");
        return responses.has("200") ? schemaOf(responses.getAsJsonObject("200")) : null;
    }

    private static JsonObject schemaOf(JsonObject described) {
        JsonObject kind = described.getAsJsonObject("content").getAsJsonObject("application/json");
        return kind == null ? null : kind.getAsJsonObject("schema");
    }

    // The types for the schemas of the document. What is sent of ClockMove and AccountEvent is one
    // field at a time, which the tests of these methods show.
    private static final Map<String, Class<? extends Record>> TYPES = Map.ofEntries(
            Map.entry("Account", AccountDetails.class),
            Map.entry("Calls", Calls.class),
            Map.entry("Cause", HistoryEntry.Cause.class),
            Map.entry("Call", Call.class),
            Map.entry("Changed", Explanation.Change.class),
            Map.entry("Clock", Clock.class),
            Map.entry("Configuration", Order.Configuration.class),
            Map.entry("DataDirectory", Health.DataDirectory.class),
            Map.entry("Decided", Explanation.Decision.class),
            Map.entry("Difference", HistoryEntry.Difference.class),
            Map.entry("Explanation", Explanation.class),
            Map.entry("Fault", Fault.class),
            Map.entry("Gateway", Health.Gateway.class),
            Map.entry("Guest", Instance.Guest.class),
            Map.entry("Health", Health.class),
            Map.entry("HistoryEntry", HistoryEntry.class),
            Map.entry("InstanceView", Instance.class),
            Map.entry("JudgedRule", Explanation.Rule.class),
            Map.entry("OrderView", Order.class),
            Map.entry("Snapshot", Snapshot.class),
            Map.entry("Row", Row.class),
            Map.entry("TurningPoint", Explanation.TurningPoint.class),
            Map.entry("WorldSize", WorldSize.class));

    private static final Map<String, Set<String>> SENT_FIELD_BY_FIELD = Map.of(
            "ClockMove", Set.of("advance", "set", "freeze", "run"),
            "AccountEvent", Set.of("top_up_cents", "arrears"));

    private static final String GENERIC = "WorldDocument";

    @Test
    void typesHaveTheFieldsOfTheDocument() {
        TYPES.forEach((name, type) -> {
            assertEquals(fieldsOf(name), namesOf(type), name);
        });
        SENT_FIELD_BY_FIELD.forEach((name, sent) ->
                assertEquals(new TreeSet<>(sent), fieldsOf(name), name));
    }

    private static Set<String> fieldsOf(String name) {
        JsonObject schema = schemas.getAsJsonObject(name);
        assertNotNull(schema, "the document has no schema " + name);
        return new TreeSet<>(schema.getAsJsonObject("properties").keySet());
    }

    private static Set<String> namesOf(Class<? extends Record> type) {
        List<String> names = new ArrayList<>();
        Set<String> components = new TreeSet<>();
        Arrays.stream(type.getRecordComponents()).forEach(it -> components.add(it.getName()));
        for (Field field : type.getDeclaredFields()) {
            if (components.contains(field.getName())) {
                var said = field.getAnnotation(SerializedName.class);
                names.add(said == null ? Json.NAMES.translateName(field) : said.value());
            }
        }
        return new TreeSet<>(names);
    }

    @Test
    void everyBodyAndAnswerHasAType() {
        Set<String> unknown = new TreeSet<>();
        WRITTEN.forEach((id, operation) -> {
            note(unknown, answered(id));
            if (operation.has("requestBody")) {
                note(unknown, schemaOf(operation.getAsJsonObject("requestBody")));
            }
        });
        assertEquals(Set.of(), unknown);
    }

    private static void note(Set<String> unknown, JsonObject schema) {
        if (schema == null) {
            return;
        }
        JsonObject one = schema.has("items") ? schema.getAsJsonObject("items") : schema;
        if (!one.has("$ref")) {
            return;
        }
        String name = one.get("$ref").getAsString().replaceFirst(".*/", "");
        boolean isKnown = TYPES.containsKey(name) || SENT_FIELD_BY_FIELD.containsKey(name);
        if (!isKnown && !name.equals(GENERIC)) {
            unknown.add(name);
        }
    }
}
