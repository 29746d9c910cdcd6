package io.github.ecslocal;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A running emulator. It may be used by several threads at once. Closing it ends an emulator that was
 * started here, and does nothing to another one.
 */
public final class EcsLocal implements AutoCloseable {
    /** Where an emulator listens that was not told otherwise. */
    public static final String DEFAULT_ENDPOINT = "http://127.0.0.1:4526";

    /** Stands for the account of calls without an access key. */
    public static final String DEFAULT_ACCOUNT = "default";

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Control control;
    // null where it was started by somebody else
    private final EmulatorProcess process;

    private EcsLocal(String url, String token, EmulatorProcess process) {
        control = new Control(url.replaceFirst("/$", ""), token);
        this.process = process;
    }

    /**
     * Starts an emulator with the default settings and waits until it listens.
     *
     * @throws StartException where it does not
     */
    public static EcsLocal start() {
        return builder().start();
    }

    /** The settings of an emulator that is to be started. */
    public static Builder builder() {
        return new Builder(System.getenv());
    }

    /** As {@link #connect(String, String)}, by the variables of the environment or the defaults. */
    public static EcsLocal connect() {
        return connect(null, null);
    }

    /** As {@link #connect(String, String)}, with the token of the environment, if any. */
    public static EcsLocal connect(String endpoint) {
        return connect(endpoint, null);
    }

    /**
     * Reaches an emulator that is already running. A wrong token shows at the first call that needs
     * one.
     *
     * @param endpoint a URL or host:port; null means $ECS_LOCAL_ENDPOINT, else {@link
     *     #DEFAULT_ENDPOINT}
     * @param token what it asks callers of the control interface for; null means
     *     $ECS_LOCAL_CONTROL_TOKEN, else none
     * @throws java.io.UncheckedIOException where nothing answers there
     */
    public static EcsLocal connect(String endpoint, String token) {
        return connect(endpoint, token, System.getenv());
    }

    static EcsLocal connect(String endpoint, String token, Map<String, String> environment) {
        String shown = firstOf(token, environment.get("ECS_LOCAL_CONTROL_TOKEN"), null);
        var emulator = new EcsLocal(endpoint(endpoint, environment), shown, null);
        emulator.health();
        return emulator;
    }

    static String endpoint(String said, Map<String, String> environment) {
        String where = firstOf(said, environment.get("ECS_LOCAL_ENDPOINT"), DEFAULT_ENDPOINT);
        return where.contains("://") ? where : "http://" + where;
    }

    /** Its address, such as {@code http://127.0.0.1:4526}. */
    public String url() {
        return control.url;
    }

    /** Its host:port, which SDKs take as their endpoint, with http as the protocol. */
    public String host() {
        return control.url.replaceFirst("^.*://", "");
    }

    /** What callers of the control interface must show; null where nothing is asked for. */
    public String controlToken() {
        return control.token;
    }

    /**
     * What an emulator that was started here has logged, the latest 64 Ki characters of it; empty
     * where it was started by somebody else.
     */
    public String log() {
        return process == null ? "" : process.log();
    }

    /**
     * An account by a fresh random key: it begins with the starting world and shares nothing with any
     * other.
     */
    public Account account() {
        return account("LTAI" + random(10).toUpperCase(Locale.ROOT));
    }

    /** The account that an access key leads to. */
    public Account account(String keyId) {
        return new Account(this, control, keyId);
    }

    /** Tells that it is up, its version, and how it is set. Needs no token. */
    public Health health() {
        return control.request(Operation.HEALTH).read(Health.class);
    }

    /** What it has done, in the text format of Prometheus. */
    public String metrics() {
        return control.request(Operation.METRICS).text();
    }

    /** The documented error rows and how each is reached. */
    public List<Row> rows() {
        return control.request(Operation.ROWS).readList(Row.class);
    }

    /** The same with the rows that stand beside the documented pages. */
    public List<Row> allRows() {
        return control.request(Operation.ROWS).query("all", true).readList(Row.class);
    }

    /** The control interface as an OpenAPI 3.1 document. */
    public JsonObject openApi() {
        return control.request(Operation.OPENAPI).read(JsonObject.class);
    }

    /**
     * The JSON Schema of what people write.
     *
     * @param name world, scenario or fault
     * @throws EcsLocalException 404 for another name
     */
    public JsonObject schema(String name) {
        return control.request(Operation.SCHEMA, name).read(JsonObject.class);
    }

