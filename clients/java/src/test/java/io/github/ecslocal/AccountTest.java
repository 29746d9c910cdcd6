// Each method of an account, against a running emulator.

package io.github.ecslocal;

import static io.github.ecslocal.Ecs.NOTHING;
import static io.github.ecslocal.Ecs.SUBSCRIPTION;
import static io.github.ecslocal.Refused.refusedWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import io.github.ecslocal.Explanation.TurningPoint;
import io.github.ecslocal.HistoryEntry.Cause;
import io.github.ecslocal.HistoryEntry.Difference;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(EcsLocalExtension.class)
class AccountTest {
    private static final String MINE =
            "{\"instance\":{\"i-mine\":{\"status\":\"Stopped\",\"instance_type\":\"ecs.g6.large\"}}}";

    @Test
    void accountsShareNothing(EcsLocal emulator) throws Exception {
        Account one = emulator.account();
        Account other = emulator.account();
        assertNotEquals(one.keyId(), other.keyId());
        Ecs.stop(one);
        assertEquals("Stopping", one.instance("i-web").status());
        assertEquals("Running", other.instance("i-web").status());
        assertEquals(0, other.calls().total());

        one.advance(Duration.ofHours(1));
        Duration ahead = Duration.between(other.now(), one.now());
        assertEquals(1, ahead.plusMinutes(1).toHours());
    }

    @Test
    void anAccountIsFoundByItsKey(EcsLocal emulator, Account account) throws Exception {
        Ecs.stop(account);
        Account again = emulator.account(account.keyId());
        assertEquals("Stopping", again.instance("i-web").status());
        assertSame(emulator, again.emulator());
    }

    @Test
    void aWorldIsLoadedChangedAndReset(EcsLocal emulator, Account account) {
        assertEquals(1, account.loadWorld(MINE));
        assertEquals("Stopped", account.instance("i-mine").status());
        var world = account.world();
        assertEquals(1, world.getAsJsonObject("instance").size());
        assertEquals(1, emulator.account().loadWorld(world));

        assertEquals(1, account.changeWorld("{\"instance\":{\"i-mine\":{\"name\":\"changed\"}}}"));
        var mine = account.instance("i-mine").document();
        assertEquals("changed", mine.get("name").getAsString());
        assertEquals("ecs.g6.large", mine.get("instance_type").getAsString());

        account.resetWorld();
        assertEquals("Running", account.instance("i-web").status());
        refusedWith(404, "EcsLocal.InstanceNotFound", "i-mine", () -> account.instance("i-mine"));
    }

    @Test
    void aWorldIsReadAsOfAMoment(Account account) {
        String document = "{\"instance\":{\"i-mine\":{\"charge_type\":\"PrePaid\"}}}";
        account.runClock();
        var at = Instant.parse("2020-01-01T12:00:00.007008009Z");
        assertEquals(1, account.loadWorld(document, at));
        Clock then = new Clock(Instant.parse("2020-01-01T12:00:00.007Z"), true);
        assertEquals(then, account.clock());
        var mine = account.instance("i-mine").document();
        assertEquals("2020-02-01T12:00:00.007Z", mine.get("expires_at").getAsString());

        account.loadWorld(document);
        assertEquals(then, account.clock());
        refusedWith(400, "EcsLocal.BadRequest", "no_such_key",
                () -> account.loadWorld("{\"no_such_key\":1}", at.plusSeconds(1)));
        assertEquals(then, account.clock());
    }

    // A null of a document takes a limit away: it must not be left out.
    @Test
    void aDocumentKeepsItsNulls(Account account) {
        account.changeWorld("{\"account\":{\"bandwidth_limit_mbps\":5}}");
        assertEquals(5, account.details().bandwidthLimitMbps());
        account.changeWorld("{\"account\":{\"bandwidth_limit_mbps\":null}}");
        assertNull(account.details().bandwidthLimitMbps());
    }

    @Test
    void aWorldGoesFromOneAccountToAnotherAsItIs(EcsLocal emulator, Account account)
            throws Exception {
        String created = Ecs.create(account);
        Account other = emulator.account();
        assertEquals(6, other.loadWorld(account.world()));
        other.setClock(account.now());
        assertEquals(account.history(created), other.history(created));
        assertEquals("created", account.history(created).get(0).event());
    }

