package io.github.ecslocal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The account of an access key: its world, clock, faults, calls, money, orders and instances. It may be
 * used by several threads at once.
 */
public final class Account {
    private final EcsLocal emulator;
    private final Control control;
    private final String keyId;

    Account(EcsLocal emulator, Control control, String keyId) {
        this.emulator = emulator;
        this.control = control;
        this.keyId = keyId;
    }

    /** The access key id, which the SDK under test is to use; any secret goes with it. */
    public String keyId() {
        return keyId;
    }

    /** The emulator it is in. */
    public EcsLocal emulator() {
        return emulator;
    }

    private Control.Request request(Operation operation, String... path) {
        return control.request(operation, path).query(Operation.WHOSE, keyId);
    }

    /** The whole world as a document, without secrets. */
    public JsonObject world() {
        return request(Operation.WORLD).read(JsonObject.class);
    }

    /**
     * Replaces the world.
     *
     * @param document what differs from the world it names in {@code base}
     * @return how many instances there are then
     * @throws EcsLocalException 400 where the document makes no sense, 409 where an access key of it
     *     belongs to another account
     */
    public int loadWorld(JsonElement document) {
        return loaded(request(Operation.LOAD_WORLD), document);
    }

    /**
     * As {@link #loadWorld(JsonElement)}, with the world read as of a moment, in whole milliseconds. The
     * clock stands still there afterwards, be it earlier or later than it was.
     *
     * @throws EcsLocalException as of {@link #loadWorld(JsonElement)}
     */
    public int loadWorld(JsonElement document, Instant at) {
        return loaded(request(Operation.LOAD_WORLD).query("at", Json.moment(at)), document);
    }

    private static int loaded(Control.Request request, JsonElement document) {
        return request.body(document).read(WorldSize.class).instances();
    }

    /**
     * As {@link #loadWorld(JsonElement)}, with the document as text.
     *
     * @throws com.google.gson.JsonParseException where it is no JSON
     */
    public int loadWorld(String document) {
        return loadWorld(JsonParser.parseString(document));
    }

    /**
     * As {@link #loadWorld(JsonElement, Instant)}, with the document as text.
     *
     * @throws com.google.gson.JsonParseException where it is no JSON
     */
    public int loadWorld(String document, Instant at) {
        return loadWorld(JsonParser.parseString(document), at);
    }

    /**
     * Lays a document over the world.
     *
     * @return how many instances there are then
     * @throws EcsLocalException as of {@link #loadWorld(JsonElement)}
     */
    public int changeWorld(JsonElement document) {
        return loaded(request(Operation.CHANGE_WORLD), document);
    }

    /**
     * As {@link #changeWorld(JsonElement)}, with the document as text.
     *
     * @throws com.google.gson.JsonParseException where it is no JSON
     */
    public int changeWorld(String document) {
        return changeWorld(JsonParser.parseString(document));
    }

    /** Makes world, clock and ids what they were before the first call. */
    public void resetWorld() {
        request(Operation.RESET_WORLD).text();
    }

    /** Gives a fresh key a copy of this world, at the same moment. */
    public Account fork() {
        return fork(emulator.account());
    }

    /**
     * Gives another key a copy of this world, at the same moment.
     *
     * @throws EcsLocalException 400 where the key is of the same account
     */
    public Account fork(String keyId) {
        return fork(emulator.account(keyId));
    }

    private Account fork(Account other) {
        request(Operation.FORK_WORLD).query("to", other.keyId).text();
        return other;
    }

    /** Keeps the world under a name, in place of what was kept under it. */
    public void keep(String name) {
        request(Operation.KEEP, name).text();
    }

    /**
     * Makes the world and its moment those that are kept under a name; they stay kept.
     *
     * @throws EcsLocalException 404 where nothing is
     */
    public void bringBack(String name) {
        request(Operation.BRING_BACK, name).text();
    }

    /**
     * Forgets the world that is kept under a name.
     *
     * @throws EcsLocalException 404 where nothing is
     */
    public void forget(String name) {
        request(Operation.FORGET, name).text();
    }

    /** The kept worlds. */
    public List<Snapshot> snapshots() {
        return request(Operation.SNAPSHOTS).readList(Snapshot.class);
    }

    /** The moment, and whether the clock stands still. */
    public Clock clock() {
        return request(Operation.CLOCK).read(Clock.class);
    }

    /** The moment the clock shows. */
    public Instant now() {
        return clock().now();
    }

