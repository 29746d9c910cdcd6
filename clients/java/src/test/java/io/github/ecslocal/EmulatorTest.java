// Each method of the emulator as a whole, and errors that are not the control interface's.

package io.github.ecslocal;

import static io.github.ecslocal.Refused.refusedWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(EcsLocalExtension.class)
class EmulatorTest {
    @Test
    void health(EcsLocal emulator) {
        Health health = emulator.health();
        assertEquals("ok", health.status());
        assertNull(health.data());
        String line = "ecs-local " + health.version() + " listens on " + emulator.url();
        assertTrue(emulator.log().contains(line), emulator.log());
        assertNull(health.asOf());
        assertEquals(new Health.Gateway("log", "ecs", null), health.gateway());
    }

    @Test
    void healthTellsHowItIsSet() throws Exception {
        var builder = EcsLocal.builder().asOf(LocalDate.of(2019, 5, 21)).signatures("off");
        builder.arguments("--gateway-errors", "pop", "--flow-control", "5");
        try (EcsLocal other = builder.start()) {
            Health health = other.health();
            assertEquals("2019-05-21", health.asOf());
            assertEquals(new Health.Gateway("off", "pop", 5L), health.gateway());
        }
    }

    @Test
    void metrics(EcsLocal emulator, Account account) throws Exception {
        Ecs.stop(account);
        String metrics = emulator.metrics();
        String line = "ecs_local_calls_total{action=\"StopInstance\",code=\"\"";
        assertTrue(metrics.contains(line), metrics);
    }

    @Test
    void rows(EcsLocal emulator) {
        Row wanted = new Row(
                "ModifyInstanceSpec",
                "2026-06-26",
                400,
                "InvalidInstanceStatus.NotStopped",
                "The specified Instance status is not stopped.",
                "NOT_STOPPED",
                "raised",
                "scenarios/ModifyInstanceSpec/NOT_STOPPED.toml",
                "");
        List<Row> rows = emulator.rows();
        assertTrue(rows.contains(wanted));
        List<Row> all = emulator.allRows();
        assertTrue(all.containsAll(rows) && all.size() > rows.size());
    }

    @Test
    void schema(EcsLocal emulator) {
        var properties = emulator.schema("fault").getAsJsonObject("properties");
        assertTrue(properties.has("probability"), properties.toString());
        refusedWith(404, "EcsLocal.NotFound", "nonsense", () -> emulator.schema("nonsense"));
    }

    @Test
    void certificate(EcsLocal emulator) {
        refusedWith(404, "EcsLocal.NotFound", "--tls", emulator::certificate);
        try (EcsLocal secure = EcsLocal.builder().arguments("--tls").start()) {
            String pem = secure.certificate();
            assertTrue(pem.startsWith("-----BEGIN CERTIFICATE-----"), pem);
        }
    }

    @Test
    void anErrorAsText(Account account) {
        var refusal = assertThrows(EcsLocalException.class, () -> account.order("x"));
        assertEquals(
                "ecs-local: 404 EcsLocal.OrderNotFound: there is no order x", refusal.getMessage());
    }

    // Something else than an emulator may answer: a proxy, or another service on the port.
    @Test
    void anErrorOfSomethingElse() throws Exception {
        for (String body : List.of("who is there?", "{\"error\":1}", "null", "[]")) {
            try (Stub other = Stub.answering(502, body)) {
                refusedWith(502, "", body, () -> EcsLocal.connect(other.url()));
            }
        }
    }

    @Test
    void nobodyAnswers() {
        var error = assertThrows(
                UncheckedIOException.class, () -> EcsLocal.connect("127.0.0.1:1"));
        assertTrue(error.getMessage().startsWith("ecs-local: health at http://127.0.0.1:1"),
                error.getMessage());
    }

    @Test
    void anInterruptIsNotLost(Account account) {
        Thread.currentThread().interrupt();
        assertThrows(UncheckedIOException.class, account::clock);
        assertTrue(Thread.interrupted());
    }

    @Test
    void noProxyIsAsked(EcsLocal emulator) {
        ProxySelector usual = ProxySelector.getDefault();
        ProxySelector.setDefault(ProxySelector.of(new InetSocketAddress("127.0.0.1", 1)));
        try {
            assertEquals("ok", EcsLocal.connect(emulator.url()).health().status());
        } finally {
            ProxySelector.setDefault(usual);
        }
    }
}
