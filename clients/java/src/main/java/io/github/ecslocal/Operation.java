// The operations of the control interface by the ids they have in its OpenAPI document, which the
// tests compare with this table. Every request goes through it.

package io.github.ecslocal;

import java.util.List;

/** What one kind of request looks like. */
enum Operation {
    HEALTH("health", "GET", "/_local/health"),
    METRICS("metrics", "GET", "/_local/metrics"),
    CERTIFICATE("certificate", "GET", "/_local/certificate"),
    OPENAPI("openapi", "GET", "/_local/openapi.json"),
    SCHEMA("schema", "GET", "/_local/schemas/{name}"),
    ROWS("rows", "GET", "/_local/rows", "all"),

    WORLD("world", "GET", "/_local/world", Operation.WHOSE),
    LOAD_WORLD("loadWorld", "PUT", "/_local/world", Body.JSON, Operation.WHOSE, "at"),
    CHANGE_WORLD("changeWorld", "PATCH", "/_local/world", Body.JSON, Operation.WHOSE),
    RESET_WORLD("resetWorld", "DELETE", "/_local/world", Operation.WHOSE),
    FORK_WORLD("forkWorld", "POST", "/_local/world/fork", Operation.WHOSE, "to"),

    SNAPSHOTS("snapshots", "GET", "/_local/snapshots", Operation.WHOSE),
    KEEP("keep", "PUT", "/_local/snapshots/{name}", Operation.WHOSE),
    BRING_BACK("bringBack", "POST", "/_local/snapshots/{name}/load", Operation.WHOSE),
    FORGET("forget", "DELETE", "/_local/snapshots/{name}", Operation.WHOSE),

    CLOCK("clock", "GET", "/_local/clock", Operation.WHOSE),
    MOVE_CLOCK("moveClock", "POST", "/_local/clock", Body.JSON, Operation.WHOSE),

    CALLS("calls", "GET", "/_local/calls",
            Operation.WHOSE, "action", "code", "status", "key", "after"),
    WHY("why", "GET", "/_local/calls/{request_id}"),

    FAULTS("faults", "GET", "/_local/faults", Operation.WHOSE),
    ARM_FAULT("armFault", "POST", "/_local/faults", Body.JSON, Operation.WHOSE),
    DISARM_FAULTS("disarmFaults", "DELETE", "/_local/faults", Operation.WHOSE),

    ACCOUNT("account", "GET", "/_local/account", Operation.WHOSE),
    CHANGE_ACCOUNT("changeAccount", "POST", "/_local/account", Body.JSON, Operation.WHOSE),

    ORDERS("orders", "GET", "/_local/orders", Operation.WHOSE, "instance_id"),
    ORDER("order", "GET", "/_local/orders/{id}", Operation.WHOSE),
    PAY_ORDER("payOrder", "POST", "/_local/orders/{id}/pay", Operation.WHOSE),
    CANCEL_ORDER("cancelOrder", "POST", "/_local/orders/{id}/cancel", Operation.WHOSE),

    INSTANCE("instance", "GET", "/_local/instances/{id}", Operation.WHOSE),
    HISTORY("history", "GET", "/_local/instances/{id}/history", Operation.WHOSE);

    /** The parameter that says whose world is meant. */
    static final String WHOSE = "access_key_id";

    /** What the body of a request is. */
    enum Body {
        NONE,
        JSON
    }

    final String id;
    final String method;
    /** Variable parts in braces. */
    final String path;
    final Body body;
    /** What the query may say. */
    final List<String> query;

    Operation(String id, String method, String path, String... query) {
        this(id, method, path, Body.NONE, query);
    }

    Operation(String id, String method, String path, Body body, String... query) {
        this.id = id;
        this.method = method;
        this.path = path;
        this.body = body;
        this.query = List.of(query);
    }
}