    /**
     * The certificate of --tls as PEM, for clients that are to trust it.
     *
     * @throws EcsLocalException 404 without --tls
     */
    public String certificate() {
        return control.request(Operation.CERTIFICATE).text();
    }

    /**
     * Why a call, of any account, was answered as it was.
     *
     * @throws EcsLocalException 404 for one that is not among the latest 1,000 of its account
     */
    public Explanation why(String requestId) {
        return control.request(Operation.WHY, requestId).read(Explanation.class);
    }

    /**
     * Ends an emulator that was started here; does nothing the second time.
     *
     * @throws IllegalStateException where it had ended before, by itself
     */
    @Override
    public void close() {
        if (process != null) {
            process.stop();
        }
    }

    EmulatorProcess process() {
        return process;
    }

    /** Where an emulator is reached that listens on an address, maybe every one of the machine. */
    static String reachable(String address) {
        return address.replaceFirst("^0\\.0\\.0\\.0:", "127.0.0.1:").replaceFirst("^\\[::]", "[::1]");
    }

    private static String firstOf(String one, String other, String last) {
        if (one != null && !one.isEmpty()) {
            return one;
        }
        return other != null && !other.isEmpty() ? other : last;
    }

    private static String random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /**
     * The settings of an emulator that is to be started. Variables {@code ECS_LOCAL_…} of the
     * environment, other than ECS_LOCAL_BIN, are not passed on: they are meant for another emulator.
     */
    public static final class Builder {
        private final List<String> arguments = new ArrayList<>();
        private String binary;
        private String listen = "127.0.0.1:0";
        private String token;

        Builder(Map<String, String> environment) {
            binary = firstOf(environment.get("ECS_LOCAL_BIN"), null, "ecs-local");
        }

        /** Where the binary is; by default $ECS_LOCAL_BIN, else ecs-local on the PATH. */
        public Builder binary(String path) {
            binary = path;
            return this;
        }

        /**
         * The address to listen on, IP:PORT; by default 127.0.0.1 with a free port, which port 0
         * takes.
         */
        public Builder listen(String address) {
            listen = address;
            return this;
        }

        /**
         * What callers of the control interface must show. By default nothing is asked for on a
         * loopback address, and a random token elsewhere.
         */
        public Builder controlToken(String token) {
            this.token = token;
            return this;
        }

        /**
         * Decides every id: with a manual clock, the same calls give the same bytes.
         *
         * @param seed taken as unsigned
         */
        public Builder seed(long seed) {
            return arguments("--seed", Long.toUnsignedString(seed));
        }

        /** Lets every account's clock stand still until it is moved. */
        public Builder manualClock() {
            return arguments("--clock", "manual");
        }

        /** A scenario file whose world every account begins with. */
        public Builder scenario(Path file) {
            return arguments("--scenario", file.toString());
        }

        /** Lets it answer as the documentation of a day. */
        public Builder asOf(LocalDate day) {
            return arguments("--as-of", day.toString());
        }

        /**
         * What is done about signatures.
         *
         * @param mode off, log or strict
         */
        public Builder signatures(String mode) {
            return arguments("--signatures", mode);
        }

        /** A folder in which it keeps its worlds from one start to the next. */
        public Builder dataDirectory(Path folder) {
            return arguments("--data", folder.toString());
        }

        /**
         * Other arguments of the command line, besides --listen, --control-token and --log.
         */
        public Builder arguments(String... arguments) {
            this.arguments.addAll(List.of(arguments));
            return this;
        }

        /**
         * Starts it and waits until it listens. It ends with this process, killed even, if it is not
         * closed before.
         *
         * @throws StartException where it does not listen
         */
        public EcsLocal start() {
            String asked = token == null && !isLoopback() ? random(16) : token;
            EmulatorProcess process = EmulatorProcess.start(commandLine(asked));
            return new EcsLocal("http://" + reachable(process.address()), asked, process);
        }

        /** The log names the address at level info. */
        List<String> commandLine(String token) {
            List<String> command = new ArrayList<>();
            command.addAll(List.of(binary, "--listen", listen, "--log", "info"));
            if (token != null) {
                command.addAll(List.of("--control-token", token));
            }
            command.addAll(arguments);
            return command;
        }

        private boolean isLoopback() {
            return listen.startsWith("127.") || listen.startsWith("[::1]");
        }
    }
}
