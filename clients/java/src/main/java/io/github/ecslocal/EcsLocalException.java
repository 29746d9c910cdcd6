package io.github.ecslocal;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;

/** A refusal of the control interface; nothing has changed. */
public final class EcsLocalException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;
    private final String reason;

    private EcsLocalException(int status, String code, String reason) {
        super("ecs-local: " + status + " " + code + ": " + reason);
        this.status = status;
        this.code = code;
        this.reason = reason;
    }

    static EcsLocalException of(int status, String body) {
        try {
            var refused = Json.GSON.fromJson(body, JsonObject.class);
            String code = refused.get("Code").getAsString();
            return new EcsLocalException(status, code, refused.get("Message").getAsString());
        } catch (JsonParseException | NullPointerException error) {
            return new EcsLocalException(status, "", body.strip());
        }
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** Begins with {@code EcsLocal.}; empty where something else than an emulator answered. */
    public String code() {
        return code;
    }

    /** What is wrong, and what to do: the message of the answer alone. */
    public String reason() {
        return reason;
    }
}