    @Test
    void documentsAreRefused(EcsLocal emulator, Account account) {
        refusedWith(400, "EcsLocal.BadRequest", "no_such_key",
                () -> account.loadWorld("{\"no_such_key\":1}"));
        refusedWith(400, "EcsLocal.BadRequest", "a world is a JSON object",
                () -> account.changeWorld("null"));

        String taken = "{\"access_key\":[{\"id\":\"" + account.keyId() + "\"}]}";
        account.changeWorld(taken);
        Account other = emulator.account();
        refusedWith(409, "EcsLocal.KeyTaken", account.keyId(), () -> other.loadWorld(taken));
        assertThrows(JsonParseException.class, () -> account.loadWorld("{"));
    }

    @Test
    void fork(Account account) throws Exception {
        Ecs.stop(account);
        account.advance(Duration.ofMinutes(1));
        Account copy = account.fork();
        assertEquals(account.clock(), copy.clock());
        assertEquals("Stopped", copy.instance("i-web").status());

        Ecs.call(copy, "StartInstance", "InstanceId", "i-web");
        assertEquals("Starting", copy.instance("i-web").status());
        assertEquals("Stopped", account.instance("i-web").status());

        Account named = account.fork(account.keyId() + "-copy");
        assertEquals(account.keyId() + "-copy", named.keyId());
        assertEquals("Stopped", named.instance("i-web").status());
        refusedWith(400, "EcsLocal.BadRequest", "another account",
                () -> account.fork(account.keyId()));
    }

    @Test
    void snapshots(Account account) throws Exception {
        String name = "before/the stop & after?";
        Clock before = account.clock();
        account.keep(name);
        assertEquals(List.of(new Snapshot(name, before.now(), 5)), account.snapshots());

        Ecs.stop(account);
        account.advance(Duration.ofMinutes(1));
        assertEquals("Stopped", account.instance("i-web").status());
        account.bringBack(name);
        assertEquals("Running", account.instance("i-web").status());
        assertEquals(before, account.clock());

        account.forget(name);
        assertEquals(List.of(), account.snapshots());
        refusedWith(404, "EcsLocal.NotFound", name, () -> account.bringBack(name));
        refusedWith(404, "EcsLocal.NotFound", name, () -> account.forget(name));
    }

    @Test
    void clock(Account account) throws Exception {
        Clock begin = account.clock();
        assertTrue(begin.frozen());

        Ecs.stop(account);
        assertEquals("Stopping", account.instance("i-web").status());
        Clock moved = account.advance(Duration.ofMillis(4999));
        assertEquals(new Clock(begin.now().plusMillis(4999), true), moved);
        assertEquals("Stopping", account.instance("i-web").status());
        account.advance(Duration.ofMillis(1));
        assertEquals("Stopped", account.instance("i-web").status());

        moved = account.setClock(Instant.parse("2031-02-03T04:05:06.007008009Z"));
        assertEquals(Instant.parse("2031-02-03T04:05:06.007Z"), moved.now());
        assertEquals(moved.now(), account.now());
        refusedWith(400, "EcsLocal.BadRequest", "does not go back",
                () -> account.setClock(begin.now()));
        refusedWith(400, "EcsLocal.BadRequest", "not a span",
                () -> account.advance(Duration.ofSeconds(-1)));

        assertFalse(account.runClock().frozen());
        assertFalse(account.clock().frozen());
        assertTrue(account.freezeClock().frozen());
        assertEquals(account.clock(), account.clock());
    }

    @Test
    void aFaultMeetsACall(Account account) throws Exception {
        var fault = Fault.builder().action("StopInstance").row("INTERNAL").times(2).build();
        var armed = only(account.armFault(fault));
        assertEquals("StopInstance", armed.action());
        assertEquals("before", armed.phase());

        var reply = Ecs.call(account, "StopInstance", "InstanceId", "i-web");
        assertEquals(500, reply.status());
        assertEquals("InternalError", reply.text("Code"));
        assertEquals("Running", account.instance("i-web").status());
        Fault struck = only(account.faults());
        assertEquals(1, struck.met());
        assertEquals(1, struck.fired());

        // Armed again, it counts from the beginning.
        assertEquals(0, account.armFault(struck).get(1).fired());

        account.disarmFaults();
        assertEquals(List.of(), account.faults());
        Ecs.stop(account);
    }

