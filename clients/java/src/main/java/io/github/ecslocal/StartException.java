package io.github.ecslocal;

/** Why an emulator did not start. */
public final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String stderr;

    StartException(String binary, String why, String stderr, Throwable cause) {
        super("ecs-local: " + binary + " did not start: " + why
                + (stderr.isEmpty() ? "" : "\n" + stderr), cause);
        this.stderr = stderr;
    }

    /** What it wrote to stderr, the latest 64 Ki characters. */
    public String stderr() {
        return stderr;
    }
}
