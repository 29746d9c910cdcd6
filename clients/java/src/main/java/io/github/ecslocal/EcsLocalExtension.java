package io.github.ecslocal;

import java.lang.reflect.Constructor;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests of JUnit 5 an emulator and an account: {@code @ExtendWith(EcsLocalExtension.class)}, then
 * parameters of the types {@link EcsLocal} and {@link Account}.
 *
 * <p>The emulator is one for the whole test run, started when it is first asked for and ended with the
 * run; where $ECS_LOCAL_ENDPOINT is set, the one that runs there. JUnit's configuration parameter {@code
 * ecs-local.arguments} has arguments for it, with blanks between them, such as {@code --clock manual}.
 *
 * <p>Each test has an account of its own, which its {@code @BeforeEach} and {@code @AfterEach} share. One
 * that {@code @BeforeAll} asks for is that of all tests of the class.
 */
public final class EcsLocalExtension implements ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(EcsLocalExtension.class);

    private final Map<String, String> environment;

    /** For {@code @ExtendWith}. */
    public EcsLocalExtension() {
        this(System.getenv());
    }

    EcsLocalExtension(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == EcsLocal.class || type == Account.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        EcsLocal emulator = emulator(context);
        if (parameter.getParameter().getType() == EcsLocal.class) {
            return emulator;
        }
        if (parameter.getDeclaringExecutable() instanceof Constructor) {
            throw new ParameterResolutionException(
                    "a constructor has no Account: it would be that of all tests of the class; "
                            + "ask for it in the test, or in @BeforeEach");
        }
        var store = context.getStore(NAMESPACE);
        return store.getOrComputeIfAbsent(Account.class, key -> emulator.account());
    }

    private EcsLocal emulator(ExtensionContext context) {
        ExtensionContext run = context.getRoot();
        var store = run.getStore(NAMESPACE);
        var shared = store.getOrComputeIfAbsent(Shared.class, key -> new Shared(open(run)), Shared.class);
        return shared.emulator;
    }

    private EcsLocal open(ExtensionContext run) {
        if (!environment.getOrDefault("ECS_LOCAL_ENDPOINT", "").isEmpty()) {
            return EcsLocal.connect(null, null, environment);
        }
        String arguments = run.getConfigurationParameter("ecs-local.arguments").orElse("").strip();
        var builder = new EcsLocal.Builder(environment);
        return (arguments.isEmpty() ? builder : builder.arguments(arguments.split("\\s+"))).start();
    }

    /**
     * JUnit closes what is in its store when the run ends: older versions a CloseableResource, newer
     * ones an AutoCloseable.
     */
    private record Shared(EcsLocal emulator) implements CloseableResource, AutoCloseable {
        @Override
        public void close() {
            emulator.close();
        }
    }
}