    @Test
    void aFaultHasEveryField(Account account) {
        Fault fault = Fault.builder()
                .action("StopInstance")
                .instanceId("i-web")
                .accessKeyId(account.keyId())
                .regionId("cn-hangzhou")
                .parameter("ForceStop", "true")
                .error(418, "Teapot", "short and stout")
                .delay(Duration.ofDays(400).plusMillis(90))
                .waiting(Duration.ofMillis(1))
                .truncate(0)
                .afterTheCall()
                .times(3)
                .every(2)
                .sequence(false, true)
                .probability(1)
                .build();
        assertEquals(List.of(fault), account.armFault(fault));
        refusedWith(400, "EcsLocal.BadRequest", "NO_SUCH_ROW",
                () -> account.armFault(Fault.builder().row("NO_SUCH_ROW").build()));
    }

    @Test
    void theAnswerOfAChangeIsDropped(Account account) {
        account.armFault(Fault.builder().drop().afterTheCall().build());
        assertThrows(IOException.class,
                () -> Ecs.call(account, "StopInstance", "InstanceId", "i-web"));
        assertEquals("Stopping", account.instance("i-web").status());
    }

    @Test
    void callsAndTheirFilters(Account account) throws Exception {
        String refused = Ecs.refused(account);
        Ecs.stop(account);

        Calls all = account.calls();
        assertEquals(2, all.total());
        assertEquals("StopInstance", all.calls().get(0).action());
        Call call = all.calls().get(1);
        assertEquals(refused, call.requestId());
        assertEquals(account.now(), call.at());
        assertEquals(account.keyId(), call.accessKeyId());
        assertEquals(400, call.status());
        assertEquals("InvalidInstanceStatus.NotStopped", call.code());
        assertEquals("NOT_STOPPED", call.row());
        assertEquals("The specified Instance status is not stopped.", call.message());
        assertTrue(call.fix().contains("StopInstance"), call.fix());
        assertTrue(call.signature().contains("not verified"), call.signature());
        assertEquals(List.of("Nonsense"), call.unread());

        List<CallFilter> filters = List.of(
                CallFilter.ALL.withAction("ModifyInstanceSpec"),
                CallFilter.ALL.withCode(call.code()),
                CallFilter.ALL.withStatus(400),
                CallFilter.ALL.withKeyId(account.keyId()).withStatus(400));
        for (CallFilter filter : filters) {
            assertEquals(List.of(call), account.calls(filter).calls(), filter.toString());
        }
        Call behind = only(account.calls(CallFilter.ALL.withAfter(1)).calls());
        assertEquals("StopInstance", behind.action());
        assertEquals(List.of(), account.calls(CallFilter.ALL.withKeyId(NOTHING)).calls());
    }

    @Test
    void whyOfARefusal(Account account) throws Exception {
        String refused = Ecs.refused(account);
        Explanation why = account.why(refused);
        assertEquals(refused, why.requestId());
        assertEquals("NOT_STOPPED", why.decided().row());
        assertEquals("documented", why.decided().support());
        assertTrue(why.decided().fix().contains("StopInstance"), why.decided().fix());
        var running = new JsonPrimitive("Running");
        var stopped = new JsonPrimitive("Stopped");
        assertEquals(
                List.of(new TurningPoint("instance.i-web.status", running, stopped, "")),
                why.turnedOn());
        assertEquals("2026-06-26", why.page());
        assertEquals("ecs.g6.xlarge", why.parameters().get("InstanceType"));
        assertEquals(List.of("Nonsense"), why.unread());
        var held = why.rules().stream().filter(rule -> rule.outcome().equals("held")).toList();
        assertEquals("NOT_STOPPED", only(held).row());
        refusedWith(404, "EcsLocal.NotFound", NOTHING, () -> account.why(NOTHING));
    }

    @Test
    void whyOfASuccess(EcsLocal emulator, Account account) throws Exception {
        String request = Ecs.stop(account);
        account.advance(Duration.ofSeconds(5));
        Explanation why = emulator.why(request);
        assertNull(why.decided());
        assertEquals(2, why.changed().size());
        assertFalse(why.changed().get(0).isDue());
        var due = why.changed().get(1);
        assertTrue(due.isDue());
        assertEquals("i-web", due.instanceId());
        assertEquals(why.at().plusSeconds(5), due.at());
        assertEquals(
                "{\"op\":\"replace\",\"path\":\"/instance/i-web/status\",\"value\":\"Stopped\"}",
                only(due.patch()).toString());
    }

