// What the extension gives: tests of their own are run here as JUnit runs them, and asked afterwards
// what they got. The nested classes are those tests; on their own they do nothing.

package io.github.ecslocal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

class ExtensionTest {
    private static final List<EcsLocal> EMULATORS = new ArrayList<>();
    private static final List<Account> ACCOUNTS = new ArrayList<>();
    private static EcsLocal running;

    @BeforeEach
    void forget() {
        EMULATORS.clear();
        ACCOUNTS.clear();
    }

    @ExtendWith(EcsLocalExtension.class)
    static class One {
        private Account before;

        @BeforeEach
        void ask(Account account) {
            before = account;
        }

        @Test
        void first(EcsLocal emulator, Account account) {
            note(emulator, account);
        }

        @Test
        void second(EcsLocal emulator, Account account) {
            note(emulator, account);
        }

        private void note(EcsLocal emulator, Account account) {
            assertSame(before, account);
            assertTrue(account.clock().frozen());
            EMULATORS.add(emulator);
            ACCOUNTS.add(account);
        }
    }

    @ExtendWith(EcsLocalExtension.class)
    static class Another {
        @BeforeAll
        static void ask(Account account) {
            ACCOUNTS.add(account);
        }

        @Test
        void test(EcsLocal emulator, Account account) {
            EMULATORS.add(emulator);
            ACCOUNTS.add(account);
        }
    }

    @Test
    void oneEmulatorForTheRunAndAnAccountForEachTest() {
        assertEquals(3, run(One.class, Another.class).getTestsSucceededCount());
        assertEquals(3, EMULATORS.size());
        EcsLocal emulator = EMULATORS.get(0);
        EMULATORS.forEach(it -> assertSame(emulator, it));
        assertFalse(emulator.process().process().isAlive());

        assertEquals(4, ACCOUNTS.size());
        assertNotEquals(ACCOUNTS.get(0).keyId(), ACCOUNTS.get(1).keyId());
        assertNotEquals(ACCOUNTS.get(1).keyId(), ACCOUNTS.get(2).keyId());
        assertSame(ACCOUNTS.get(2), ACCOUNTS.get(3));
    }

    @ExtendWith(EcsLocalExtension.class)
    static class Constructed {
        Constructed(Account account) {
            ACCOUNTS.add(account);
        }

        @Test
        void test() {}
    }

    @Test
    void aConstructorHasNoAccount() {
        TestExecutionSummary summary = run(Constructed.class);
        assertEquals(1, summary.getTestsFailedCount());
        var text = new StringWriter();
        summary.printFailuresTo(new PrintWriter(text));
        assertTrue(text.toString().contains("a constructor has no Account"), text.toString());
    }

    static class Connected {
        @RegisterExtension
        static final EcsLocalExtension EXTENSION =
                new EcsLocalExtension(Map.of("ECS_LOCAL_ENDPOINT", running.url()));

        @Test
        void test(EcsLocal emulator) {
            EMULATORS.add(emulator);
        }
    }

    @Test
    void anEmulatorThatRunsIsTaken() {
        try (EcsLocal started = EcsLocal.start()) {
            running = started;
            assertEquals(1, run(Connected.class).getTestsSucceededCount());
            assertEquals(started.url(), EMULATORS.get(0).url());
            assertEquals("ok", started.health().status());
        }
    }

    private static TestExecutionSummary run(Class<?>... tests) {
        var request = LauncherDiscoveryRequestBuilder.request()
                .configurationParameter("ecs-local.arguments", " --clock manual  --seed 7 ");
        for (Class<?> test : tests) {
            request.selectors(selectClass(test));
        }
        var listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request.build(), listener);
        return listener.getSummary();
    }
}
