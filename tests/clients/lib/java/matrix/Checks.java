// Counts what a program checks, and prints it in the form of tests/clients/README.md. A program has
// one run of checks, so the class itself holds it.

package matrix;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

public final class Checks {
    private static String current;
    private static int passed;
    private static int failed;

    private Checks() {}

    /** What a client's exception shows of a refusal, besides the HTTP status. */
    public record Shown(String code, String message, String requestId) {}

    /** Prints the versions of the packages that these classes are of. */
    public static void version(Class<?>... classes) throws URISyntaxException {
        List<String> versions = new ArrayList<>();
        for (Class<?> type : classes) {
            // Maven keeps a package in .../ARTIFACT/VERSION/ARTIFACT-VERSION.jar, and not every
            // package says its version within; the group is the same for all of them.
            var jar = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
            Path version = jar.getParent();
            Path artifact = version.getParent();
            versions.add("com.aliyun:" + artifact.getFileName() + " " + version.getFileName());
        }
        System.out.println("version: " + String.join(", ", versions));
    }

    /** Runs one step. What it throws is a failure of it; the next steps still run. */
    public static void step(String name, Task task) {
        current = name;
        try {
            task.run();
        } catch (Exception error) {
            // A message may have several lines; what is printed of a check has one.
            fail("ended by " + error.toString().replaceAll("\\s+", " "));
        }
    }

    public static void equal(String what, Object got, Object wanted) {
        if (Objects.equals(got, wanted)) {
            pass(what + " " + quoted(got));
        } else {
            fail(what + ": got " + quoted(got) + ", wanted " + quoted(wanted));
        }
    }

    /** The one element of a list that must have no other. */
    public static <T> T only(List<T> list) {
        if (list.size() != 1) {
            throw new IllegalStateException(
                    "a list has " + list.size() + " elements in place of one");
        }
        return list.get(0);
    }

    /**
     * Runs a call that is to be refused, and gives the client's exception, which must be of this
     * type; `calls` is how often the client is to make the call. The HTTP status is left to the
     * program: not every client shows it.
     */
    public static <E extends Exception> E refused(
            Task call, Class<E> type, Function<E, Shown> read, Refusal wanted, int calls)
            throws Exception {
        int before = Emulator.calls().total();
        E error = caught(call, type);
        Emulator.Calls after = Emulator.calls();
        int made = after.total() - before;
        System.out.printf(
                "refused %s: %s, %d calls%n", current, error.getClass().getSimpleName(), made);

        Shown shown = read.apply(error);
        String message = shown.message();
        if (wanted.goesOn() && message.startsWith(wanted.message())) {
            message = wanted.message();
        }
        equal("Code", shown.code(), wanted.code());
        equal("Message", message, wanted.message());
        equal("RequestId", shown.requestId(), after.latestRequestId());
        equal("calls", made, calls);
        return error;
    }

    /** Prints the sum and ends the program with it, whatever threads a client still has. */
    public static void finish() {
        System.out.println(passed + " passed, " + failed + " failed");
        System.exit(failed == 0 ? 0 : 1);
    }

    private static <E extends Exception> E caught(Task call, Class<E> type) throws Exception {
        try {
            call.run();
        } catch (Exception error) {
            if (type.isInstance(error)) {
                return type.cast(error);
            }
            throw error;
        }
        throw new IllegalStateException("a call was not refused");
    }

    private static String quoted(Object value) {
        return value instanceof String ? "\"" + value + "\"" : String.valueOf(value);
    }

    private static void pass(String found) {
        passed += 1;
        System.out.println("ok      " + current + ": " + found);
    }

    private static void fail(String found) {
        failed += 1;
        System.out.println("FAILED  " + current + ": " + found);
    }
}
