// The emulator as a child process: its log, its end, and a guard that ends it with this process.

package io.github.ecslocal;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

final class EmulatorProcess {
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration STOP = Duration.ofSeconds(5);
    private static final int LOG_KEPT = 64 * 1024;
    private static final Pattern LISTENS = Pattern.compile("listens on http://(\\S+)");

    private final Process process;
    private final Guard guard;
    private final Thread reader = new Thread(this::readLog, "ecs-local log");
    // For a run that ends without closing; it also keeps all this from the garbage collector.
    private final Thread hook = new Thread(this::end, "ecs-local end");
    private final StringBuilder log = new StringBuilder();
    private final CompletableFuture<String> address = new CompletableFuture<>();
    private boolean isStopped;

    private EmulatorProcess(Process process) {
        this.process = process;
        guard = Guard.of(process.pid());
        reader.setDaemon(true);
        reader.start();
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Starts a binary and waits until it listens. */
    static EmulatorProcess start(List<String> command) {
        var builder = new ProcessBuilder(command).redirectOutput(Redirect.DISCARD);
        // What is set for an emulator of the user's own is not meant for this one.
        builder.environment().keySet().removeIf(name -> name.startsWith("ECS_LOCAL_"));
        String binary = command.get(0);
        EmulatorProcess started;
        try {
            started = new EmulatorProcess(builder.start());
        } catch (IOException error) {
            throw new StartException(binary, error.getMessage(), "", error);
        }
        started.awaitAddress(binary);
        return started;
    }

    /** Where it listens, host:port. */
    String address() {
        return address.join();
    }

    /** What it has logged, the latest of it. */
    String log() {
        synchronized (log) {
            return log.toString();
        }
    }

    Process process() {
        return process;
    }

    Process guard() {
        return guard.shell;
    }

    /** Ends it; throws where it had ended before by itself. Does nothing the second time. */
    synchronized void stop() {
        if (isStopped) {
            return;
        }
        isStopped = true;
        boolean hadEnded = !process.isAlive();
        endForGood();
        if (hadEnded) {
            throw new IllegalStateException(
                    "ecs-local had ended by itself: " + ending() + "\n" + log());
        }
    }

    private void awaitAddress(String binary) {
        String why;
        try {
            address.get(START.toSeconds(), TimeUnit.SECONDS);
            return;
        } catch (ExecutionException error) {
            why = error.getCause().getMessage();
        } catch (TimeoutException error) {
            why = "it did not listen within " + START.toSeconds() + " seconds";
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            why = "interrupted";
        }
        endForGood();
        throw new StartException(binary, why, log(), null);
    }

    /** Reads the log to its end, which is the end of the process too. */
    private void readLog() {
        try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                keep(line);
                var found = LISTENS.matcher(line);
                if (found.find()) {
                    address.complete(found.group(1));
                }
            }
        } catch (IOException error) {
            keep(error.toString());
        }
        process.onExit().join();
        guard.release();
        address.completeExceptionally(new IllegalStateException("it ended: " + ending()));
    }

    private void keep(String line) {
        synchronized (log) {
            log.append(line).append('\n');
            log.delete(0, Math.max(0, log.length() - LOG_KEPT));
        }
    }

    private String ending() {
        return "exit status " + process.exitValue();
    }

    private void endForGood() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException error) {
            // The virtual machine is shutting down: the hook runs, and finds nothing to do.
        }
    }

    private void end() {
        try {
            process.destroy();
            if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            reader.join(STOP.toMillis());
        } catch (InterruptedException error) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Ends a process when this one is gone, killed even: its shell waits for the end of a pipe whose
     * other end this process alone holds.
     */
    private record Guard(Process shell) {
        /** Without a shell on the machine it does nothing. */
        static Guard of(long pid) {
            String wait = "read -r _ || kill \"$0\"";
            var builder = new ProcessBuilder("sh", "-c", wait, Long.toString(pid))
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD);
            try {
                return new Guard(builder.start());
            } catch (IOException error) {
                return new Guard(null);
            }
        }

        /** Lets it go without ending the process. */
        void release() {
            if (shell == null) {
                return;
            }
            try (var pipe = shell.outputWriter(StandardCharsets.UTF_8)) {
                pipe.write("\n");
            } catch (IOException error) {
                // It is gone already, as after an interrupt from the terminal.
            }
        }
    }
}