    @Test
    void money(Account account) {
        AccountDetails before = account.details();
        assertEquals(10_000_000, before.balanceCents());
        assertEquals("1000000000000001", before.id());
        assertEquals(50_000, before.bandwidthQuotaMbps());
        assertNull(before.bandwidthLimitMbps());
        assertTrue(before.downgradePrivilege());

        assertEquals(10_000_250, account.topUp(250).balanceCents());
        AccountDetails owing = account.setArrears(true);
        assertTrue(owing.arrears());
        assertEquals(account.now(), owing.arrearsSince());
        assertFalse(account.setArrears(false).arrears());
        refusedWith(400, "EcsLocal.BadRequest", "-1", () -> account.topUp(-1));
    }

    @Test
    void orders(Account account) throws Exception {
        String id = Ecs.order(account, 5);
        Order unpaid = account.order(id);
        assertEquals(id, unpaid.id());
        assertEquals(SUBSCRIPTION, unpaid.instanceId());
        assertEquals("ModifyInstanceNetworkSpec", unpaid.operation());
        assertEquals("upgrade", unpaid.kind());
        assertEquals("unpaid", unpaid.state());
        assertEquals(0, unpaid.before().bandwidthOutMbps());
        assertEquals(5, unpaid.after().bandwidthOutMbps());
        assertEquals("PrePaid", unpaid.after().chargeType());
        assertEquals(account.now(), unpaid.createdAt());
        assertEquals(unpaid.after().expiresAt(), unpaid.lapsesAt());
        assertNull(unpaid.paidAt());
        assertEquals(Duration.ZERO, unpaid.takes());

        Order paid = account.payOrder(id);
        assertEquals("completed", paid.state());
        assertEquals(unpaid.createdAt(), paid.paidAt());
        assertEquals(10_000_000 - paid.amountCents(), account.details().balanceCents());
        refusedWith(409, "EcsLocal.OrderClosed", "completed", () -> account.payOrder(id));

        String second = Ecs.order(account, 7);
        assertEquals("cancelled", account.cancelOrder(second).state());
        refusedWith(409, "EcsLocal.OrderClosed", "cancelled", () -> account.cancelOrder(second));

        assertEquals(List.of(id, second), account.orders().stream().map(Order::id).toList());
        assertEquals(account.orders(), account.orders(SUBSCRIPTION));
        assertEquals(List.of(), account.orders("i-web"));
        refusedWith(404, "EcsLocal.OrderNotFound", NOTHING, () -> account.order(NOTHING));
    }

    @Test
    void anOrderTakesTime(Account account) throws Exception {
        String id = Ecs.call(account, "ModifyPrepayInstanceSpec",
                "RegionId", "cn-hangzhou",
                "InstanceId", SUBSCRIPTION,
                "InstanceType", "ecs.g5.xlarge").text("OrderId");
        Order processing = account.order(id);
        assertEquals("processing", processing.state());
        assertEquals(Duration.ofSeconds(7), processing.takes());
        account.advance(processing.takes());
        Order done = account.order(id);
        assertEquals("completed", done.state());
        assertEquals(done.paidAt().plus(processing.takes()), done.closedAt());
    }

    @Test
    void anInstanceAndItsHistory(Account account) throws Exception {
        Instance web = account.instance("i-web");
        assertEquals("i-web", web.id());
        assertEquals(new Instance.Guest("ecs.g6.large", 2, 8192), web.guest());
        assertEquals("web", web.document().get("name").getAsString());

        String request = Ecs.stop(account);
        HistoryEntry entry = only(account.history("i-web"));
        assertEquals(account.now(), entry.at());
        assertEquals("changed", entry.event());
        assertTrue(entry.what().contains("status"), entry.toString());
        assertEquals(new Cause("call", "StopInstance", request, null), entry.cause());
        var change = new Difference(new JsonPrimitive("Running"), new JsonPrimitive("Stopping"));
        assertEquals(change, entry.changes().get("status"));

        refusedWith(404, "EcsLocal.InstanceNotFound", NOTHING, () -> account.history(NOTHING));
        refusedWith(404, "EcsLocal.InstanceNotFound", "a/b c?d",
                () -> account.instance("a/b c?d"));
    }

    @Test
    void keysAreEscaped(EcsLocal emulator, Account account) throws Exception {
        Account odd = emulator.account("a key+to=b&c/" + account.keyId());
        assertEquals(200, Ecs.call(odd, "DescribeRegions").status());
        assertEquals(1, odd.calls().total());
    }

    private static <T> T only(List<T> list) {
        assertEquals(1, list.size(), list.toString());
        return list.get(0);
    }
}