    /**
     * Moves the clock forward, by whole milliseconds; what comes due on the way happens.
     *
     * @throws EcsLocalException 400 where the span is negative
     */
    public Clock advance(Duration by) {
        return moveClock("advance", Json.span(by));
    }

    /**
     * Moves the clock forward to a moment, in whole milliseconds; what comes due on the way happens.
     *
     * @throws EcsLocalException 400 where the moment is before the one the clock shows
     */
    public Clock setClock(Instant to) {
        return moveClock("set", Json.moment(to));
    }

    /** Makes the clock stand still until it is moved. */
    public Clock freezeClock() {
        return moveClock("freeze", true);
    }

    /** Lets the clock run on from where it is. */
    public Clock runClock() {
        return moveClock("run", true);
    }

    private Clock moveClock(String how, Object value) {
        return request(Operation.MOVE_CLOCK).body(Map.of(how, value)).read(Clock.class);
    }

    /**
     * Arms a fault beside those that are armed. Its counts begin at 0, whatever they say.
     *
     * @return all that are armed
     * @throws EcsLocalException 400 where the fault makes no sense
     */
    public List<Fault> armFault(Fault fault) {
        return request(Operation.ARM_FAULT).body(fault.uncounted()).readList(Fault.class);
    }

    /** The armed faults, with how many calls each met and struck. */
    public List<Fault> faults() {
        return request(Operation.FAULTS).readList(Fault.class);
    }

    /** Takes all faults back. */
    public void disarmFaults() {
        request(Operation.DISARM_FAULTS).text();
    }

    /** The latest calls, at most 1,000, the latest first. */
    public Calls calls() {
        return calls(CallFilter.ALL);
    }

    /** Those of the latest 1,000 calls that are wanted, the latest first. */
    public Calls calls(CallFilter filter) {
        return request(Operation.CALLS)
                .query("action", filter.action())
                .query("code", filter.code())
                .query("status", filter.status())
                .query("key", filter.keyId())
                .query("after", filter.after())
                .read(Calls.class);
    }

    /** Why a call was answered as it was; as {@link EcsLocal#why}. */
    public Explanation why(String requestId) {
        return emulator.why(requestId);
    }

    /** The account's money, debts and limits. */
    public AccountDetails details() {
        return request(Operation.ACCOUNT).read(AccountDetails.class);
    }

    /**
     * Pays in; arrears that this covers end.
     *
     * @param cents up to 4,294,967,295
     * @throws EcsLocalException 400 for more, or less than 0
     */
    public AccountDetails topUp(long cents) {
        return changeAccount("top_up_cents", cents);
    }

    /** Lets the account fall into arrears, or out of them. */
    public AccountDetails setArrears(boolean arrears) {
        return changeAccount("arrears", arrears);
    }

    private AccountDetails changeAccount(String what, Object value) {
        var request = request(Operation.CHANGE_ACCOUNT).body(Map.of(what, value));
        return request.read(AccountDetails.class);
    }

    /** All orders. */
    public List<Order> orders() {
        return request(Operation.ORDERS).readList(Order.class);
    }

    /** The orders of an instance. */
    public List<Order> orders(String instanceId) {
        return request(Operation.ORDERS).query("instance_id", instanceId).readList(Order.class);
    }

    /**
     * One order.
     *
     * @throws EcsLocalException 404 where there is none with this number
     */
    public Order order(String id) {
        return request(Operation.ORDER, id).read(Order.class);
    }

    /**
     * Pays an order, as the console does.
     *
     * @throws EcsLocalException 404 where there is none with this number, 409 where it is not unpaid,
     *     or money or stock are short
     */
    public Order payOrder(String id) {
        return request(Operation.PAY_ORDER, id).read(Order.class);
    }

    /**
     * Calls an order off.
     *
     * @throws EcsLocalException 404 where there is none with this number, 409 where it is neither
     *     unpaid nor invalid
     */
    public Order cancelOrder(String id) {
        return request(Operation.CANCEL_ORDER, id).read(Order.class);
    }

    /**
     * An instance as its world has it, and what its guest sees.
     *
     * @throws EcsLocalException 404 where there is none
     */
    public Instance instance(String id) {
        return request(Operation.INSTANCE, id).read(Instance.class);
    }

    /**
     * The life of an instance, also of one that is released, the oldest entry first.
     *
     * @throws EcsLocalException 404 where there never was one
     */
    public List<HistoryEntry> history(String id) {
        return request(Operation.HISTORY, id).readList(HistoryEntry.class);
    }
}
