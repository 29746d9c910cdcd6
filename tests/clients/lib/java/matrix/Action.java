// Something to run that may throw, as every call of an SDK may: a step, or a call within one.

package matrix;

@FunctionalInterface
public interface Action {
    void run() throws Exception;
}
