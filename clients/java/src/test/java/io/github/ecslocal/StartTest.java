// Starting, stopping and connecting: the settings, the errors, and what becomes of the emulator when
// its test run ends.

package io.github.ecslocal;

import static io.github.ecslocal.Ecs.NOTHING;
import static io.github.ecslocal.Refused.refusedWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartTest {
    private static final Map<String, String> NO_VARIABLES = Map.of();

    @Test
    void anEmulatorIsStartedAndEnds() throws Exception {
        EcsLocal emulator = EcsLocal.start();
        assertEquals("ok", emulator.health().status());
        assertFalse(emulator.account().clock().frozen());
        assertEquals("http://" + emulator.host(), emulator.url());
        assertNull(emulator.controlToken());

        emulator.close();
        assertFalse(isUp(emulator.host()));
        // It was asked to end, not killed: what it has to write it could write.
        assertEquals(0, emulator.process().process().exitValue());
        Process guard = emulator.process().guard().onExit().get(30, TimeUnit.SECONDS);
        assertEquals(0, guard.exitValue());
        emulator.close();
        assertTrue(emulator.log().contains("listens on " + emulator.url()), emulator.log());
    }

    @Test
    void closingTellsThatItHadEnded() {
        EcsLocal emulator = EcsLocal.start();
        emulator.process().process().destroyForcibly().onExit().join();
        var error = assertThrows(IllegalStateException.class, emulator::close);
        assertTrue(error.getMessage().startsWith("ecs-local had ended by itself: exit status 137"),
                error.getMessage());
        assertTrue(error.getMessage().contains("listens on"), error.getMessage());
    }

    @Test
    void settingsAreArguments() {
        var builder = new EcsLocal.Builder(NO_VARIABLES)
                .listen("l")
                .seed(-1)
                .manualClock()
                .scenario(Path.of("s"))
                .asOf(LocalDate.of(2019, 5, 21))
                .signatures("off")
                .dataDirectory(Path.of("d"))
                .arguments("--cooldown", "off");
        assertEquals(
                "ecs-local --listen l --log info --control-token c --seed 18446744073709551615 "
                        + "--clock manual --scenario s --as-of 2019-05-21 --signatures off --data d "
                        + "--cooldown off",
                String.join(" ", builder.commandLine("c")));
    }

    @Test
    void theBinaryIsTheOneSaid() {
        var builder = new EcsLocal.Builder(Map.of("ECS_LOCAL_BIN", "of the environment"));
        assertEquals("of the environment", builder.commandLine(null).get(0));
        assertEquals("said", builder.binary("said").commandLine(null).get(0));
        var unset = new EcsLocal.Builder(Map.of("ECS_LOCAL_BIN", ""));
        assertEquals("ecs-local", unset.commandLine(null).get(0));
    }

    @Test
    void aSeedDecidesIds() throws Exception {
        String one = createdWithSeed(7);
        assertEquals(one, createdWithSeed(7));
        assertNotEquals(one, createdWithSeed(8));
    }

    private static String createdWithSeed(long seed) throws Exception {
        try (EcsLocal emulator = EcsLocal.builder().seed(seed).manualClock().start()) {
            return Ecs.create(emulator.account("same-key"));
        }
    }

    @Test
    void aScenarioOnOlderPages(@TempDir Path folder) throws Exception {
        Path scenario = Files.writeString(folder.resolve("scenario.toml"), """
                about = "One instance."
                clock = "2027-03-04T05:06:07Z"
                [given.instance.i-only]
                status = "Running"
                instance_type = "ecs.g6.large"
                """);
        var builder = EcsLocal.builder().manualClock().scenario(scenario);
        try (EcsLocal emulator = builder.asOf(LocalDate.of(2019, 5, 21)).start()) {
            Account account = emulator.account();
            assertEquals("Running", account.instance("i-only").status());
            assertEquals(Instant.parse("2027-03-04T05:06:07Z"), account.now());
            String request = Ecs.call(account, "ModifyInstanceSpec",
                    "InstanceId", "i-only", "InstanceType", NOTHING).text("RequestId");
            assertEquals("2019-05-21", account.why(request).page());
        }
    }

    @Test
    void worldsAreKeptFromOneStartToTheNext(@TempDir Path folder) throws Exception {
        var builder = EcsLocal.builder().manualClock().dataDirectory(folder);
        Clock stopped;
        try (EcsLocal first = builder.start()) {
            Ecs.stop(first.account("mine"));
            stopped = first.account("mine").clock();
        }
        try (EcsLocal second = builder.start()) {
            assertEquals(folder.toString(), second.health().data().directory());
            assertEquals("Stopping", second.account("mine").instance("i-web").status());
            assertEquals(stopped, second.account("mine").clock());
            assertEquals("Running", second.account().instance("i-web").status());
        }
    }

    @Test
    void signaturesAreAskedFor() throws Exception {
        try (EcsLocal emulator = EcsLocal.builder().signatures("strict").start()) {
            assertEquals(400, Ecs.call(emulator.account(), "DescribeRegions").status());
        }
    }

    @Test
    void aBinaryThatIsMissing(@TempDir Path folder) {
        String missing = folder.resolve(NOTHING).toString();
        var error = assertThrows(
                StartException.class, () -> EcsLocal.builder().binary(missing).start());
        assertTrue(error.getMessage().contains(missing + " did not start: "), error.getMessage());
        assertTrue(error.getCause() instanceof IOException);
        assertEquals("", error.stderr());
    }

    @Test
    void aBinaryThatRefusesItsArguments() {
        var builder = EcsLocal.builder().arguments("--no-such-option");
        var error = assertThrows(StartException.class, builder::start);
        assertTrue(error.stderr().contains("--no-such-option"), error.stderr());
        String why = "did not start: it ended: exit status 2\nerror: ";
        assertTrue(error.getMessage().contains(why), error.getMessage());
    }

    @Test
    void aBinaryThatSaysNothing() {
        var builder = EcsLocal.builder().binary("true");
        var error = assertThrows(StartException.class, builder::start);
        assertEquals("ecs-local: true did not start: it ended: exit status 0", error.getMessage());
    }

    @Test
    void aTokenIsAskedFor() {
        var builder = EcsLocal.builder().listen("0.0.0.0:0").controlToken("right");
        try (EcsLocal emulator = builder.start()) {
            assertFalse(emulator.account().clock().frozen());

            Account none = EcsLocal.connect(emulator.url(), null, NO_VARIABLES).account();
            refusedWith(401, "EcsLocal.TokenRequired", "Bearer", none::clock);
            Account wrong = EcsLocal.connect(emulator.url(), "wrong").account();
            refusedWith(401, "EcsLocal.TokenRequired", "Bearer", wrong::clock);
            assertFalse(EcsLocal.connect(emulator.host(), "right").account().clock().frozen());
        }
    }

    @Test
    void aTokenIsMadeUp() {
        try (EcsLocal emulator = EcsLocal.builder().listen("0.0.0.0:0").start()) {
            assertEquals(32, emulator.controlToken().length());
            assertFalse(emulator.account().clock().frozen());
            Account none = EcsLocal.connect(emulator.url(), null, NO_VARIABLES).account();
            refusedWith(401, "EcsLocal.TokenRequired", "Bearer", none::clock);
        }
    }

    @Test
    void aConnectionByTheEnvironment() {
        try (EcsLocal known = EcsLocal.builder().controlToken("right").start()) {
            var variables = Map.of(
                    "ECS_LOCAL_ENDPOINT", known.url() + "/", "ECS_LOCAL_CONTROL_TOKEN", "right");
            EcsLocal connected = EcsLocal.connect(null, null, variables);
            assertEquals(known.url(), connected.url());
            assertFalse(connected.account().clock().frozen());

            // It is not for a connection to end what somebody else has started.
            connected.close();
            assertEquals("", connected.log());
            assertTrue(isUp(known.host()));
        }
    }

    @Test
    void whereAConnectionLeads() {
        var variables = Map.of("ECS_LOCAL_ENDPOINT", "of-the-environment:80");
        assertEquals("https://said", EcsLocal.endpoint("https://said", variables));
        assertEquals("http://of-the-environment:80", EcsLocal.endpoint(null, variables));
        assertEquals("http://127.0.0.1:4526", EcsLocal.endpoint(null, NO_VARIABLES));
    }

    @Test
    void everyAddressOfTheMachine() {
        assertEquals("127.0.0.1:80", EcsLocal.reachable("0.0.0.0:80"));
        assertEquals("[::1]:80", EcsLocal.reachable("[::]:80"));
        assertEquals("10.1.2.3:80", EcsLocal.reachable("10.1.2.3:80"));
    }

    @Test
    void settingsOfAnotherEmulatorAreNotPassedOn() throws Exception {
        var run = holder();
        run.environment().putAll(Map.of(
                "ECS_LOCAL_CLOCK", "manual",
                "ECS_LOCAL_CONTROL_TOKEN", "of another",
                "ECS_LOCAL_LISTEN", "nonsense"));
        Process holder = run.start();
        try (var said = holder.inputReader()) {
            assertFalse(EcsLocal.connect(said.readLine()).account().clock().frozen());
        } finally {
            holder.destroy();
        }
    }

    @Test
    void anEmulatorDoesNotOutliveItsTestRun() throws Exception {
        Process holder = holder().start();
        try (var said = holder.inputReader(); Socket connection = connected(said.readLine())) {
            // One that nothing was asked on would be waited for.
            String asked = "GET /_local/health HTTP/1.1\r\nHost: localhost\r\n\r\n";
            connection.getOutputStream().write(asked.getBytes(StandardCharsets.US_ASCII));
            assertEquals('H', connection.getInputStream().read());

            holder.destroyForcibly().waitFor();
            // The emulator closes its connections when it ends; nothing else ends this wait in time.
            connection.setSoTimeout(30_000);
            String rest = new String(
                    connection.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertTrue(rest.startsWith("TTP/1.1 200 OK"), rest);
        }
    }

    /** A run that ends in order, without closing what it started, where there is no shell. */
    @Test
    void anEmulatorThatIsNotClosedEndsAllTheSame(@TempDir Path empty) throws Exception {
        var run = holder();
        run.environment().put("PATH", empty.toString());
        Process holder = run.start();
        try (var said = holder.inputReader()) {
            String host = said.readLine();
            assertTrue(isUp(host));
            holder.outputWriter().close();
            assertEquals(0, holder.waitFor());
            assertFalse(isUp(host));
        }
    }

    /** Another run: it starts an emulator, tells where, and waits until it is told to end. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws IOException {
            System.out.println(EcsLocal.start().host());
            System.in.read();
        }
    }

    private static ProcessBuilder holder() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = List.of(
                java, "-cp", System.getProperty("java.class.path"), Holder.class.getName());
        return new ProcessBuilder(command).redirectError(Redirect.INHERIT);
    }

    private static Socket connected(String host) throws IOException {
        URI address = URI.create("http://" + host);
        return new Socket(address.getHost(), address.getPort());
    }

    private static boolean isUp(String host) {
        try (Socket connection = connected(host)) {
            return connection.isConnected();
        } catch (IOException error) {
            return false;
        }
    }
}
